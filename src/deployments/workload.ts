import type { Job } from "../schedule/job.ts"
import type { Assumption } from "../sizing/index.ts"
import type { ResourceEnvironment } from "./environment.ts"
import type { Bounds } from "./resource-pool.ts"

/** A service or a job of a platform. Each container with the database's variable has a pool of its own. */
export interface Workload {
  readonly containers: readonly ResourceEnvironment[]
  /** Containers that end before the others start: each entry is the containers that then run. */
  readonly initial?: readonly (readonly ResourceEnvironment[])[]
  /** The defaults assumed for omitted attributes; `name` is the attribute. */
  readonly assumptions: readonly AssumedAttribute[]
  /** Attributes that the sum depends on and that are known only after apply; `runs` has them at their highest. */
  readonly unknowns: readonly UnknownAttribute[]
  /** A service has instances, and a job has runs. */
  readonly runs: ServiceInstances | JobSchedule
  /** For a job: the runs that applying the plan starts. */
  readonly startedByDeploy?: number
}

/** A service, which runs all the time. */
export interface ServiceInstances {
  readonly instances: number
  /** The fewest that an autoscaler leaves; by default there is none that changes their number. */
  readonly fewest?: number
  /**
   * The rule for the instances that a deploy adds to that many, at the least and at the most. By default a deploy starts
   * as many new ones before it stops the old ones.
   */
  readonly surge?: (instances: number) => Bounds
}

/** A job, started by a schedule or by hand. */
export interface JobSchedule {
  readonly job: Omit<Job, "name" | "poolSize">
  /** Set if nothing ends a run: the runs at a time that then count at any instant. */
  readonly endlessRuns?: number
  /** Replaces fields of the job in the lowest sum, which follow from one that is not known. */
  readonly atLeast?: Partial<Pick<Job, "timeout">>
  /** The seconds from one start to the next, for a job that starts at a fixed distance and has no `schedule`. */
  readonly everySeconds?: number
  /** True if it is not known whether it is switched on: at the least it then never runs. */
  readonly mayBeOff?: true
  /** The reason why its schedule is not known. The job then counts with the densest schedule that it may have. */
  readonly unknownSchedule?: string
  /** The range in words; by default one run or a start every minute. */
  readonly between?: string
  /** Further schedules of the same job. Each counts as a job of its own, with the same other fields. */
  readonly further?: readonly FurtherSchedule[]
}

/** A further schedule of a job: five fields with a zone, or the runs at a time of an interval. */
export interface FurtherSchedule {
  readonly timing: Pick<Job, "schedule" | "timezone" | "concurrent">
  /** False if it may be another job's. */
  readonly isCertain: boolean
}

export interface AssumedAttribute extends Assumption {
  /** The field of an override that sets it. */
  readonly field: string
}

/** An attribute that is set, to a value that is not known. */
export interface UnknownAttribute {
  readonly name: string
  /** The field of an override that sets it. */
  readonly field: "instances" | "replicas" | "retries" | "timeout" | "schedule" | "concurrent"
  /** For a field that is a number or a duration, what the lowest sum counts. */
  readonly lowest: number | string
  /** The highest value that the platform accepts; undefined if it documents none. */
  readonly highest: number | string | undefined
  /** The reason why it is not known; by default, that it is known only after apply. */
  readonly problem?: string
  /** The range in words; by default from the lowest to the highest. */
  readonly between?: string
  /** The way to make it known; by default, a value that the plan shows, or an override. */
  readonly remedy?: string
}

/** Assumptions and unknowns of a resource's attributes. */
export interface AttributeFindings {
  readonly assumptions: AssumedAttribute[]
  readonly unknowns: UnknownAttribute[]
}

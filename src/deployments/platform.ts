import type { Job } from "../schedule/job.ts"
import type { Assumption } from "../sizing/index.ts"
import type { ResourceEnvironment } from "./environment.ts"
import type { Attributes } from "./terraform/attributes.ts"
import type { Resource } from "./terraform/resource.ts"

/** What a platform runs. Each container with the database's variable has a pool of its own. */
export interface Workload {
  readonly containers: readonly ResourceEnvironment[]
  /** What was taken for attributes that the resource leaves open; `name` is the attribute. */
  readonly assumptions: readonly AssumedAttribute[]
  /** Attributes that count, and that are known only after apply; `runs` has them at their highest. */
  readonly unknowns: readonly UnknownAttribute[]
  /** A service has instances, and a job has runs. */
  readonly runs: ServiceInstances | JobSchedule
}

/** A service that goes on all the time. */
export interface ServiceInstances {
  readonly instances: number
}

/** What is started by a schedule or by hand. */
export interface JobSchedule {
  readonly job: Omit<Job, "name" | "poolSize">
  /** Why its schedule is not known; it then counts as the densest there is. */
  readonly unknownSchedule?: string
}

export interface AssumedAttribute extends Assumption {
  /** The field that states it: what an override sets. */
  readonly field: string
}

/** An attribute that is set, to something that nobody knows yet. */
export interface UnknownAttribute {
  readonly name: string
  /** The field that it sets, and that an override states. */
  readonly field: "instances" | "replicas" | "retries" | "timeout"
  readonly lowest: number | string
  /** The most that the platform takes; undefined where it says nothing of one. */
  readonly highest: number | string | undefined
}

/** What a platform notices of a resource's attributes. */
export interface AttributeFindings {
  readonly assumptions: AssumedAttribute[]
  readonly unknowns: UnknownAttribute[]
}

/** A PostgreSQL server. */
export interface DatabaseServer {
  /** Undefined where the plan does not say. */
  readonly maxConnections: number | undefined
  /** Why not. */
  readonly reason?: string
  /** The names and addresses that the plan has for it. */
  readonly hosts?: readonly string[]
  /** `DB-GP-S`, as it is written. */
  readonly nodeType?: string
  /** The `max_connections` of that node type in the sizing document, whose table is a first guess. */
  readonly documented?: number
}

/** What a resource may need to know of the rest of its document. */
export interface Context {
  /** The variables that decide whether, and with how many connections, something connects. */
  readonly variables: readonly string[]
  /** The resources that an attribute of one refers to, by its id or, before there is one, by its expression. */
  resolve(resource: Resource, attribute: string, type: string): Resolved
}

export interface Resolved {
  readonly resources: readonly Resource[]
  /** If not, it is one of these, or one that is not in the document. */
  readonly isCertain: boolean
}

/** How an action says which job it starts. */
export interface Starter {
  /** The type of the job. */
  readonly type: string
  /** The attribute with its id. */
  readonly attribute: string
  /** The attribute with the number of runs; 1 where it is left out. */
  readonly runs: string
}

/** How to read the resources of one provider: one file for each. */
export interface Platform {
  /** As in "Scaleway's default". */
  readonly name: string
  /** What may open connections, by the type of the resource. */
  readonly workloads: Readonly<
    Record<string, (attributes: Attributes, resource: Resource, context: Context) => Workload>
  >
  /** PostgreSQL servers by type; undefined where the resource is another kind of server. */
  readonly servers: Readonly<Record<string, (attributes: Attributes) => DatabaseServer | undefined>>
  /** Types of actions that start a run of a job, as a deploy does. */
  readonly starters: Readonly<Record<string, Starter>>
  /** Types that hold the environment of others, and open no connection themselves. */
  readonly holders: readonly string[]
}

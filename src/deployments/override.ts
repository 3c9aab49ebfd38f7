import type { FleetConsumer, Job } from "../sizing/index.ts"
import type { Resource } from "./terraform/resource.ts"

/** What counts in place of what a resource says, with the reason, which is shown. */
export interface Override
  extends Partial<FleetConsumer>,
    Partial<Omit<Job, "name" | "schedule" | "poolSize" | "poolsPerInstance">> {
  readonly reason: string
  /** A cron expression, or several: each counts as a job of its own, with the same other fields. */
  readonly schedule?: string | readonly string[]
  /**
   * Of a job: the runs that a deploy starts, such as one for the migrations, 0 to 1,000,000. They count in the deploy's
   * sum, on top of those that the schedule starts. By default as many as the actions of the plan start.
   */
  readonly startedByDeploy?: number
}

/** What stands for a resource: its own entry, or that of all of its instances; with its document's name, or without. */
export function forResource<Value>(
  table: Readonly<Record<string, Value>>,
  { address, ownAddress }: Pick<Resource, "address" | "ownAddress">,
): { readonly key: string; readonly value: Value } | undefined {
  const names = [address, ownAddress].flatMap((name) => [name, name.replace(INDEX, "")])
  const key = names.find((name) => Object.hasOwn(table, name))
  return key === undefined ? undefined : { key, value: table[key] as Value }
}

/** The first of several schedules; the jobs of the others are made from its job. */
export const firstSchedule = (schedule: Override["schedule"]): string | undefined =>
  typeof schedule === "object" ? schedule[0] : schedule

/** The last index of an address: `[0]`, `["key"]`. */
const INDEX = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/

/** Of any resource that connects. */
export const POOL_FIELDS = ["poolSize", "poolsPerInstance"] as const
export const SERVICE_FIELDS = ["instances", "surge"] as const
export const DEPLOY_FIELDS = ["startedByDeploy"] as const
/** What a job of a fleet has. */
export const JOB_FIELDS = [
  "schedule",
  "timezone",
  "timeout",
  "retries",
  "duration",
  "maxRuns",
  "replicas",
  "concurrent",
] as const

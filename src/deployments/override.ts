import { jobShape } from "../schedule/read-jobs.ts"
import { readSchedule } from "../schedule/read-schedule.ts"
import { timingShape } from "../schedule/read-timing.ts"
import { consumerRules, poolSizeRule } from "../sizing/fleet-rules.ts"
import type { FleetConsumer, Job } from "../sizing/index.ts"
import { integerField } from "../validation/number-fields.ts"
import { MAX_COUNT, type NumberRule } from "../validation/numbers.ts"
import { either, field, list, object, optional, rule } from "../validation/schema.ts"
import { textField } from "../validation/text-fields.ts"
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

/** A reason, which is shown. */
export const reasonField = textField("Say why, in a text: it is shown with the verdict", {
  description: "Shown beside the value",
})

const startedByDeployRule: NumberRule = {
  description: "the runs of a job that a deploy starts; by default those that the actions of the plan start",
  min: 0,
  max: MAX_COUNT,
}

const scheduleField = field(readSchedule)

const scheduleList = list(
  scheduleField,
  "Give a list of schedules",
  rule<readonly unknown[]>(function* (schedules) {
    if (schedules.length > 0) return
    yield { path: [], problem: "is an empty list", remedy: "Give a schedule, or leave it out" }
  }),
)

/** An override, as a declaration and `fleetFromTerraform` take it. */
export const overrideSchema = object({
  reason: reasonField,
  poolSize: optional(integerField(poolSizeRule)),
  poolsPerInstance: optional(integerField(consumerRules.poolsPerInstance)),
  instances: optional(integerField(consumerRules.instances)),
  surge: optional(integerField(consumerRules.surge)),
  ...timingShape,
  schedule: optional(
    either<unknown>((value) => (Array.isArray(value) ? scheduleList : scheduleField), {
      anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }],
      description:
        "Five cron fields as in crontab(5), or a list of them: each counts as a job of its own, with the same other fields",
    }),
  ),
  maxRuns: jobShape.maxRuns,
  replicas: jobShape.replicas,
  startedByDeploy: optional(integerField(startedByDeployRule)),
} satisfies Record<keyof Override, unknown>)

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

import { jobShape } from "../schedule/read-jobs.ts"
import { readSchedule } from "../schedule/read-schedule.ts"
import { timingShape } from "../schedule/read-timing.ts"
import { budgetRule, consumerRules } from "../sizing/fleet-rules.ts"
import type { FleetConsumer, Job, SizedConsumer } from "../sizing/index.ts"
import { poolSizeField } from "../sizing/parse-consumers.ts"
import { integerField } from "../validation/number-fields.ts"
import { MAX_COUNT, type NumberRule } from "../validation/numbers.ts"
import { type Reader, refused } from "../validation/problem.ts"
import { either, field, list, object, optional, rule } from "../validation/schema.ts"
import { textField } from "../validation/text-fields.ts"

/** Values that replace those of a resource, with the reason, which is shown. */
export interface Override
  extends Partial<Pick<SizedConsumer, "instances" | "poolsPerInstance" | "surge">>,
    Partial<Omit<Job, "name" | "pooler" | "schedule" | "poolSize" | "poolsPerInstance">> {
  readonly reason: string
  /** Connections in each pool, or `auto`: the pools of all instances share a budget. */
  readonly poolSize?: FleetConsumer["poolSize"]
  /** What the pools may hold together whose size is `auto`, 1 to 1,000,000. Default: what `PRISMA_POOL_BUDGET` says. */
  readonly budget?: number
  /** One cron expression, or several: each counts as a job of its own, with the same other fields. */
  readonly schedule?: string | readonly string[]
  /**
   * For a job: the runs that a deploy starts, such as one for the migrations, 0 to 1,000,000. They count in the
   * deploy's sum, in addition to the runs that the schedule starts. Default: the runs that the actions of the plan
   * start.
   */
  readonly startedByDeploy?: number
  /** The pooler that its pools connect through, as under `poolers` of a declaration; false: none, to the server itself. */
  readonly pooler?: string | false
}

/** Reads a reason, which is shown. */
export const reasonField = textField("Give the reason, as a string: it is shown with the verdict", {
  description: "Shown beside the value",
})

const startedByDeployRule: NumberRule = {
  description: "the runs of a job that a deploy starts; by default those that the actions of the plan start",
  min: 0,
  max: MAX_COUNT,
}

const readPooler: Reader<string | false> = (value) =>
  value === false || (typeof value === "string" && value.trim() !== "")
    ? value
    : refused(value, "Give the name of a pooler, or false for none")

const scheduleField = field(readSchedule)

const scheduleList = list(
  scheduleField,
  "Give an array of schedules",
  rule<readonly unknown[]>(function* (schedules) {
    if (schedules.length > 0) return
    yield { path: [], problem: "is an empty array", remedy: "Give a schedule, or leave it out" }
  }),
)

/** Reads an override, as a declaration and `fleetFromTerraform` take it. */
export const overrideSchema = object({
  reason: reasonField,
  poolSize: optional(poolSizeField),
  budget: optional(integerField(budgetRule)),
  poolsPerInstance: optional(integerField(consumerRules.poolsPerInstance)),
  instances: optional(integerField(consumerRules.instances)),
  surge: optional(integerField(consumerRules.surge)),
  ...timingShape,
  schedule: optional(
    either<unknown>((value) => (Array.isArray(value) ? scheduleList : scheduleField), {
      anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }],
      description:
        "Five cron fields as in crontab(5), or an array of them: each counts as a job of its own, with the same other fields",
    }),
  ),
  maxRuns: jobShape.maxRuns,
  replicas: jobShape.replicas,
  startedByDeploy: optional(integerField(startedByDeployRule)),
  pooler: optional(
    field(readPooler, {
      anyOf: [{ type: "string", pattern: "\\S" }, { const: false }],
      description: "The pooler that it connects through, as under poolers; false: none",
    }),
  ),
} satisfies Record<keyof Override, unknown>)

/** Something that has an address in a document. */
export interface Addressed {
  /** The address, after the document's name if there are several documents. */
  readonly address: string
  /** The address as written in the document, or without the namespace. */
  readonly ownAddress: string
  /** The file and line, such as `k8s/api.yaml:12`, if the document has lines. */
  readonly place?: string
}

/** Finds the entry for a resource: its own, or that of all its instances; with its document's name, or without. */
export function forResource<Value>(
  table: Readonly<Record<string, Value>>,
  { address, ownAddress }: Addressed,
): { readonly key: string; readonly value: Value } | undefined {
  const names = [address, ownAddress].flatMap((name) => [name, name.replace(INDEX, "")])
  const key = names.find((name) => Object.hasOwn(table, name))
  return key === undefined ? undefined : { key, value: table[key] as Value }
}

/** The first of several schedules. `eachSchedule` makes the jobs of the others from its job. */
export const firstSchedule = (schedule: Override["schedule"]): string | undefined =>
  typeof schedule === "object" ? schedule[0] : schedule

/** The last index of an address: `[0]`, `["key"]`. */
const INDEX = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/

export const SERVICE_FIELDS = ["instances", "surge"] as const
export const DEPLOY_FIELDS = ["startedByDeploy"] as const
/** The fields that only a job has. */
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

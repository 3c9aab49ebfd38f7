import { poolerField } from "../schedule/read-jobs.ts"
import { integerField, twoDecimalsField } from "../validation/number-fields.ts"
import { integer } from "../validation/numbers.ts"
import { isProblem, type Problem, refused } from "../validation/problem.ts"
import { type Conflict, field, object, optional, rule, type Schema } from "../validation/schema.ts"
import type { SharedBudget } from "./auto-budget.ts"
import { leastBudget } from "./auto-budget.ts"
import type { FleetConsumer } from "./fleet.ts"
import { budgetRule, consumerRules, maxRule, minRule, poolSizeRule, weightRule } from "./fleet-rules.ts"
import type { OpenConsumer } from "./open-fleet.ts"
import {
  fixedSize,
  openMost,
  openSizeOf,
  type ParsedSize,
  type SizeValues,
  SOLVING_FIELDS,
  sizeConflicts,
  sizeOf,
} from "./parse-size.ts"

/** A consumer with its name and its defaults filled in. */
export interface ParsedConsumer {
  readonly name: string
  /** Undefined where it is not known, which only a shared budget allows. */
  readonly instances: number | undefined
  readonly poolsPerInstance: number
  readonly surge: number
  /** `instances × poolsPerInstance`: how often the size counts. */
  readonly steadyPools: number
  /** The same with `instances + surge`. */
  readonly deployPools: number
  readonly size: ParsedSize
  /** Present where the pools share a budget: it is a multiple of the size, and counts once. */
  readonly shared?: SharedBudget
  /** Present where its connections are the clients of a pooler. */
  readonly pooler?: string
}

const others = {
  poolsPerInstance: integerField(consumerRules.poolsPerInstance),
  surge: integerField(consumerRules.surge),
  pooler: optional(poolerField),
}

const AUTO = "auto"

/** A number, or `auto`. */
const readPoolSize = (value: unknown): number | typeof AUTO | Problem => {
  if (value === AUTO) return AUTO
  const size = integer(poolSizeRule)(value)
  if (!isProblem(size)) return size
  const { description, min, max } = poolSizeRule
  return refused(
    value,
    `Give ${description}, a whole number from ${min} to ${max}, or "${AUTO}" with a budget`,
  )
}

/** Reads a pool size that may be `auto`. */
export const poolSizeField: Schema<number | typeof AUTO> = field<number | typeof AUTO>(readPoolSize, {
  anyOf: [{ type: "integer", minimum: poolSizeRule.min, maximum: poolSizeRule.max }, { const: AUTO }],
  description: `The connections in each pool, or "${AUTO}": the pools of all instances share a budget`,
})

const instances = optional(integerField(consumerRules.instances))
const budget = optional(integerField(budgetRule))

/** The fields of a consumer with a size. */
export const consumerShape = { instances, poolSize: poolSizeField, budget, ...others } satisfies Record<
  keyof FleetConsumer,
  unknown
>

/** The fields of a consumer whose size may be open. */
export const openConsumerShape = {
  instances,
  poolSize: optional(poolSizeField),
  budget,
  weight: optional(twoDecimalsField(weightRule)),
  min: optional(integerField(minRule)),
  max: optional(integerField(maxRule)),
  ...others,
} satisfies Record<keyof OpenConsumer, unknown>

/** The parsed values of the fields that say how many connections there are. */
interface SharedSizeValues extends Omit<SizeValues, "poolSize"> {
  readonly instances?: number | undefined
  readonly poolSize?: number | typeof AUTO | undefined
  readonly budget?: number | undefined
  readonly pooler?: string | undefined
}

/** @param isOpen true if a budget may be left to be solved for */
const conflictsOf = (isOpen: boolean) =>
  rule<SharedSizeValues>((values) => {
    const { poolSize } = values
    return poolSize === AUTO ? autoConflicts(values, isOpen) : sizedConflicts({ ...values, poolSize })
  })

function autoConflicts({ budget: given, pooler, ...values }: SharedSizeValues, isOpen: boolean): Conflict[] {
  const isSolved = isOpen && values.weight !== undefined
  const isNothing = given === undefined && !isSolved
  const besides = SOLVING_FIELDS.filter(
    (name) => values[name] !== undefined && (name !== "weight" || given !== undefined),
  )
  return [
    ...(typeof pooler === "string"
      ? [
          {
            path: ["poolSize"],
            problem: `cannot be "${AUTO}" behind a pooler: its pools count the server's sessions, which are the pooler's`,
            remedy: "Give a number, or leave out pooler",
          },
        ]
      : []),
    ...(isNothing
      ? [
          {
            path: ["budget"],
            problem: `is missing, which poolSize "${AUTO}" needs`,
            remedy: `Give ${budgetRule.description} (the CONNECTION LIMIT of its role, or PRISMA_POOL_BUDGET)${isOpen ? ", or weight, by which prisma-pool plan computes it" : ""}`,
          },
        ]
      : []),
    ...besides.map((name) => ({
      path: [name],
      problem:
        name === "weight"
          ? "cannot be combined with budget, which leaves nothing to solve for"
          : `cannot be combined with poolSize "${AUTO}", which bounds no single pool`,
      remedy:
        name === "weight" ? "Leave out budget or weight" : `Leave out ${name}, or give a number as poolSize`,
    })),
  ]
}

function sizedConflicts({
  instances: count,
  budget: given,
  pooler: _,
  ...size
}: SharedSizeValues & SizeValues): Conflict[] {
  const missing = count === undefined ? integer(consumerRules.instances)(count) : 0
  return [
    ...(isProblem(missing) ? [{ path: ["instances"], ...missing }] : []),
    ...(given === undefined
      ? []
      : [
          {
            path: ["budget"],
            problem: `has no effect without poolSize "${AUTO}"`,
            remedy: "Give both, or leave it out",
          },
        ]),
    ...sizeConflicts(size),
  ]
}

export const consumerSchema = object(consumerShape, conflictsOf(false))
/** Refuses what the fields of an open consumer say together. */
export const openConsumerRule = conflictsOf(true)
export const openConsumerSchema = object(openConsumerShape, openConsumerRule)

/** The parsed values of these fields. */
interface ConsumerValues extends SharedSizeValues {
  readonly poolsPerInstance: number
  readonly surge: number
}

export function parsedConsumer(name: string, values: ConsumerValues, usable: number): ParsedConsumer {
  const { instances: count, poolsPerInstance, surge, poolSize, budget: given, pooler, ...size } = values
  const behind = pooler === undefined ? {} : { pooler }
  const named = { name, instances: count, poolsPerInstance, surge, ...behind }
  const pools = (number: number) => number * poolsPerInstance
  const known = count === undefined ? undefined : { steady: pools(count), deploy: pools(count + surge) }
  if (poolSize !== AUTO) {
    const { steady, deploy } = known ?? { steady: 0, deploy: 0 }
    const own = poolSize === undefined ? size : { poolSize }
    return { ...named, steadyPools: steady, deployPools: deploy, size: sizeOf(own, openMost(usable, pooler)) }
  }
  const unit = given === undefined ? Math.max(1, known?.steady ?? 1) : 1
  const counted = (phase: "steady" | "deploy") => (known?.[phase] === 0 ? 0 : unit)
  return {
    ...named,
    steadyPools: counted("steady"),
    deployPools: counted("deploy"),
    size:
      given === undefined
        ? openSizeOf({ ...size, max: Math.max(1, Math.floor(usable / unit)) }, usable)
        : fixedSize(given),
    shared: { unit, least: given === undefined ? leastBudget(known?.deploy ?? 1) : 1, pools: known },
  }
}

import * as z from "zod/mini"
import { PoolConfigError } from "../error.ts"
import { schemaIssues } from "./schema-issues.ts"

/**
 * Causes that somebody may take note of, once. What decides the sum of what is counted is never among them: the ceiling,
 * a size, a count, a schedule, an incomplete plan.
 */
export const ACKNOWLEDGEABLE = ["type", "namespace", "environment", "host", "variable", "analytics"] as const

/** A cause of unknowns that somebody has taken note of: it adds nothing, and is shown. */
export interface AcknowledgedCause {
  readonly cause: (typeof ACKNOWLEDGEABLE)[number]
  /** Of the resource; `*` stands for any text. */
  readonly address: string
  /** The variable or attribute, as in the unknown. */
  readonly attribute?: string
  /** Shown beside it. */
  readonly reason: string
  /** How many unknowns it is for: with more of them, all are unknown again. */
  readonly matches: number
}

/** What `pool.baseline.json` holds: what was unknown and is taken note of, and what was counted. */
export interface Baseline {
  readonly acknowledged: readonly AcknowledgedCause[]
  /** Addresses of the resources that connect. */
  readonly counted: readonly string[]
}

const text = z.string().check(z.regex(/\S/))

const schema = z.strictObject({
  acknowledged: z.array(
    z.strictObject({
      cause: z.enum(ACKNOWLEDGEABLE),
      address: text,
      attribute: z.optional(text),
      reason: text,
      matches: z.int().check(z.minimum(1)),
    }),
  ),
  counted: z.array(text),
})

/**
 * Reads a baseline, as it was parsed from JSON.
 *
 * @throws PoolConfigError naming everything that is wrong, by its path
 */
export function readBaseline(value: unknown): Baseline {
  const result = schema.safeParse(value)
  if (!result.success) {
    throw new PoolConfigError(
      result.error.issues.flatMap((issue) => schemaIssues(issue, value, "pool.baseline")),
    )
  }
  return value as Baseline
}

import { integerField } from "../validation/number-fields.ts"
import { parse } from "../validation/parse.ts"
import { field, list, object, optional } from "../validation/schema.ts"
import { choice } from "../validation/text.ts"
import { textField } from "../validation/text-fields.ts"

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

const text = textField("Give a text that is not blank")

const schema = object({
  acknowledged: list(
    object({
      cause: field(choice(ACKNOWLEDGEABLE)),
      address: text,
      attribute: optional(text),
      reason: text,
      matches: integerField({
        description: "how many unknowns it is for",
        min: 1,
        max: Number.MAX_SAFE_INTEGER,
      }),
    } satisfies Record<keyof AcknowledgedCause, unknown>),
    "Give a list",
  ),
  counted: list(text, "Give a list of addresses"),
} satisfies Record<keyof Baseline, unknown>)

/**
 * Reads a baseline, as it was parsed from JSON.
 *
 * @throws PoolConfigError naming everything that is wrong, by its path
 */
export function readBaseline(value: unknown): Baseline {
  parse(schema, value, "pool.baseline")
  return value as Baseline
}

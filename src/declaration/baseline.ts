import { integerField } from "../validation/number-fields.ts"
import { parse } from "../validation/parse.ts"
import { field, list, object, optional } from "../validation/schema.ts"
import { choice } from "../validation/text.ts"
import { textField } from "../validation/text-fields.ts"

/**
 * Causes that a baseline may acknowledge. Never among them is anything that decides the total of what is counted: the
 * ceiling, a size, a count, a schedule, an incomplete plan.
 */
export const ACKNOWLEDGEABLE = ["type", "namespace", "environment", "host", "variable", "analytics"] as const

/** An acknowledged cause of unknowns: it adds nothing, and is shown. */
export interface AcknowledgedCause {
  readonly cause: (typeof ACKNOWLEDGEABLE)[number]
  /** The resource's address; `*` matches any string. */
  readonly address: string
  /** The variable or attribute, as in the unknown. */
  readonly attribute?: string
  /** Shown with it. */
  readonly reason: string
  /** The number of unknowns that it covers. If there are more, all of them are unknown again. */
  readonly matches: number
}

/** The content of `pool.baseline.json`: the acknowledged unknowns, and the counted resources. */
export interface Baseline {
  readonly acknowledged: readonly AcknowledgedCause[]
  /** Addresses of the resources that connect. */
  readonly counted: readonly string[]
}

const text = textField("Give a string that is not blank")

const schema = object({
  acknowledged: list(
    object({
      cause: field(choice(ACKNOWLEDGEABLE)),
      address: text,
      attribute: optional(text),
      reason: text,
      matches: integerField({
        description: "the number of unknowns that it covers",
        min: 1,
        max: Number.MAX_SAFE_INTEGER,
      }),
    } satisfies Record<keyof AcknowledgedCause, unknown>),
    "Give an array",
  ),
  counted: list(text, "Give an array of addresses"),
} satisfies Record<keyof Baseline, unknown>)

/**
 * Reads a baseline that was parsed from JSON.
 *
 * @throws PoolConfigError naming everything that is wrong, by its path
 */
export function readBaseline(value: unknown): Baseline {
  parse(schema, value, "pool.baseline")
  return value as Baseline
}

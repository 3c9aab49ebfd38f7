import { shortened } from "../error.ts"

/** A change of the declaration that can lower the total or raise the ceiling. */
export interface Relaxation {
  /** The dotted path of the field: `consumers.api.instances`. */
  readonly name: string
  /** The previous value, or its default. Null: there was none. */
  readonly from: ShownValue
  /** The new value, or its default. Null: there is none any more. */
  readonly to: ShownValue
}

/** A value as a relaxation shows it: short, and never a URL. */
export type ShownValue = number | string | null

const LONGEST_VALUE = 200

/** Shows a string that comes from the input. */
export const shownText = (text: string): string =>
  text.includes("://") ? "a URL" : shortened(text, LONGEST_VALUE)

/** Sums up an object in a line: the numbers and strings in it, without its name or reason. */
export function summaryOf(part: object): string {
  const fields = Object.entries(part).flatMap(([field, value]: [string, unknown]) =>
    field !== "name" && field !== "reason" && (typeof value === "number" || typeof value === "string")
      ? [`${field} ${value}`]
      : [],
  )
  return fields.length === 0 ? "no number" : shownText(fields.join(", "))
}

import { shortened } from "../error.ts"

/** A change of the declaration that can lower the sum or raise the ceiling. */
export interface Relaxation {
  /** The dotted path of the field: `consumers.api.instances`. */
  readonly name: string
  /** The value before, or the default in its place. Null: there was none. */
  readonly from: ShownValue
  /** The value after, or the default in its place. Null: there is none left. */
  readonly to: ShownValue
}

/** A value as a relaxation shows it: short, and never a URL. */
export type ShownValue = number | string | null

const LONGEST_VALUE = 200

/** Shows a string of others. */
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

import type { CronField } from "../parse-cron.ts"

/** A value, a range or everything, each with a step or without. A value with a step begins a range. */
const ITEM = /^(?:([*?])|(\w+)(?:-(\w+))?)(?:\/(\d{1,9}))?$/

/** One item of a field's list. */
export interface Item {
  readonly values: readonly number[]
  /** True for a `*` or `?` that leaves nothing out. */
  readonly isStar: boolean
}

/**
 * Reads one item of a field: `*`, `?`, `5`, `1-5`, each of them with a step (`5/15` goes up to the largest value), and
 * names of three letters.
 *
 * @param wraps a range may run backwards, over the end of the field (`FRI-MON`)
 */
export function readItem(item: string, field: CronField, wraps: boolean): Item | undefined {
  const [, star, start = "", end, by] = ITEM.exec(item) ?? []
  const { min, max } = field
  const step = Number(by ?? 1)
  const from = star === undefined ? readValue(start, field) : min
  const open = star !== undefined || (end === undefined && by !== undefined)
  const to = open ? max : end === undefined ? from : readValue(end, field)
  if (from === undefined || to === undefined || step === 0 || (from > to && !wraps)) return undefined
  const size = max - min + 1
  const last = from > to ? to + size : to
  const values: number[] = []
  for (let value = from; value <= last; value += step) values.push(value > max ? value - size : value)
  return { values, isStar: star !== undefined && step === 1 }
}

/** Reads a number or a name from `min` to `max`. */
function readValue(text: string, { min, max, names }: CronField): number | undefined {
  const named = names.findIndex((name) => name.slice(0, 3) === text.toLowerCase())
  const value = named >= 0 ? min + named : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  return value >= min && value <= max ? value : undefined
}

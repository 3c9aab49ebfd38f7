import { MINUTES_PER_DAY } from "./time.ts"

/** A part of a day in UTC with one offset, in minutes of that day: `from` is inclusive, `to` is exclusive. */
interface Part {
  readonly from: number
  readonly to: number
  /** Local time minus UTC. */
  readonly offset: number
}

/** Skipped wall clock time, such as 02:00 to 03:00 in spring, in minutes after midnight of the day in UTC. */
interface Gap {
  /** The minute in UTC at which the clock jumps forward. */
  readonly at: number
  readonly from: number
  readonly to: number
}

/** The wall clock of a zone during one day in UTC. */
export interface ZoneDay {
  /** Equal for two days of a zone with the same clock. */
  readonly id: number
  readonly parts: readonly Part[]
  readonly gaps: readonly Gap[]
}

/**
 * Days between two samples of the offset. No zone has ever changed its clock and changed it back within fewer days (the
 * closest changes are seven days apart). Equal offsets at both ends therefore mean that nothing changed in between.
 */
const STRIDE = 5

/** Days that were computed before: one who solves for sizes, or types into a page, asks for the same ones again and again. */
const KNOWN = new Map<string, readonly ZoneDay[]>()
const MOST_KNOWN = 16

/** Returns the days of a zone, starting with `first`, which is counted from 1970. */
export function zoneDays(timezone: string, first: number, days: number): readonly ZoneDay[] {
  const key = `${timezone} ${first} ${days}`
  const known = KNOWN.get(key)
  if (known !== undefined) return known
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear()
  const computed = computeDays(timezone, first, days)
  KNOWN.set(key, computed)
  return computed
}

function computeDays(timezone: string, first: number, days: number): readonly ZoneDay[] {
  const offset = offsets(timezone)
  const midnights = midnightOffsets(offset, first, days)
  const known = new Map<string, ZoneDay>()
  return Array.from({ length: days }, (_, index) => {
    const changes = changesOn(first + index, midnights[index] ?? 0, midnights[index + 1] ?? 0, offset)
    const key = `${changes}`
    const day = known.get(key) ?? { id: known.size, ...clock(changes) }
    known.set(key, day)
    return day
  })
}

/** Returns a function from a minute, counted from 1970, to the zone's offset. */
function offsets(timezone: string): (minute: number) => number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" })
  return (minute) => {
    const text = format.format(minute * 60_000) // "3/29/2026, GMT+02:00"; older ICU says plain "GMT" for zero
    const hours = Number(text.slice(-6, -3))
    if (!Number.isInteger(hours) || !text.includes(":")) return 0
    return hours * 60 + (text.at(-6) === "-" ? -1 : 1) * Number(text.slice(-2))
  }
}

/** Returns the offset in the last minute before each day, and before the day after the last. */
function midnightOffsets(offset: (minute: number) => number, first: number, days: number): readonly number[] {
  const before = (index: number) => offset((first + index) * MINUTES_PER_DAY - 1)
  const midnights: number[] = []
  let end = before(0)
  for (let index = 0; index <= days; index += STRIDE) {
    const start = end
    end = before(index + STRIDE)
    for (let day = 0; day < STRIDE; day++) midnights.push(start === end ? start : before(index + day))
  }
  return midnights
}

/** Returns alternating offsets and the minutes at which they change: `[60, 60, 120]` for a change at 01:00 in UTC. */
function changesOn(
  day: number,
  start: number,
  end: number,
  offset: (minute: number) => number,
): readonly number[] {
  if (start === end) return [start]
  // Binary search for the first minute that no longer has the offset of the start.
  let [before, at] = [day * MINUTES_PER_DAY - 1, day * MINUTES_PER_DAY + MINUTES_PER_DAY - 1]
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2)
    if (offset(middle) === start) before = middle
    else at = middle
  }
  return [start, at - day * MINUTES_PER_DAY, end]
}

function clock([start = 0, at = 0, end = start]: readonly number[]): Pick<ZoneDay, "parts" | "gaps"> {
  if (start === end) return { parts: [{ from: 0, to: MINUTES_PER_DAY, offset: start }], gaps: [] }
  return {
    parts: [
      { from: 0, to: at, offset: start },
      { from: at, to: MINUTES_PER_DAY, offset: end },
    ],
    gaps: end > start ? [{ at, from: at + start, to: at + end }] : [],
  }
}

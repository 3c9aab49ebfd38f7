import type { ZoneDay } from "./zone-days.ts"

/**
 * Marks each day: 1 if no clock change affects it, else 0. No zone changes its clock on an ordinary day, nor on the
 * `before` days before it, from which a run may still be running.
 */
export function ordinaryDays(
  zones: readonly (readonly ZoneDay[])[],
  before: number,
  days: number,
): Uint8Array {
  const ordinary = new Uint8Array(days)
  let lastChange = Number.NEGATIVE_INFINITY
  for (let day = 0; day < days; day++) {
    if (zones.some((zone) => (zone[day]?.parts.length ?? 1) > 1)) lastChange = day
    if (day - lastChange > before) ordinary[day] = 1
  }
  return ordinary
}

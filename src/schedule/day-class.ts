/**
 * What cron sees of a date: month, day of the month and day of the week, as one number below {@link DAY_CLASSES}.
 * 28 years have 10,227 dates and 2,562 kinds of date.
 */
export const DAY_CLASSES = 12 * 31 * 7

/** The longest each month gets. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const MILLISECONDS = 86_400_000

/** The kind of a day counted from 1970. */
export function dayClass(day: number): number {
  const date = new Date(day * MILLISECONDS)
  return classOf(date.getUTCMonth(), date.getUTCDate(), date.getUTCDay())
}

/** 1 for each kind of date that occurs and matches, 0 for the others. */
export function matchingClasses(
  matches: (month: number, day: number, weekday: number) => boolean,
): Uint8Array {
  const kinds = new Uint8Array(DAY_CLASSES)
  for (const [month, length] of LENGTHS.entries()) {
    for (let day = 1; day <= length; day++) {
      for (let weekday = 0; weekday < 7; weekday++) {
        if (matches(month, day, weekday)) kinds[classOf(month, day, weekday)] = 1
      }
    }
  }
  return kinds
}

function classOf(month: number, day: number, weekday: number): number {
  return (month * 31 + day - 1) * 7 + weekday
}

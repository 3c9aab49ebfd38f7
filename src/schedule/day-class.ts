/**
 * The number of day classes. A class combines month, day of month and day of week, all that cron sees of a date, into
 * one number below this. 28 years have 10,227 dates in 2,562 classes.
 */
export const DAY_CLASSES = 12 * 31 * 7

/** The maximum length of each month. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const MILLISECONDS = 86_400_000

/** Returns the class of a day, which is counted from 1970. */
export function dayClass(day: number): number {
  const date = new Date(day * MILLISECONDS)
  return classOf(date.getUTCMonth(), date.getUTCDate(), date.getUTCDay())
}

/** Marks each class: 1 if it occurs and matches, else 0. */
export function matchingClasses(
  matches: (month: number, day: number, weekday: number) => boolean,
): Uint8Array {
  const classes = new Uint8Array(DAY_CLASSES)
  for (const [month, length] of LENGTHS.entries()) {
    for (let day = 1; day <= length; day++) {
      for (let weekday = 0; weekday < 7; weekday++) {
        if (matches(month, day, weekday)) classes[classOf(month, day, weekday)] = 1
      }
    }
  }
  return classes
}

function classOf(month: number, day: number, weekday: number): number {
  return (month * 31 + day - 1) * 7 + weekday
}

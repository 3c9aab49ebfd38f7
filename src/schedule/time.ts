/** Everything here counts in minutes: it is what cron, time zones since 1972 and the starts of runs are made of. */
export const DAY = 1_440

/** The longest run: a job that works for longer is never not at work, and is a consumer. */
export const LONGEST_RUN_DAYS = 366

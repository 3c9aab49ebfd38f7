import { maxRunsPerJob } from "../schedule/max-concurrent-runs.ts"
import type { JobSchedule } from "./workload.ts"

/** Longer than a day that a clock change makes shorter, so that a daily schedule never overlaps with itself. */
const DAILY = "23h"

/** What counts for runs without a time limit that start once a day or less. */
export const ENDS_BEFORE_NEXT = "a run is assumed to end before the next one starts"

/** True for a schedule that starts once a day or less. */
export const isDailyAtMost = (timing: Pick<JobSchedule["job"], "schedule" | "timezone">): boolean =>
  timing.schedule !== undefined &&
  (maxRunsPerJob([{ name: "job", poolSize: 1, duration: DAILY, ...timing }], [])[0] ?? 0) <= 1

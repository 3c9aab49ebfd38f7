import { DAY_CLASSES, dayClass } from "./day-class.ts"
import { DayAccumulator, type DayDeltas, NO_DELTAS } from "./day-deltas.ts"
import { dedupeRows, representatives } from "./dedupe-rows.ts"
import { JobGroup, type ScheduledJob } from "./job-group.ts"
import { daysBefore } from "./runs-on-day.ts"
import { MINUTES_PER_DAY } from "./time.ts"
import { type ZoneDay, zoneDays } from "./zone-days.ts"

/** The most that jobs with a schedule have at work at one instant. */
export interface Swept {
  /** The largest number of runs. */
  readonly runs: number
  /** The largest sum of connections. */
  readonly connections: number
  /** The first minute with that sum, since 1970. */
  readonly at: number
  /** The runs of a job in that minute. */
  readonly runsAt: (job: ScheduledJob) => number
  /** The most runs of a job, at whatever minute. */
  readonly maxRunsOf: (job: ScheduledJob) => number
}

/**
 * Looks at every minute of some days from `from`, counted from 1970; what started before them and is still at
 * work counts.
 *
 * Days on which everything goes as on an earlier one are not looked at again: they have the same dates as far as
 * any schedule can tell, the same clock in every zone, and so have all the days before them from which a run may
 * still be at work.
 */
export function sweep(jobs: readonly ScheduledJob[], from: number, days: number): Swept {
  const before = Math.max(0, ...jobs.map(daysBefore))
  const first = from - before
  const dateKinds = new Uint16Array(before + days + 2).map((_, index) => dayClass(first - 1 + index))
  const zones = new Map<string, readonly ZoneDay[]>()
  for (const { timezone } of jobs) {
    if (!zones.has(timezone)) zones.set(timezone, zoneDays(timezone, first, before + days))
  }
  const distinct = distinctDays(jobs, [...zones.values()], dateKinds, before)
  const groups = new Map<ScheduledJob, JobGroup>()
  const changes: (readonly DayDeltas[])[] = []
  for (const members of grouped(jobs)) {
    const group = new JobGroup(members, zones.get(members[0].timezone) ?? [], dateKinds, distinct)
    changes.push(group.changes())
    for (const job of members) groups.set(job, group)
  }
  const { runs, connections, row, minute } = largest(distinct.length, changes)
  const day = distinct[row] ?? 0
  return {
    runs,
    connections,
    at: (first + day) * MINUTES_PER_DAY + minute,
    runsAt: (job) => groups.get(job)?.runsAt(job, day, minute) ?? 0,
    maxRunsOf: (job) => groups.get(job)?.maxRunsOf(job) ?? 0,
  }
}

/** Jobs by what makes their days alike: the dates and the zone. */
function grouped(jobs: readonly ScheduledJob[]) {
  const groups = new Map<string, [ScheduledJob, ...ScheduledJob[]]>()
  for (const job of jobs) {
    const key = `${job.schedule.datesKey} ${job.timezone}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [job])
    else group.push(job)
  }
  return groups.values()
}

/** The first of each kind of day, ascending; the `before` days only lead up to the others. */
function distinctDays(
  jobs: readonly ScheduledJob[],
  zones: readonly (readonly ZoneDay[])[],
  dateKinds: Uint16Array,
  before: number,
): readonly number[] {
  const schedules = new Map(jobs.map(({ schedule }) => [schedule.datesKey, schedule.dates]))
  const dates = dedupeRows(
    DAY_CLASSES,
    [...schedules.values()].map((matching) => (kind) => matching[kind] ?? 0),
  )
  const date = (index: number) => dates[dateKinds[index] ?? 0] ?? 0
  const days = dedupeRows(dateKinds.length - 2, [
    date,
    (day) => date(day + 1),
    (day) => date(day + 2),
    ...zones.map((zone) => (day: number) => zone[day]?.id ?? 0),
  ])
  const lookbacks = Array.from({ length: before + 1 }, (_, daysAgo) => {
    return (row: number) => days[before + row - daysAgo] ?? 0
  })
  return representatives(dedupeRows(days.length - before, lookbacks)).map((row) => before + row)
}

/** The largest sums over days, and the first day and minute of the largest number of connections. */
function largest(days: number, groups: readonly (readonly DayDeltas[])[]) {
  const found = { runs: 0, connections: 0, row: 0, minute: 0 }
  const sum = new DayAccumulator()
  for (const { row, runs, connections } of byLimit(days, groups)) {
    // The day has at most the sum of what each group has at its own worst minute.
    if (connections < found.connections && runs <= found.runs) continue
    sum.clear()
    for (const group of groups) sum.addAll(group[row] ?? NO_DELTAS)
    const most = sum.most()
    found.runs = Math.max(found.runs, most.runs)
    if (most.connections < found.connections) continue
    if (most.connections === found.connections && row > found.row) continue
    Object.assign(found, { connections: most.connections, row, minute: most.minute })
  }
  return found
}

/** The days with what no minute of theirs can exceed; the most connections first, so that most can be passed over. */
function byLimit(days: number, groups: readonly (readonly DayDeltas[])[]) {
  const limits = Array.from({ length: days }, (_, row) => ({ row, runs: 0, connections: 0 }))
  for (const group of groups) {
    for (const [row, { most }] of group.entries()) {
      const limit = limits[row]
      if (limit === undefined) continue
      limit.runs += most.runs
      limit.connections += most.connections
    }
  }
  return limits.sort((one, other) => other.connections - one.connections)
}

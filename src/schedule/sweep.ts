import { DAY_CLASSES, dayClass } from "./day-class.ts"
import { DayAccumulator, type DayDeltas, NO_DELTAS } from "./day-deltas.ts"
import { dedupeRows, representatives } from "./dedupe-rows.ts"
import { JobGroup, lookbackOf, type ScheduledJob } from "./job-group.ts"
import { ordinaryDays } from "./ordinary-days.ts"
import { daysBefore } from "./runs-on-day.ts"
import { MINUTES_PER_DAY } from "./time.ts"
import { COST, Work } from "./work.ts"
import { type ZoneDay, zoneDays } from "./zone-days.ts"

/** The peak of scheduled jobs over some days. */
export interface SweptPeak {
  /** The largest number of runs at one instant. */
  readonly runs: number
  /** The largest sum of connections at one instant. */
  readonly connections: number
  /** The first minute with that sum, counted from 1970. */
  readonly at: number
  /** Returns the runs of a job in that minute. */
  readonly runsAt: (job: ScheduledJob) => number
}

/** The peaks over all days and over the ordinary ones. */
export interface Swept {
  readonly anyDay: SweptPeak
  /** Over the days that no clock change affects; undefined if there are none. */
  readonly ordinaryDay: SweptPeak | undefined
  /** Returns the most runs of a job in any minute of any day. */
  readonly maxRunsOf: (job: ScheduledJob) => number
}

/**
 * Finds the peaks over `days` days, minute by minute. `from` is the first day, counted from 1970. A run that started
 * earlier and is still running counts.
 *
 * A day that is equivalent to an earlier one is skipped. Equivalent days have the same dates as far as any schedule can
 * tell, and the same clock in every zone. So do all the days before them from which a run may still be running.
 *
 * @throws PoolConfigError if the jobs have so little in common that this would take minutes.
 */
export function sweep(jobs: readonly ScheduledJob[], from: number, days: number, maxSteps?: number): Swept {
  const before = Math.max(0, ...jobs.map(daysBefore))
  const first = from - before
  const members = grouped(jobs)
  const work = new Work(
    `${jobs.length} jobs with ${members.length} combinations of dates and time zone, and runs of up to ${before} days`,
    maxSteps,
  )
  work.add(COST.lookup * (members.length * DAY_CLASSES + (before + days) * (before + 1)))
  const dateClasses = new Uint16Array(before + days + 2).map((_, index) => dayClass(first - 1 + index))
  const zones = new Map<string, readonly ZoneDay[]>()
  for (const { timezone } of jobs) {
    if (zones.has(timezone)) continue
    work.add(COST.zoneDay * (before + days))
    zones.set(timezone, zoneDays(timezone, first, before + days))
  }
  const distinct = distinctDays(jobs, [...zones.values()], dateClasses, before)
  work.add(COST.lookup * distinct.length * members.reduce((sum, group) => sum + lookbackOf(group), 0))
  const groups = new Map<ScheduledJob, JobGroup>()
  const deltas: (readonly DayDeltas[])[] = []
  for (const jobsOfGroup of members) {
    const zone = zones.get(jobsOfGroup[0].timezone) ?? []
    const group = new JobGroup(jobsOfGroup, zone, dateClasses, distinct, work)
    deltas.push(group.deltas())
    for (const job of jobsOfGroup) groups.set(job, group)
  }
  const isOrdinary = ordinaryDays([...zones.values()], before, before + days)
  const ordinaryRows = distinct.map((day) => isOrdinary[day] === 1)
  const [anyDay, ordinaryDay] = largest(deltas, distinct.length, ordinaryRows, work)
  const peakOf = ({ runs, connections, row, minute }: Largest): SweptPeak => {
    const day = distinct[row] ?? 0
    return {
      runs,
      connections,
      at: (first + day) * MINUTES_PER_DAY + minute,
      runsAt: (job) => groups.get(job)?.runsAt(job, day, minute) ?? 0,
    }
  }
  return {
    anyDay: peakOf(anyDay),
    ordinaryDay: ordinaryRows.includes(true) ? peakOf(ordinaryDay) : undefined,
    maxRunsOf: (job) => groups.get(job)?.maxRunsOf(job) ?? 0,
  }
}

/** Groups jobs by dates and zone: within a group, equivalent days are equivalent for every job. */
function grouped(jobs: readonly ScheduledJob[]) {
  const groups = new Map<string, [ScheduledJob, ...ScheduledJob[]]>()
  for (const job of jobs) {
    const key = `${job.schedule.datesKey} ${job.timezone}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [job])
    else group.push(job)
  }
  return [...groups.values()]
}

/** Returns the first day of each class, ascending. The first `before` days are only the lookback of the others. */
function distinctDays(
  jobs: readonly ScheduledJob[],
  zones: readonly (readonly ZoneDay[])[],
  dateClasses: Uint16Array,
  before: number,
): readonly number[] {
  const schedules = new Map(jobs.map(({ schedule }) => [schedule.datesKey, schedule.dates]))
  const dates = dedupeRows(
    DAY_CLASSES,
    [...schedules.values()].map((matching) => (dateClass) => matching[dateClass] ?? 0),
  )
  const date = (index: number) => dates[dateClasses[index] ?? 0] ?? 0
  const days = dedupeRows(dateClasses.length - 2, [
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
interface Largest {
  runs: number
  connections: number
  row: number
  minute: number
}

/** Finds the largest sums over all days, and over the ordinary ones. */
function largest(
  groups: readonly (readonly DayDeltas[])[],
  days: number,
  isOrdinary: readonly boolean[],
  work: Work,
): readonly [anyDay: Largest, ordinaryDay: Largest] {
  const found = [nothing(), nothing()] as const
  const sum = new DayAccumulator()
  for (const { row, runs, connections } of byLimit(days, groups)) {
    // A day has at most the sum of each group's own worst minute.
    const raised = found
      .slice(0, isOrdinary[row] ? 2 : 1)
      .filter((most) => connections >= most.connections || runs > most.runs)
    if (raised.length === 0) continue
    sum.clear()
    for (const group of groups) sum.addAll(group[row] ?? NO_DELTAS)
    work.add(groups.reduce((steps, group) => steps + (group[row]?.minutes.length ?? 0), MINUTES_PER_DAY))
    const most = sum.most()
    for (const largest of raised) raise(largest, most, row)
  }
  return found
}

const nothing = (): Largest => ({ runs: 0, connections: 0, row: 0, minute: 0 })

function raise(largest: Largest, most: ReturnType<DayAccumulator["most"]>, row: number): void {
  largest.runs = Math.max(largest.runs, most.runs)
  if (most.connections < largest.connections) return
  if (most.connections === largest.connections && row > largest.row) return
  Object.assign(largest, { connections: most.connections, row, minute: most.minute })
}

/** Returns upper bounds for the sums of each day, the most connections first, so that most days can be skipped. */
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

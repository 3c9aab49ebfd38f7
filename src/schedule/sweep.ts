import { DAY_CLASSES, dayClass } from "./day-class.ts"
import { DayAccumulator, type DayDeltas, NO_DELTAS } from "./day-deltas.ts"
import { dedupeRows, representatives } from "./dedupe-rows.ts"
import { JobGroup, lookbackOf, type ScheduledJob } from "./job-group.ts"
import { ordinaryDays } from "./ordinary-days.ts"
import { daysBefore } from "./runs-on-day.ts"
import { MINUTES_PER_DAY } from "./time.ts"
import { COST, Work } from "./work.ts"
import { type ZoneDay, zoneDays } from "./zone-days.ts"

/** The most that jobs with a schedule have at work at one instant of some days. */
export interface SweptPeak {
  /** The largest number of runs. */
  readonly runs: number
  /** The largest sum of connections. */
  readonly connections: number
  /** The first minute with that sum, since 1970. */
  readonly at: number
  /** The runs of a job in that minute. */
  readonly runsAt: (job: ScheduledJob) => number
}

/** The same over all days and over the ordinary ones. */
export interface Swept {
  readonly anyDay: SweptPeak
  /** Over the days that no clock change reaches; undefined where there is none. */
  readonly ordinaryDay: SweptPeak | undefined
  /** The most runs of a job, at whatever minute of whatever day. */
  readonly maxRunsOf: (job: ScheduledJob) => number
}

/**
 * Looks at every minute of some days from `from`, counted from 1970; what started before them and is still at
 * work counts.
 *
 * Days on which everything goes as on an earlier one are not looked at again: they have the same dates as far as
 * any schedule can tell, the same clock in every zone, and so have all the days before them from which a run may
 * still be at work.
 *
 * @throws PoolConfigError when the jobs have so little in common that this would take minutes.
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
  const dateKinds = new Uint16Array(before + days + 2).map((_, index) => dayClass(first - 1 + index))
  const zones = new Map<string, readonly ZoneDay[]>()
  for (const { timezone } of jobs) {
    if (zones.has(timezone)) continue
    work.add(COST.zoneDay * (before + days))
    zones.set(timezone, zoneDays(timezone, first, before + days))
  }
  const distinct = distinctDays(jobs, [...zones.values()], dateKinds, before)
  work.add(COST.lookup * distinct.length * members.reduce((sum, alike) => sum + lookbackOf(alike), 0))
  const groups = new Map<ScheduledJob, JobGroup>()
  const changes: (readonly DayDeltas[])[] = []
  for (const alike of members) {
    const zone = zones.get(alike[0].timezone) ?? []
    const group = new JobGroup(alike, zone, dateKinds, distinct, work)
    changes.push(group.changes())
    for (const job of alike) groups.set(job, group)
  }
  const isOrdinary = ordinaryDays([...zones.values()], before, before + days)
  const ordinaryRows = distinct.map((day) => isOrdinary[day] === 1)
  const [anyDay, ordinaryDay] = largest(changes, distinct.length, ordinaryRows, work)
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

/** Jobs by what makes their days alike: the dates and the zone. */
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
interface Largest {
  runs: number
  connections: number
  row: number
  minute: number
}

/** Over all the days, and over those that are ordinary. */
function largest(
  groups: readonly (readonly DayDeltas[])[],
  days: number,
  isOrdinary: readonly boolean[],
  work: Work,
): readonly [anyDay: Largest, ordinaryDay: Largest] {
  const found = [nothing(), nothing()] as const
  const sum = new DayAccumulator()
  for (const { row, runs, connections } of byLimit(days, groups)) {
    // The day has at most the sum of what each group has at its own worst minute.
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

import { type Changes, Crowd, type ScheduledJob } from "./crowd.ts"
import { DATE_KINDS, dateKind } from "./date-kind.ts"
import { distinctRows } from "./distinct-rows.ts"
import { DAY } from "./minutes.ts"
import { daysBefore } from "./runs-on-day.ts"
import { type ZoneDay, zoneDays } from "./zone-days.ts"

/** The most that jobs with a schedule have at work at one instant. */
export interface Swept {
  /** The largest number of runs. */
  readonly runs: number
  /** The largest sum of connections. */
  readonly connections: number
  /** The first minute with that sum, since 1970. */
  readonly at: number
  /** The runs of each job in that minute. */
  readonly runsAt: ReadonlyMap<ScheduledJob, number>
  /** The most runs of each job, at whatever minute. */
  readonly mostRuns: ReadonlyMap<ScheduledJob, number>
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
  const dateKinds = Array.from({ length: before + days + 2 }, (_, index) => dateKind(first - 1 + index))
  const zones = new Map<string, readonly ZoneDay[]>()
  for (const { timezone } of jobs) {
    if (!zones.has(timezone)) zones.set(timezone, zoneDays(timezone, first, before + days))
  }
  const crowds = [...grouped(jobs)].map((members) => {
    return new Crowd(members, zones.get(members[0].timezone) ?? [], dateKinds)
  })

  const distinct = distinctDays(jobs, [...zones.values()], dateKinds, before)
  const { runs, connections, day, minute } = largest(
    distinct,
    crowds.map((crowd) => crowd.changesOn(distinct)),
  )
  return {
    runs,
    connections,
    at: (first + day) * DAY + minute,
    runsAt: new Map(crowds.flatMap((crowd) => crowd.runsAt(day, minute))),
    mostRuns: new Map(crowds.flatMap((crowd) => [...crowd.mostRuns])),
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
  dateKinds: readonly number[],
  before: number,
): readonly number[] {
  const schedules = new Map(jobs.map(({ schedule }) => [schedule.datesKey, schedule.dates]))
  const dates = distinctRows(
    DATE_KINDS,
    [...schedules.values()].map((matching) => (kind) => matching[kind] ?? 0),
  )
  const date = (index: number) => dates[dateKinds[index] ?? 0] ?? 0
  const days = distinctRows(dateKinds.length - 2, [
    date,
    (day) => date(day + 1),
    (day) => date(day + 2),
    ...zones.map((zone) => (day: number) => zone[day]?.id ?? 0),
  ])
  const leadUps = Array.from({ length: before + 1 }, (_, daysAgo) => {
    return (row: number) => days[before + row - daysAgo] ?? 0
  })
  const found: number[] = []
  for (const [row, id] of distinctRows(days.length - before, leadUps).entries()) {
    if (id === found.length) found.push(before + row)
  }
  return found
}

/** The largest sums over the days, and the first minute of the largest number of connections. */
function largest(days: readonly number[], crowds: readonly (readonly Changes[])[]) {
  const most = { runs: 0, connections: 0, day: days[0] ?? 0, minute: 0 }
  const runs = new Float64Array(DAY)
  const connections = new Float64Array(DAY)
  for (const [row, day] of days.entries()) {
    runs.fill(0)
    connections.fill(0)
    for (const crowd of crowds) {
      const changes = crowd[row]
      for (let index = 0; index < (changes?.minutes.length ?? 0); index++) {
        const minute = changes?.minutes[index] ?? 0
        runs[minute] = (runs[minute] ?? 0) + (changes?.runs[index] ?? 0)
        connections[minute] = (connections[minute] ?? 0) + (changes?.connections[index] ?? 0)
      }
    }
    let [nowRuns, nowConnections] = [0, 0]
    for (let minute = 0; minute < DAY; minute++) {
      nowRuns += runs[minute] ?? 0
      nowConnections += connections[minute] ?? 0
      most.runs = Math.max(most.runs, nowRuns)
      if (nowConnections > most.connections) {
        most.connections = nowConnections
        most.day = day
        most.minute = minute
      }
    }
  }
  return most
}

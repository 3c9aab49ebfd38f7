import { distinctRows } from "./distinct-rows.ts"
import { DAY } from "./minutes.ts"
import { type Counted, daysBefore, runsOnDay } from "./runs-on-day.ts"
import type { Schedule } from "./schedule.ts"
import { startsOn } from "./starts.ts"
import type { ZoneDay } from "./zone-days.ts"

/** A job with a schedule, as the sweep counts it. */
export interface ScheduledJob extends Counted {
  readonly schedule: Schedule
  readonly timezone: string
  /** Connections of one run. */
  readonly connections: number
}

/** How the counts of a crowd change in the course of a day, at its minutes in ascending order; from zero. */
export interface Changes {
  readonly minutes: readonly number[]
  readonly runs: readonly number[]
  readonly connections: readonly number[]
}

/**
 * Jobs that start on the same dates of the same zone: whatever their times, their days are alike together, so
 * their sum is made once for each kind of day.
 */
export class Crowd {
  /** The most runs of each job at once, of the days that were asked for. */
  readonly mostRuns = new Map<ScheduledJob, number>()
  readonly #jobs: readonly ScheduledJob[]
  readonly #zone: readonly ZoneDay[]
  readonly #before: number
  /** By day, what its starts depend on: its clock, and which of the dates around it match. */
  readonly #kinds: Uint16Array
  readonly #starts = new Map<string, Map<number, Int16Array>>()

  /** `dateKinds` has one day more than `zone` on either side. */
  constructor(jobs: readonly ScheduledJob[], zone: readonly ZoneDay[], dateKinds: readonly number[]) {
    this.#jobs = jobs
    this.#zone = zone
    this.#before = Math.max(...jobs.map(daysBefore))
    const dates = jobs[0]?.schedule.dates
    const matches = (day: number) => dates?.[dateKinds[day] ?? 0] ?? 0
    this.#kinds = Uint16Array.from(zone, ({ id }, day) => {
      return id * 8 + matches(day) * 4 + matches(day + 1) * 2 + matches(day + 2)
    })
  }

  /** The changes on each of some days; one object for all days that are alike to this crowd. */
  changesOn(days: readonly number[]): readonly Changes[] {
    const columns = Array.from({ length: this.#before + 1 }, (_, daysAgo) => {
      return (row: number) => this.#kinds[(days[row] ?? 0) - daysAgo] ?? 0
    })
    const known: Changes[] = []
    return Array.from(distinctRows(days.length, columns), (id, row) => {
      known[id] ??= this.#sum(days[row] ?? 0)
      return known[id]
    })
  }

  /** The runs of each job in one minute. */
  runsAt(day: number, minute: number): readonly (readonly [ScheduledJob, number])[] {
    return this.#jobs.map((job) => [job, this.#runsOf(job, day)[minute] ?? 0] as const)
  }

  /** The runs of one job at each minute of a day. */
  #runsOf(job: ScheduledJob, day: number): Float64Array {
    return runsOnDay(job, (daysAgo) => this.#startsOf(job.schedule, day - daysAgo))
  }

  #sum(day: number): Changes {
    const runs = new Float64Array(DAY)
    const connections = new Float64Array(DAY)
    for (const job of this.#jobs) {
      let most = this.mostRuns.get(job) ?? 0
      for (const [minute, atWork] of this.#runsOf(job, day).entries()) {
        runs[minute] = (runs[minute] ?? 0) + atWork
        connections[minute] = (connections[minute] ?? 0) + atWork * job.connections
        most = Math.max(most, atWork)
      }
      this.mostRuns.set(job, most)
    }
    return changes(runs, connections)
  }

  #startsOf(schedule: Schedule, day: number): Int16Array {
    const kind = this.#kinds[day] ?? 0
    let byKind = this.#starts.get(schedule.timesKey)
    if (byKind === undefined) {
      byKind = new Map()
      this.#starts.set(schedule.timesKey, byKind)
    }
    let starts = byKind.get(kind)
    if (starts === undefined) {
      const zoneDay = this.#zone[day] ?? { parts: [], gaps: [] }
      starts = startsOn(schedule, zoneDay, [(kind & 4) > 0, (kind & 2) > 0, (kind & 1) > 0])
      byKind.set(kind, starts)
    }
    return starts
  }
}

function changes(runs: Float64Array, connections: Float64Array): Changes {
  const found = { minutes: [] as number[], runs: [] as number[], connections: [] as number[] }
  let [lastRuns, lastConnections] = [0, 0]
  for (let minute = 0; minute < DAY; minute++) {
    const [nowRuns, nowConnections] = [runs[minute] ?? 0, connections[minute] ?? 0]
    if (nowRuns === lastRuns && nowConnections === lastConnections) continue
    found.minutes.push(minute)
    found.runs.push(nowRuns - lastRuns)
    found.connections.push(nowConnections - lastConnections)
    lastRuns = nowRuns
    lastConnections = nowConnections
  }
  return found
}

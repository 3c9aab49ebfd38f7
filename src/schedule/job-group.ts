import { DayAccumulator, type DayDeltas, NO_DELTAS } from "./day-deltas.ts"
import { dedupeRows, representatives } from "./dedupe-rows.ts"
import type { Schedule } from "./read-schedule.ts"
import { type Counted, daysBefore, eachDelta, runsOnDay } from "./runs-on-day.ts"
import { startsOnDay } from "./starts-on-day.ts"
import { MINUTES_PER_DAY } from "./time.ts"
import { COST, type Work } from "./work.ts"
import type { ZoneDay } from "./zone-days.ts"

/** A job with a schedule, as the sweep counts it. */
export interface ScheduledJob extends Counted {
  readonly schedule: Schedule
  readonly timezone: string
  /** Connections of one run. */
  readonly connections: number
}

/** Jobs without `maxRuns` that start and end together, and the runs and connections that one start of all adds. */
interface UncappedJobs {
  readonly schedule: Schedule
  readonly minutes: number
  runs: number
  connections: number
}

/**
 * Jobs that start on the same dates in the same zone. Whatever their times, the same days look the same to all of them,
 * so their sum is computed once for each class of day.
 */
export class JobGroup {
  /** The class of each day for this group, in the order of the days. */
  readonly #classes: Int32Array
  /** One day of each class. */
  readonly #representatives: readonly number[]
  readonly #uncapped: readonly UncappedJobs[]
  /** The jobs with `maxRuns`. */
  readonly #capped: readonly ScheduledJob[]
  readonly #zone: readonly ZoneDay[]
  /** Key of everything that the starts of a day depend on: its clock, and which of the adjacent dates match. */
  readonly #dayKeys: Uint16Array
  readonly #work: Work
  readonly #starts = new Map<string, Map<number, Int16Array>>()
  readonly #maxRunsOf = new Map<string, number>()

  /** Considers `days` of a zone. `dateClasses` has one day more than the zone at either end. */
  constructor(
    jobs: readonly ScheduledJob[],
    zone: readonly ZoneDay[],
    dateClasses: Uint16Array,
    days: readonly number[],
    work: Work,
  ) {
    const dates = jobs[0]?.schedule.dates
    const matches = (index: number) => dates?.[dateClasses[index] ?? 0] ?? 0
    const dayKeys = new Uint16Array(zone.length)
    let matching = matches(0) * 2 + matches(1)
    for (let day = 0; day < zone.length; day++) {
      matching = ((matching * 2) & 0b111) + matches(day + 2)
      dayKeys[day] = (zone[day]?.id ?? 0) * 8 + matching
    }
    const lookback = Array.from({ length: lookbackOf(jobs) }, (_, daysAgo) => {
      return (row: number) => dayKeys[(days[row] ?? 0) - daysAgo] ?? 0
    })
    this.#classes = dedupeRows(days.length, lookback)
    this.#representatives = representatives(this.#classes).map((row) => days[row] ?? 0)
    this.#uncapped = uncapped(jobs.filter(({ maxRuns }) => maxRuns === Number.POSITIVE_INFINITY))
    this.#capped = jobs.filter(({ maxRuns }) => maxRuns !== Number.POSITIVE_INFINITY)
    this.#zone = zone
    this.#dayKeys = dayKeys
    this.#work = work
  }

  /** Returns the deltas of each day; all days of one class share an object. */
  deltas(): readonly DayDeltas[] {
    const sum = new DayAccumulator()
    const known = this.#representatives.map((day) => this.#sum(day, sum))
    return Array.from(this.#classes, (dayClass) => known[dayClass] ?? NO_DELTAS)
  }

  /** Returns the runs of one job in one minute of a day. */
  runsAt(job: ScheduledJob, day: number, minute: number): number {
    return this.#runsOf(job, day)[minute] ?? 0
  }

  /** Returns the most runs of one job at once. */
  maxRunsOf(job: ScheduledJob): number {
    const key = `${job.schedule.timesKey} ${job.minutes} ${job.replicas} ${job.maxRuns}`
    const most = this.#maxRunsOf.get(key) ?? this.#findMaxRuns(job)
    this.#maxRunsOf.set(key, most)
    return most
  }

  #findMaxRuns(job: ScheduledJob): number {
    let most = 0
    for (const day of this.#representatives) {
      for (const runs of this.#runsOf(job, day)) if (runs > most) most = runs
    }
    return most
  }

  #runsOf(job: ScheduledJob, day: number): Float64Array {
    this.#work.add(COST.minute * MINUTES_PER_DAY + deltaCount(job))
    return runsOnDay(job, (daysAgo) => this.#startsOf(job.schedule, day - daysAgo))
  }

  #sum(day: number, sum: DayAccumulator): DayDeltas {
    sum.clear()
    for (const { schedule, minutes, runs, connections } of this.#uncapped) {
      this.#work.add(deltaCount({ schedule, minutes }))
      const starts = (daysAgo: number) => this.#startsOf(schedule, day - daysAgo)
      eachDelta(minutes, starts, (minute, by) => sum.add(minute, by * runs, by * connections))
    }
    for (const job of this.#capped) this.#addCapped(job, day, sum)
    const deltas = sum.deltas()
    this.#work.add(MINUTES_PER_DAY + COST.kept * deltas.minutes.length)
    return deltas
  }

  /** Adds a job with `maxRuns`. How much a cap leaves of a delta depends on all the deltas before it. */
  #addCapped(job: ScheduledJob, day: number, sum: DayAccumulator): void {
    let last = 0
    for (const [minute, runs] of this.#runsOf(job, day).entries()) {
      if (runs !== last) sum.add(minute, runs - last, (runs - last) * job.connections)
      last = runs
    }
  }

  #startsOf(schedule: Schedule, day: number): Int16Array {
    const dayKey = this.#dayKeys[day] ?? 0
    let byDayKey = this.#starts.get(schedule.timesKey)
    if (byDayKey === undefined) {
      byDayKey = new Map()
      this.#starts.set(schedule.timesKey, byDayKey)
    }
    let starts = byDayKey.get(dayKey)
    if (starts === undefined) {
      const zoneDay = this.#zone[day] ?? { parts: [], gaps: [] }
      starts = startsOnDay(schedule, zoneDay, [(dayKey & 0b100) > 0, (dayKey & 0b10) > 0, (dayKey & 1) > 0])
      byDayKey.set(dayKey, starts)
    }
    return starts
  }
}

/** Returns how many days a day of these jobs depends on, itself included. */
export function lookbackOf(jobs: readonly ScheduledJob[]): number {
  return jobs.reduce((most, job) => Math.max(most, daysBefore(job)), 0) + 1
}

/** Estimates the steps of `eachDelta`: the starts and days that it looks at. */
const deltaCount = ({ schedule, minutes }: Pick<ScheduledJob, "schedule" | "minutes">): number =>
  3 * schedule.times.length + daysBefore({ minutes })

function uncapped(jobs: readonly ScheduledJob[]): readonly UncappedJobs[] {
  const together = new Map<string, UncappedJobs>()
  for (const { schedule, minutes, replicas, connections } of jobs) {
    const key = `${schedule.timesKey} ${minutes}`
    const known = together.get(key) ?? { schedule, minutes, runs: 0, connections: 0 }
    known.runs += replicas
    known.connections += replicas * connections
    together.set(key, known)
  }
  return [...together.values()]
}

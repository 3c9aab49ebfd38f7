/** What one job is to the oracle: its fields as sets of values, for it reads no cron. */
export interface OracleJob {
  readonly name: string
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly days: readonly number[]
  readonly months: readonly number[]
  readonly weekdays: readonly number[]
  /** Whether one of the day fields is written with a star in front. */
  readonly bothDays: boolean
  /** Whether the minute or the hour is. */
  readonly goesOn: boolean
  readonly timezone: string
  readonly seconds: number
  readonly replicas: number
  readonly maxRuns: number
  readonly connections: number
}

const MINUTE = 60_000

const DAY = 1_440

/** The wall clock of a zone at each minute, as if it were UTC: minutes since 1970. */
const clocks = new Map<string, readonly number[]>()

function wallClock(timezone: string, start: number, end: number): readonly number[] {
  const key = `${timezone} ${start} ${end}`
  const known = clocks.get(key)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  })
  const clock = Array.from({ length: end - start }, (_, index) => {
    const [month, day, year, hour, minute] = (
      format.format((start + index) * MINUTE).match(/\d+/g) ?? []
    ).map(Number)
    return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute) / MINUTE
  })
  clocks.set(key, clock)
  return clock
}

function matches(job: OracleJob, wall: number): boolean {
  const date = new Date(wall * MINUTE)
  const day = job.days.includes(date.getUTCDate())
  const weekday = job.weekdays.includes(date.getUTCDay())
  return (
    job.minutes.includes(date.getUTCMinutes()) &&
    job.hours.includes(date.getUTCHours()) &&
    job.months.includes(date.getUTCMonth() + 1) &&
    (job.bothDays ? day && weekday : day || weekday)
  )
}

/** The minutes at which a job starts, from minute to minute of the clock on the wall. */
export function startsOf(job: OracleJob, start: number, end: number): readonly number[] {
  const clock = wallClock(job.timezone, start, end)
  const starts: number[] = []
  for (const [index, wall] of clock.entries()) {
    let skipped = 0
    for (let missed = (clock[index - 1] ?? wall) + 1; missed < wall; missed++) {
      if (matches(job, missed)) skipped += 1
    }
    const regular = matches(job, wall) ? 1 : 0
    const count = job.goesOn ? Math.min(1, regular + skipped) : regular + skipped
    for (let run = 0; run < count; run++) starts.push(start + index)
  }
  return starts
}

/** The peak by counting every minute from `from` to `to`, both since 1970; and the same over ordinary days alone. */
export function bruteForce(jobs: readonly OracleJob[], from: number, to: number) {
  const start = from - 5 * DAY
  const active = jobs.map((job) => {
    const count = new Array<number>(to - from).fill(0)
    for (const at of startsOf(job, start, to)) {
      for (let minute = at; minute < to && (minute - at) * 60 < job.seconds; minute++) {
        if (minute >= from) count[minute - from] = (count[minute - from] ?? 0) + 1
      }
    }
    return count.map((runs) => Math.min(runs * job.replicas, job.maxRuns))
  })
  const isReached = reachedByChange(jobs, from, to)
  const peakOver = (isLookedAt: (minute: number) => boolean) => {
    const peak = {
      runs: 0,
      connections: 0,
      at: undefined as string | undefined,
      jobs: {} as Record<string, number>,
    }
    for (let minute = 0; minute < to - from; minute++) {
      if (!isLookedAt(minute)) continue
      const runs = active.map((count) => count[minute] ?? 0)
      const connections = runs.reduce((sum, count, index) => sum + count * (jobs[index]?.connections ?? 0), 0)
      peak.runs = Math.max(
        peak.runs,
        runs.reduce((sum, count) => sum + count, 0),
      )
      if (connections <= peak.connections) continue
      peak.connections = connections
      peak.at = new Date((from + minute) * MINUTE).toISOString()
      peak.jobs = Object.fromEntries(
        jobs.flatMap(({ name }, index) => (runs[index] ? [[name, runs[index]]] : [])),
      )
    }
    return peak
  }
  return {
    ...peakOver(() => true),
    ordinaryDay: isReached.includes(false)
      ? peakOver((minute) => !isReached[Math.floor(minute / DAY)])
      : undefined,
  }
}

/**
 * Whether a clock jumps on a day in UTC, or on one of the days before it from which a run of these jobs may still be
 * at work.
 */
function reachedByChange(jobs: readonly OracleJob[], from: number, to: number): readonly boolean[] {
  const start = from - 6 * DAY
  const jumps = new Set(
    jobs.flatMap(({ timezone }) => {
      const clock = wallClock(timezone, start, to)
      return clock.flatMap((wall, index) =>
        index > 0 && wall !== (clock[index - 1] ?? 0) + 1 ? [index] : [],
      )
    }),
  )
  const daysBack = Math.ceil(Math.max(...jobs.map(({ seconds }) => Math.ceil(seconds / 60))) / DAY)
  return Array.from({ length: (to - from) / DAY }, (_, day) => {
    const end = (day + 7) * DAY // in minutes after `start`
    return [...jumps].some((jump) => jump < end && jump >= end - (1 + daysBack) * DAY)
  })
}

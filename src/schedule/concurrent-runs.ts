/** The runs of one job at one instant. */
export interface JobRuns {
  readonly name: string
  readonly runs: number
  /** `runs × poolSize × poolsPerInstance`. */
  readonly connections: number
}

/** A value that the input leaves open, and what was taken for it. Never an error. */
export interface Assumption {
  /** The dotted path: `jobs.sync.timeout`. */
  readonly name: string
  /** What was taken, and what it does to the sum: `omitted: 24 h as on Scaleway, so it counts 24 runs`. */
  readonly assumed: string
  /** How to state it: `Set timeout`. */
  readonly remedy: string
}

/** An override that the input states, in place of what the calendar or the platform says. */
export interface ExplicitValue {
  /** The dotted path: `jobs.sync.maxRuns`. */
  readonly name: string
  readonly value: string | number
}

/** The most that jobs have at work at one instant of some days. */
export interface PeakRuns {
  /** The largest number of runs, at whatever instant: it need not be `at`. */
  readonly runs: number
  /** The largest sum of connections, every pool of every run being full. */
  readonly connections: number
  /** The first instant with that many connections, in UTC (ISO 8601); undefined when no schedule adds to them. */
  readonly at: string | undefined
  /** Who has those connections at `at`, in the order of the input; a job without a run is left out. */
  readonly jobs: readonly JobRuns[]
}

/** The most that the jobs can have at work at one instant, on any day of the 28 years. */
export interface ConcurrentRuns extends PeakRuns {
  /**
   * The same over the ordinary days alone, those that no clock change reaches: on the day itself (in UTC), and on
   * the days before it from which a run may still be at work, no zone of a schedule puts its clock forward or back.
   * Fewer connections than in the worst case mean that this comes from a clock change, once or twice a year.
   *
   * Undefined when no day is ordinary, because runs take half a year.
   */
  readonly ordinaryDay: PeakRuns | undefined
  /** What the input leaves open, in its order. */
  readonly assumptions: readonly Assumption[]
  /** Every `duration`, `maxRuns` and `replicas` of the input, in its order. */
  readonly explicit: readonly ExplicitValue[]
}

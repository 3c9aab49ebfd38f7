/** The runs of one job at one instant. */
export interface JobRuns {
  readonly name: string
  readonly runs: number
  /** `runs × poolSize × poolsPerInstance`. */
  readonly connections: number
}

/** A value that the input omits, and the one assumed instead. Never an error. */
export interface Assumption {
  /** The dotted path: `jobs.sync.timeout`. */
  readonly name: string
  /** The assumed value and its effect on the sum: `omitted: 24 h as on Scaleway, so it counts 24 runs`. */
  readonly assumed: string
  /** The way to set it explicitly: `Set timeout`. */
  readonly remedy: string
}

/** An override in the input, which replaces the value from the calendar or the platform. */
export interface ExplicitValue {
  /** The dotted path: `jobs.sync.maxRuns`. */
  readonly name: string
  readonly value: string | number
}

/** The most runs, and the most connections, that jobs have at one instant of some days. */
export interface PeakRuns {
  /** The largest number of runs. Its instant may differ from `at`. */
  readonly runs: number
  /** The largest sum of connections, with every pool of every run full. */
  readonly connections: number
  /** The first instant with that many connections, in UTC (ISO 8601). Undefined if no schedule contributes to them. */
  readonly at: string | undefined
  /** The jobs with those connections at `at`, in the order of the input. A job without a run is left out. */
  readonly jobs: readonly JobRuns[]
}

/** The most runs and connections that jobs can have at one instant, on any day of the 28 years. */
export interface ConcurrentRuns extends PeakRuns {
  /**
   * The same, but only for ordinary days: those that no clock change affects. No zone of a schedule changes its clock
   * on the day itself (in UTC), nor on the days before it from which a run may still be running. Fewer connections than
   * in the worst case mean that the worst case comes from a clock change, once or twice a year.
   *
   * Undefined if no day is ordinary, because runs take half a year.
   */
  readonly ordinaryDay: PeakRuns | undefined
  /** The values that the input omits, in its order. */
  readonly assumptions: readonly Assumption[]
  /** Every `duration`, `maxRuns` and `replicas` of the input, in its order. */
  readonly explicit: readonly ExplicitValue[]
}

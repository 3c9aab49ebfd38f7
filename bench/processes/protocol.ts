import type { Counts } from "./counts.ts"

/** What the harness tells an instance. */
export type Order =
  /** So many callers, each with a request at a time, until told otherwise; 0 waits for those under way. */
  | { readonly callers: number }
  | "report"
  | "watch"
  | "stop"
  /** A report, after a collection of garbage: which takes the time of many requests. */
  | "collect"

/** What an instance did since its last report. */
export interface Report {
  readonly served: number
  readonly failed: Counts
  /** Of those that failed, or have no answer: they had sent a statement, or had a transaction open. */
  readonly inFlight: number
  /** How long those that failed took, in milliseconds. */
  readonly failureMillis: readonly number[]
  /** Of those served, in milliseconds. */
  readonly latencies: readonly number[]
  /** When the last failure was known, in milliseconds since 1970. */
  readonly lastFailureAt: number | undefined
  /** When the first request was served that began after the order to watch. */
  readonly servedAt: number | undefined
  readonly heapBytes: number
}

export type Answer = "ready" | "callers" | { readonly report: Report }

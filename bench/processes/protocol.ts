import type { Counts } from "./counts.ts"
import type { Environment } from "./environment.ts"

/** What the harness tells a process that is an instance. */
export type Order =
  /** To make a client of this environment. */
  | { readonly open: Environment }
  /** So many callers, each with a request at a time, until told otherwise; 0 waits for those under way. */
  | { readonly callers: number }
  | "report"
  | "watch"
  /** To end what is under way and to disconnect, as on SIGTERM. The process stays, for another client. */
  | "close"
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
  /** When the first request was served that began after the order to watch, in milliseconds since 1970. */
  readonly servedAt: number | undefined
  readonly heapBytes: number
}

export type Answer = "ready" | "open" | "callers" | { readonly report: Report }

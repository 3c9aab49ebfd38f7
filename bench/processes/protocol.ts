import type { Counts } from "./counts.ts"

/** What the harness tells an instance. */
export type Order =
  /** So many callers, each with a request at a time, until told otherwise; 0 waits for those under way. */
  { readonly callers: number } | "report" | "stop"

/** What an instance did since its last report. */
export interface Report {
  readonly served: number
  readonly failed: Counts
  /** Of those served, in milliseconds. */
  readonly latencies: readonly number[]
  /** When each failure, and the first success after one or after a gap, was known: milliseconds since 1970. */
  readonly turns: readonly { readonly at: number; readonly kind: string }[]
  /** After a collection of garbage, where the process was started with `--expose-gc`. */
  readonly heapBytes: number
}

export type Answer = "ready" | "callers" | { readonly report: Report }

import type { Hold } from "../processes/holds.ts"

/** What is swept: one kind of load at several rates. */
export interface Workload {
  readonly name: string
  readonly hold: Hold
  readonly burst: number
  readonly rates: readonly number[]
  /** Each time, so that p99 has enough to be a percentile of. */
  readonly millis: number
}

/** The pool sizes, up to what the server has beside the harness's own connection. */
export const POOL_SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16] as const

export const MAX_CONNECTIONS = 20

export const WORKLOADS: readonly Workload[] = [
  { name: "short reads", hold: "read", burst: 1, rates: [200, 1_200], millis: 200 },
  {
    name: "transactions with thought",
    hold: "transaction",
    burst: 1,
    rates: [80, 400],
    millis: 250,
  },
  { name: "slow analytical reads", hold: "analysis", burst: 1, rates: [30, 90], millis: 500 },
  { name: "transactions, 12 at a time", hold: "transaction", burst: 12, rates: [150], millis: 350 },
]

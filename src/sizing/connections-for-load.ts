import { decimal, integer, MAX_COUNT, MAX_POOL_SIZE } from "../validation/numbers.ts"
import { readNumbers } from "../validation/plain-object.ts"
import { erlangB, type Queue, type Waits, waitsFor } from "./erlang-c.ts"

/** Input of {@link connectionsForLoad}: a load, and its longest acceptable wait. */
export interface LoadInput {
  /** Acquisitions per second in all instances: queries outside transactions, plus transactions. 0 to 10,000,000. */
  readonly acquisitionsPerSecond: number
  /**
   * Average time that a connection is checked out, in milliseconds: the round trips, and in an interactive transaction
   * also the application's work between its queries. 0.001 to 86,400,000.
   */
  readonly holdTimeMs: number
  /** Longest acceptable wait of `percentile` per cent of the acquisitions, in ms. 0: no wait. 0 to 86,400,000. */
  readonly maxWaitMs: number
  /** Percentile of the acquisitions, in per cent: 99 is p99. 1 to 99.999, 99 by default. */
  readonly percentile?: number
  /** Pools that share the load evenly. Each of n gets 1/n of it, and its own connections. 1 to 1,000,000, default 1. */
  readonly instances?: number
  /** Acquisitions that start together in one instance (`Promise.all`). 1, the default: no bursts. 1 to 1,000,000. */
  readonly burst?: number
  /** Largest safe size of each pool, from `sizeFleet`. 1 to 10,000; by default 10,000, the most in any pool. */
  readonly fairShare?: number
}

/** The size of each pool for a load, and the resulting waits. */
export interface ConnectionsForLoad extends Waits {
  /** The size of each pool: the smaller of `demand` and the fair share. */
  readonly connections: number
  /**
   * The reason for this size: the load and its waits, its bursts, or the fair share. `fairShare` means that the load
   * needs more than is available, and waits longer than `maxWaitMs`. With the others, a larger pool would be of no use.
   */
  readonly binding: "load" | "burst" | "fairShare"
  /** Connections that the load needs in each pool. */
  readonly demand: number
  /** Average connections in use in each pool, by Little's law: acquisitions per second × hold time. */
  readonly busy: number
}

const MAX_MILLIS = 86_400_000

const readers = {
  acquisitionsPerSecond: decimal({
    description: "the acquisitions per second",
    min: 0,
    max: 10_000_000,
  }),
  holdTimeMs: decimal({
    description: "the average time that a connection is held, in milliseconds",
    min: 0.001,
    max: MAX_MILLIS,
  }),
  maxWaitMs: decimal({
    description: "the longest wait of an acquisition, in milliseconds",
    min: 0,
    max: MAX_MILLIS,
  }),
  percentile: decimal({
    description: "the percentile that waits no longer (99 for p99)",
    min: 1,
    max: 99.999,
    default: 99,
  }),
  instances: integer({ description: "the pools that share the load", min: 1, max: MAX_COUNT, default: 1 }),
  burst: integer({ description: "the acquisitions that start together", min: 1, max: MAX_COUNT, default: 1 }),
  fairShare: integer({
    description: "the most connections that each pool may have",
    min: 1,
    max: MAX_POOL_SIZE,
    default: MAX_POOL_SIZE,
  }),
}

/** Tolerance for the rounding errors of a division: 0.3 / 0.1 is 2.9999999999999996. */
const NOISE = 1e-9

/**
 * Computes how many connections each pool needs for a load to stay within its longest acceptable wait. A larger pool
 * only has more idle connections.
 *
 * - `busy = acquisitionsPerSecond / instances × holdTimeMs`, by Little's law.
 * - `waitMs = ln(C / (1 − percentile)) × holdTimeMs / (connections − busy)`, by Erlang's C formula, for random arrivals
 *   and varying hold times. The demand is the smallest size with a `waitMs` within `maxWaitMs`.
 * - A `burst` finds `busy` connections in use, and its last acquisition waits for the turns before its own:
 *   `demand ≥ floor(busy + (burst − 1) / turns) + 1` with `turns = 1 + floor(maxWaitMs / holdTimeMs)`.
 *
 * n instances need more than one with n times the load, since one cannot use a connection that is idle in another.
 *
 * Not modelled: a hold time that grows when more connections are active at once. It grows beyond what the server's
 * processors and disks can serve, about twice the cores by the PostgreSQL wiki. Then a larger pool is slower.
 * Overlapping bursts wait longer than `waitMs`, which is the wait of acquisitions that start one by one.
 *
 * The time is proportional to the demand, under 0.1 s for 1,000,000 connections.
 *
 * @throws PoolConfigError naming every field that is missing, unknown, or not in range, and `acquisitionsPerSecond` if
 * the load keeps more than 1,000,000 connections of a pool busy.
 * @see https://en.wikipedia.org/wiki/M/M/c_queue
 * @see https://wiki.postgresql.org/wiki/Number_Of_Database_Connections
 * @example
 * ```ts
 * connectionsForLoad({ acquisitionsPerSecond: 300, holdTimeMs: 20, maxWaitMs: 20, instances: 3, fairShare: 18 })
 * // 5 in each pool: 2 are busy on average, and p99 waits 12 ms; `binding` is "load", so 18 would be of no use
 * ```
 */
export function connectionsForLoad(input: LoadInput): ConnectionsForLoad {
  const { queue, maxWaitMs, burst, fairShare } = readLoad(input)
  const { busy, holdTimeMs } = queue

  const turns = 1 + Math.floor(maxWaitMs / holdTimeMs + NOISE)
  const forBursts = Math.floor(busy + (burst - 1) / turns) + 1
  let forWaits: number | undefined
  let atFairShare: Waits | undefined
  for (const [connections, blocked] of erlangB(busy)) {
    const waits = waitsFor(queue, connections, blocked)
    if (connections === fairShare) atFairShare = waits
    if (waits.waitMs <= maxWaitMs) forWaits ??= connections
    if (forWaits === undefined || connections < forBursts) continue
    const own = connections > forWaits ? "burst" : "load"
    return {
      connections: Math.min(connections, fairShare),
      binding: connections > fairShare ? "fairShare" : own,
      demand: connections,
      busy,
      ...(atFairShare ?? waits),
    }
  }
  throw new Error("unreachable: the recursion has no end")
}

function readLoad(input: LoadInput): {
  readonly queue: Queue
  readonly maxWaitMs: number
  readonly burst: number
  readonly fairShare: number
} {
  const busyIn = ({
    acquisitionsPerSecond,
    holdTimeMs,
    instances,
  }: Readonly<Record<keyof typeof readers, number>>) =>
    (acquisitionsPerSecond * holdTimeMs) / 1000 / instances
  const read = readNumbers(input, "input", readers, (numbers) =>
    busyIn(numbers) > MAX_COUNT
      ? [
          {
            name: "acquisitionsPerSecond",
            problem: `${numbers.acquisitionsPerSecond} a second, held for ${numbers.holdTimeMs} ms each, keep ${Math.round(busyIn(numbers))} connections of each pool busy`,
            remedy: `Give a load that keeps at most ${MAX_COUNT} busy, or more instances`,
          },
        ]
      : [],
  )
  const { holdTimeMs, maxWaitMs, percentile, burst, fairShare } = read
  return { queue: { busy: busyIn(read), holdTimeMs, percentile }, maxWaitMs, burst, fairShare }
}

import { decimal, integer, MAX_COUNT, MAX_POOL_SIZE } from "../validation/numbers.ts"
import { readNumbers } from "../validation/plain-object.ts"
import { erlangB, type Queue, type Waits, waitsFor } from "./erlang-c.ts"

/** What {@link connectionsForLoad} is asked: a load, and how long it may wait. */
export interface LoadInput {
  /** How often a connection is asked for, in all instances together: queries outside transactions, plus transactions. 0 to 10,000,000. */
  readonly acquisitionsPerSecond: number
  /**
   * How long one is held on average, in milliseconds: the round trips, and for an interactive transaction what the
   * application does in between. 0.001 to 86,400,000.
   */
  readonly holdTimeMs: number
  /** The longest that `percentile` per cent may wait for a connection, in milliseconds. 0: for nothing. 0 to 86,400,000. */
  readonly maxWaitMs: number
  /** Of the acquisitions, in per cent: 99 is p99. 1 to 99.999, 99 by default. */
  readonly percentile?: number
  /** Pools that share the load equally, 1 by default. Each of n gets a load of 1/n and shares no connection. 1 to 1,000,000. */
  readonly instances?: number
  /** How many acquisitions start together in one instance, as `Promise.all` does: 1, the default, for none. 1 to 1,000,000. */
  readonly burst?: number
  /** The most that each pool may have: its size by `sizeFleet`. 1 to 10,000; 10,000, the most in any pool, by default. */
  readonly fairShare?: number
}

/** How large each pool should be for a load, and what it waits for then. */
export interface ConnectionsForLoad extends Waits {
  /** The size of each pool: the smaller of `demand` and the fair share. */
  readonly connections: number
  /**
   * What this size comes from: the load and its waits, its bursts, or the fair share. `fairShare` says that the load asks
   * for more than may be had, and will wait longer than `maxWaitMs`. With the others, a larger pool would have no use.
   */
  readonly binding: "load" | "burst" | "fairShare"
  /** What the load asks for, in connections for each pool. */
  readonly demand: number
  /** Connections in use on average, in each pool, by Little's law: acquisitions per second × hold time. */
  readonly busy: number
}

const MOST_MILLIS = 86_400_000

const readers = {
  acquisitionsPerSecond: decimal({
    description: "how often a connection is asked for",
    min: 0,
    max: 10_000_000,
  }),
  holdTimeMs: decimal({
    description: "how long a connection is held on average, in milliseconds",
    min: 0.001,
    max: MOST_MILLIS,
  }),
  maxWaitMs: decimal({
    description: "how long an acquisition may wait, in milliseconds",
    min: 0,
    max: MOST_MILLIS,
  }),
  percentile: decimal({
    description: "the per cent that wait no longer (99 for p99)",
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

/** What division may have left behind: 0.3 / 0.1 is 2.9999999999999996. */
const NOISE = 1e-9

/**
 * How many connections each pool needs for a load to wait no longer than it may; a larger pool only has more of them idle.
 *
 * `busy = acquisitionsPerSecond / instances × holdTimeMs` (Little's law); with Erlang's C formula, arrivals at random and
 * hold times that vary, `waitMs = ln(C / (1 − percentile)) × holdTimeMs / (connections − busy)`, and the demand is the
 * smallest size at which that is within `maxWaitMs`. A `burst` finds `busy` connections in use, and its last acquisition
 * waits for the turns before its own: `demand ≥ floor(busy + (burst − 1) / turns) + 1` with
 * `turns = 1 + floor(maxWaitMs / holdTimeMs)`.
 *
 * n instances need more than one with n times the load, since a connection that is free in one is of no use to another.
 *
 * What it cannot know: a hold time that grows when more connections work at once. Beyond what the server's processors
 * and disks do at a time (about twice the cores, by the PostgreSQL wiki), it does, and a larger pool is slower. Bursts
 * that overlap wait longer than `waitMs`, which is the wait of acquisitions that start one by one.
 *
 * Takes time in proportion to the demand, under 0.1 s for 1,000,000 connections.
 *
 * @throws PoolConfigError naming every field that is missing, unknown, or not in range, and `acquisitionsPerSecond` when
 * the load keeps more than 1,000,000 connections of a pool busy.
 * @see https://en.wikipedia.org/wiki/M/M/c_queue
 * @see https://wiki.postgresql.org/wiki/Number_Of_Database_Connections
 * @example
 * ```ts
 * connectionsForLoad({ acquisitionsPerSecond: 300, holdTimeMs: 20, maxWaitMs: 20, instances: 3, fairShare: 18 })
 * // 5 in each pool: 2 are busy on average, and p99 waits 12 ms; `binding` is "load", so that 18 would be of no use
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

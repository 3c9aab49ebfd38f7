import { integer, MAX_COUNT, maxConnectionsRule, type NumberRule } from "../validation/numbers.ts"
import { readNumbers } from "../validation/plain-object.ts"
import type { Reader } from "../validation/problem.ts"

/** What {@link connectionLimitByShares} divides; every field is a whole number up to 1,000,000. */
export interface SharesInput {
  /** The server's ceiling, from `SHOW max_connections`; 1 or more. */
  readonly maxConnections: number
  /** The most API instances that run at once (`max_scale`); 1 or more. */
  readonly apiInstances: number
  /** The most jobs that run at once; 0 when there is none. */
  readonly concurrentJobs: number
  /** Databases of this server to which every instance and job opens a pool; 1 or more. */
  readonly databases: number
  /** Shares kept for other services (Metabase, monitoring); 0 for none. */
  readonly otherServices: number
  /** Shares kept for administrators; 0 for none. */
  readonly adminConnections: number
  /** Shares kept for what nobody foresaw; 0 for none. */
  readonly safetyMargin: number
}

const sharesRules = {
  maxConnections: maxConnectionsRule,
  apiInstances: { description: "the most API instances that run at once", min: 1, max: MAX_COUNT },
  concurrentJobs: { description: "the most jobs that run at once", min: 0, max: MAX_COUNT },
  databases: { description: "the databases that each instance opens a pool to", min: 1, max: MAX_COUNT },
  otherServices: { description: "the shares of other services", min: 0, max: MAX_COUNT },
  adminConnections: { description: "the shares of administrators", min: 0, max: MAX_COUNT },
  safetyMargin: { description: "the shares kept in reserve", min: 0, max: MAX_COUNT },
} satisfies Record<keyof SharesInput, NumberRule>

/**
 * The `connection_limit` of every pool, by shares: the sizing document's main formula ("Formule de
 * dimensionnement").
 *
 * `floor(maxConnections / (apiInstances × databases + concurrentJobs × databases + otherServices +
 * adminConnections + safetyMargin))`. Every consumer weighs one share, reserved ones included: an
 * administrator's connection takes as much as a whole pool, so this is the cautious one of the two formulas.
 * {@link connectionLimitBySlots} gives at least as much for the same reserved total.
 *
 * It promises that the sum stays within `maxConnections`, and knows nothing of the slots that PostgreSQL keeps
 * for superusers; `checkFleet` does.
 *
 * @returns Connections per pool. 0 means that there is not even one connection for each share.
 * @throws PoolConfigError naming every field that is missing, unknown, or not a whole number in range.
 * @example
 * ```ts
 * connectionLimitByShares({
 *   maxConnections: 100,
 *   apiInstances: 1,
 *   concurrentJobs: 2,
 *   databases: 1,
 *   otherServices: 1,
 *   adminConnections: 1,
 *   safetyMargin: 1,
 * }) // 16: 100 / 6 shares
 * ```
 */
export function connectionLimitByShares(input: SharesInput): number {
  const read = readNumbers(input, "input", readersOf(sharesRules))
  const pools = read.apiInstances * read.databases + read.concurrentJobs * read.databases
  const shares = pools + read.otherServices + read.adminConnections + read.safetyMargin
  return Math.floor(read.maxConnections / shares)
}

/** What {@link connectionLimitBySlots} divides; every field is a whole number up to 1,000,000. */
export interface SlotsInput {
  /** The server's ceiling, from `SHOW max_connections`; 1 or more. */
  readonly maxConnections: number
  /** The most API instances that run at once (`max_scale`); 1 or more. */
  readonly apiInstances: number
  /** The most jobs that run at once; 0 when there is none. */
  readonly concurrentJobs: number
  /** Databases of this server to which every instance and job opens a pool; 1 or more, 1 by default. */
  readonly databases?: number
  /**
   * Every slot that no pool may use, **the superuser's included** (`reservedTotal` adds them up); 0 for none,
   * below `maxConnections`.
   */
  readonly reserved: number
}

const slotsRules = {
  maxConnections: maxConnectionsRule,
  apiInstances: { description: "the most API instances that run at once", min: 1, max: MAX_COUNT },
  concurrentJobs: { description: "the most jobs that run at once", min: 0, max: MAX_COUNT },
  databases: {
    description: "the databases that each instance opens a pool to",
    min: 1,
    max: MAX_COUNT,
    default: 1,
  },
  reserved: {
    description: "the slots that no pool may use, the superuser's included",
    min: 0,
    max: MAX_COUNT,
  },
} satisfies Record<keyof SlotsInput, NumberRule>

/**
 * The `connection_limit` of every pool, by slots: the sizing document's "Scénario 3".
 *
 * `floor((maxConnections − reserved) / ((apiInstances + concurrentJobs) × databases))`. A reserved slot counts
 * as the one connection that it is, so the result is at least that of {@link connectionLimitByShares}. This is
 * the formula that `createCoreClient` uses.
 *
 * It promises that the sum stays within `maxConnections`. Only when `reserved` is what `reservedTotal` gives
 * does it also leave PostgreSQL its own slots, and then `checkFleet` accepts the size.
 *
 * @returns Connections per pool. 0 means that there is not even one connection for each pool.
 * @throws PoolConfigError naming every field that is missing, unknown, or not a whole number in range, and
 * `reserved` when it leaves no slot.
 * @example
 * ```ts
 * connectionLimitBySlots({
 *   maxConnections: 100,
 *   apiInstances: 3,
 *   concurrentJobs: 0,
 *   databases: 2,
 *   reserved: 20,
 * }) // 13: (100 − 20) / 3 / 2
 * ```
 */
export function connectionLimitBySlots(input: SlotsInput): number {
  const read = readNumbers(input, "input", readersOf(slotsRules), ({ reserved, maxConnections }) =>
    reserved >= maxConnections
      ? [
          {
            name: "reserved",
            problem: `${reserved} leaves no slot of maxConnections ${maxConnections}`,
            remedy: `Reserve at most ${maxConnections - 1}, or raise maxConnections`,
          },
        ]
      : [],
  )
  const pools = (read.apiInstances + read.concurrentJobs) * read.databases
  return Math.floor((read.maxConnections - read.reserved) / pools)
}

function readersOf<Field extends string>(rules: Readonly<Record<Field, NumberRule>>) {
  const readers = {} as Record<Field, Reader<number>>
  for (const field of Object.keys(rules) as Field[]) readers[field] = integer(rules[field])
  return readers
}

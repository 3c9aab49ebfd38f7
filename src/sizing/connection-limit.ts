import { integer, MAX_COUNT, maxConnectionsRule, type NumberRule } from "../validation/numbers.ts"
import { readNumbers } from "../validation/plain-object.ts"
import type { Reader } from "../validation/problem.ts"

/** Input of {@link connectionLimitByShares}. Every field is a whole number up to 1,000,000. */
export interface SharesInput {
  /** The server's ceiling, from `SHOW max_connections`; 1 or more. */
  readonly maxConnections: number
  /** The most API instances that run at once (`max_scale`); 1 or more. */
  readonly apiInstances: number
  /** The most jobs that run at once; 0 if there are none. */
  readonly concurrentJobs: number
  /** Databases of this server to which every instance and job opens a pool; 1 or more. */
  readonly databases: number
  /** Shares kept for other services (Metabase, monitoring); 0 for none. */
  readonly otherServices: number
  /** Shares kept for administrators; 0 for none. */
  readonly adminConnections: number
  /** Shares kept for the unforeseen; 0 for none. */
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
 * Computes the `connection_limit` of every pool, by shares. This is the first formula in docs/sizing.md ("Two
 * formulas").
 *
 * `floor(maxConnections / (apiInstances × databases + concurrentJobs × databases + otherServices + adminConnections +
 * safetyMargin))`. Every consumer counts as one share, reserved ones included: an administrator's connection takes as
 * much as a whole pool. This is therefore the more cautious of the two formulas. {@link connectionLimitBySlots} gives
 * at least as much for the same reserved total.
 *
 * The sum stays within `maxConnections`. The slots that PostgreSQL keeps for superusers are not considered here, but by
 * `checkFleet`.
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

/** Input of {@link connectionLimitBySlots}. Every field is a whole number up to 1,000,000. */
export interface SlotsInput {
  /** The server's ceiling, from `SHOW max_connections`; 1 or more. */
  readonly maxConnections: number
  /** The most API instances that run at once (`max_scale`); 1 or more. */
  readonly apiInstances: number
  /** The most jobs that run at once; 0 if there are none. */
  readonly concurrentJobs: number
  /** Databases of this server to which every instance and job opens a pool; 1 or more, 1 by default. */
  readonly databases?: number
  /**
   * Every slot that no pool may use, **including those for superusers** (`reservedTotal` adds them up). Below
   * `maxConnections`; 0 for none.
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
    description: "the slots that no pool may use, including those for superusers",
    min: 0,
    max: MAX_COUNT,
  },
} satisfies Record<keyof SlotsInput, NumberRule>

/**
 * Computes the `connection_limit` of every pool, by slots. This is the second formula in docs/sizing.md, used for
 * scenario 3.
 *
 * `floor((maxConnections − reserved) / ((apiInstances + concurrentJobs) × databases))`. A reserved slot counts as one
 * connection, so the result is at least that of {@link connectionLimitByShares}. `createCoreClient` uses this formula.
 *
 * The sum stays within `maxConnections`. It also leaves PostgreSQL its own slots only if `reserved` is the result of
 * `reservedTotal`, and then `checkFleet` accepts the size.
 *
 * @returns Connections per pool. 0 means that there is not even one connection for each pool.
 * @throws PoolConfigError naming every field that is missing, unknown, or not a whole number in range, and
 * `reserved` if it leaves no slot.
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

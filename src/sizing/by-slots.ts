import { readInput, refuseUnknown, wholeNumbers } from "../validation/object-reader.ts"
import { MOST, maxConnectionsRule, type WholeNumber } from "../validation/whole-number.ts"

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

const rules = {
  maxConnections: maxConnectionsRule,
  apiInstances: { meaning: "the most API instances that run at once", min: 1, max: MOST },
  concurrentJobs: { meaning: "the most jobs that run at once", min: 0, max: MOST },
  databases: { meaning: "the databases that each instance opens a pool to", min: 1, max: MOST, fallback: 1 },
  reserved: { meaning: "the slots that no pool may use, the superuser's included", min: 0, max: MOST },
} satisfies Record<keyof SlotsInput, WholeNumber>

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
  const read = readInput(input, "input", (fields, issues) => {
    refuseUnknown(fields, Object.keys(rules), issues)
    const numbers = wholeNumbers(fields, rules, issues)
    if (numbers.reserved >= numbers.maxConnections) {
      issues.push({
        name: "reserved",
        problem: `${numbers.reserved} leaves no slot of maxConnections ${numbers.maxConnections}`,
        remedy: `Reserve at most ${numbers.maxConnections - 1}, or raise maxConnections`,
      })
    }
    return numbers
  })
  const pools = (read.apiInstances + read.concurrentJobs) * read.databases
  return Math.floor((read.maxConnections - read.reserved) / pools)
}

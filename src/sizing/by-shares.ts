import { readInput, refuseUnknown, wholeNumbers } from "../validation/object-reader.ts"
import { MOST, maxConnectionsRule, type WholeNumber } from "../validation/whole-number.ts"

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

const rules = {
  maxConnections: maxConnectionsRule,
  apiInstances: { meaning: "the most API instances that run at once", min: 1, max: MOST },
  concurrentJobs: { meaning: "the most jobs that run at once", min: 0, max: MOST },
  databases: { meaning: "the databases that each instance opens a pool to", min: 1, max: MOST },
  otherServices: { meaning: "the shares of other services", min: 0, max: MOST },
  adminConnections: { meaning: "the shares of administrators", min: 0, max: MOST },
  safetyMargin: { meaning: "the shares kept in reserve", min: 0, max: MOST },
} satisfies Record<keyof SharesInput, WholeNumber>

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
  const read = readInput(input, "input", (fields, issues) => {
    refuseUnknown(fields, Object.keys(rules), issues)
    return wholeNumbers(fields, rules, issues)
  })
  const pools = read.apiInstances * read.databases + read.concurrentJobs * read.databases
  const shares = pools + read.otherServices + read.adminConnections + read.safetyMargin
  return Math.floor(read.maxConnections / shares)
}

import { usableConnections } from "../../sizing/usable-connections.ts"
import type { Attribution } from "./attribution.ts"
import type { DatabaseReport } from "./database-report.ts"
import { sum } from "./group-connections.ts"

/** Whether a deploy fits the server as it is now, in connections. */
export interface PreflightResult {
  readonly fits: boolean
  /** What ordinary roles may use. */
  readonly usable: number
  /** `held + undeclared + surge`. */
  readonly total: number
  /** What is declared, or what is seen where that is more: Σ max(declared, seen). */
  readonly held: number
  /** What is seen and nobody declared. */
  readonly undeclared: number
  /** What the deploy adds. */
  readonly surge: number
}

/**
 * `Σ max(declared, seen) + undeclared + Σ surge ≤ usable`: what is declared may fill up at any moment, what is there and
 * more than that is there, and the deploy comes on top.
 */
export function judgeDeploy(
  report: DatabaseReport,
  { allocations, undeclared: unknown }: Attribution,
): PreflightResult {
  const usable = usableConnections(report.ceiling)
  const held = sum(allocations, ({ declared, seen }) => Math.max(declared, seen))
  const undeclared = sum(unknown, ({ connections }) => connections)
  const surge = sum(allocations, ({ declared, declaredInDeploy }) => declaredInDeploy - declared)
  const total = held + undeclared + surge
  return { fits: total <= usable, usable, total, held, undeclared, surge }
}

import type { FleetCheck } from "../../src/sizing/index.ts"

/** The most connections at one point of a rolling deploy, by who holds them. */
export interface DeployPoint {
  readonly name: string
  /** The share of the deploy that is over, 0 to 1. */
  readonly at: number
  /** What a deploy leaves alone: reserved connections, and jobs. */
  readonly others: number
  readonly old: number
  readonly new: number
  readonly total: number
}

export interface RollingDeploy {
  readonly usable: number
  readonly points: readonly DeployPoint[]
}

/**
 * Returns the sum over a deploy of everything at once: every new instance that may run beside the old ones starts, then
 * they replace each other, and the last old ones stop.
 *
 * @param reserved connections outside the fleet
 */
export function rollingDeploy(check: FleetCheck, reserved: number): RollingDeploy {
  const others = reserved + check.jobs.connections
  const fleet = check.total - others
  const surge = check.deploy.total - check.total
  const point = (name: string, at: number, old: number, started: number): DeployPoint => ({
    name,
    at,
    others,
    old,
    new: started,
    total: others + old + started,
  })
  // What is left of the old instances when the last of the new ones have started.
  const left = Math.min(fleet, surge)
  return {
    usable: check.usable,
    points: [
      point("before", 0, fleet, 0),
      point("the first new instances run", 0.25, fleet, surge),
      point("the last old instances run", 0.75, left, fleet + surge - left),
      point("after", 1, 0, fleet),
    ],
  }
}

/** A number at rest, and during a deploy. */
export interface Phases {
  readonly steady: number
  readonly deploy: number
}

/** What the pools of a service share. */
export interface SharedBudget {
  /** The budget is this many times the size, and at least `least`. */
  readonly unit: number
  readonly least: number
  /** The pools that share it; undefined where the number of instances is not known. */
  readonly pools: Phases | undefined
}

/**
 * The slots of a budget that are left to newcomers, so that each pool finds one for its first connection. The pools of a
 * service and the check of its fleet count by the same rule.
 */
export const joiningSlots = (budget: number): number =>
  Math.min(Math.max(2, Math.floor(budget / 10)), Math.floor(budget / 2))

/** The slots of a budget that its pools share, at least 1. */
export const sharedSlots = (budget: number): number => Math.max(1, budget - joiningSlots(budget))

/** The least budget that gives each of so many pools a connection of its own. */
export function leastBudget(pools: number): number {
  let budget = Math.max(1, pools)
  // Each slot of a budget adds at most one that is shared.
  while (sharedSlots(budget) < pools) budget += pools - sharedSlots(budget)
  return budget
}

/** The budget at a size that is solved for; a given one is its own size. */
export const budgetAt = ({ unit, least }: SharedBudget, size: number): number => Math.max(least, unit * size)

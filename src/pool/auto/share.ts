import { type Budget, type BudgetSettings, budgetOf } from "./budget.ts"
import type { Look } from "./look.ts"

/** Where a pool stands among the others, by its last look. */
export interface Share {
  readonly budget: Budget
  /** Pools of the service that have a connection, this one included. */
  readonly members: number
  /** What the members share: what is shared, without the sessions that are nobody's, and at least 1. */
  readonly available: number
  /** The most that this pool ever holds. */
  readonly cap: number
  /** This pool's part of what is shared: 1 to `cap`. */
  readonly size: number
  /** What this pool held when it looked. */
  readonly openThen: number
}

export interface ShareSettings extends BudgetSettings {
  readonly cap: number
}

/**
 * The share of a pool by one look.
 *
 * Sessions that belong to no pool of the service (`psql`, jobs with a number) give nothing back: what they have is not
 * there to be shared. Pools that counted on it would fill the slots of newcomers without being above their shares.
 *
 * @param openThen its connections that were logged in when it sent the look: those that the server has counted
 */
export function shareOf(look: Look, settings: ShareSettings, openThen: number): Share {
  const { cap } = settings
  const { members } = look
  const budget = budgetOf(look, settings)
  // The pool's own count even where something has changed the name of its connections.
  const strangers = Math.max(0, budget.used - Math.max(look.ofMembers, openThen))
  const available = Math.max(1, budget.shared - strangers)
  const size = Math.min(cap, Math.max(1, Math.floor(available / members)))
  return { budget, members, available, cap, size, openThen }
}

/**
 * True if a pool may open one more connection.
 *
 * The look is as old as a period, so that what the pool has opened since counts as used. What it has closed since counts
 * as free up to its share alone: above its share it would open again what it has just given back.
 *
 * @param share undefined for a pool that has not looked since it had no connection
 * @param open its connections now: those that are being opened or closed included
 */
export function mayOpen(share: Share | undefined, open: number): boolean {
  // Without a connection it cannot look: the first one is for that.
  if (share === undefined || open === 0) return open === 0
  const { budget, cap, size, openThen } = share
  if (open >= cap) return false
  const used = budget.used + open - openThen
  if (open < size) return used < budget.shared
  return Math.max(used, budget.used) < budget.shared - budget.joining
}

/** True if all that is shared is taken: newcomers need what pools have above their shares. */
export const isFull = ({ budget }: Share): boolean => budget.used >= budget.shared

/**
 * How many connections a pool must close: idle ones at once, busy ones when they are given back. It shrinks to its share
 * when its last look has found that all that is shared is taken.
 *
 * @param open its connections now, without those that are closing
 */
export function surplusOf(share: Share, open: number): number {
  return Math.max(0, open - (isFull(share) ? share.size : share.cap))
}

/** How near the members are to what they share: more than half of it, or more than there is. */
export type Crowding = "none" | "half" | "over"

export function crowdingOf({ members, available }: Share): Crowding {
  if (members > available) return "over"
  return members > available / 2 ? "half" : "none"
}

/** The time that a connection may be idle beside others. */
const IDLE_MS = 10_000
/** The time that any may be idle where some pools have none. */
const CROWDED_IDLE_MS = 1_000

/**
 * The time that a connection may be idle before it is closed; 0 sets no limit.
 *
 * @param open the pool's connections: the last one keeps its usual time unless other pools have none
 * @param usual the time of a pool with a fixed size; 0 sets no limit
 */
export function idleMillis(share: Share | undefined, open: number, usual: number): number {
  const isOver = share !== undefined && crowdingOf(share) === "over"
  if (!isOver && open <= 1) return usual
  return Math.min(usual || Number.POSITIVE_INFINITY, isOver ? CROWDED_IDLE_MS : IDLE_MS)
}

/** How many idle connections a pool keeps ready, of those that `PRISMA_POOL_MIN_IDLE` asks for. */
export function minIdleOf(share: Share, wanted: number): number {
  return crowdingOf(share) === "none" ? Math.min(wanted, share.size) : 0
}

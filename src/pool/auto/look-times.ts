import type { Look } from "./look.ts"

const PERIOD_MS = 5_000
/** Pools that have started together must not look together for ever. */
const JITTER = 0.2
/** Newcomers find no slot where all that is shared is taken, until the others have learned of them. */
const FULL_PERIOD_MS = 2_000
const QUICK_PERIOD_MS = 1_000
const QUICK_FOR_MS = 10_000

/** The time that a look may take. */
export const LOOK_TIMEOUT_MS = 1_000

/** When a pool looks next. Times are milliseconds of one clock that never goes back. */
export interface LookTimes {
  readonly dueAt: number
  /** Nominal milliseconds from one look to the next. */
  readonly period: number
  /** When a look last found a change. */
  readonly changedAt: number
}

/** What a look has found. */
export interface Found {
  /** {@link isChanged} */
  readonly isChanged: boolean
  /** True if all that is shared is taken. */
  readonly isFull: boolean
}

/** The findings of a look that failed: it must not be repeated at each chance. */
export const NOTHING_FOUND: Found = { isChanged: false, isFull: false }

/**
 * The times after a look. One that failed counts too.
 *
 * @param before undefined for the first one, which is a change: the pool itself is new to the others
 * @param random a number from 0 up to 1
 */
export function afterLook(
  before: LookTimes | undefined,
  now: number,
  { isChanged, isFull }: Found,
  random: number,
): LookTimes {
  const changedAt = before === undefined || isChanged ? now : before.changedAt
  const isQuick = now - changedAt < QUICK_FOR_MS
  const period = isQuick ? QUICK_PERIOD_MS : isFull ? FULL_PERIOD_MS : PERIOD_MS
  const wait = isQuick ? period : period * (1 + JITTER * (2 * random - 1))
  return { dueAt: now + wait, period, changedAt }
}

/**
 * True if a look has found what changes the shares: other pools came or went, somebody has altered a limit, or the server
 * is another one. How many connections there are changes all the time, and is no reason to look more often.
 */
export function isChanged(before: Look | undefined, look: Look): boolean {
  return (
    before === undefined ||
    before.members !== look.members ||
    before.roleLimit !== look.roleLimit ||
    before.databaseLimit !== look.databaseLimit ||
    before.maxConnections !== look.maxConnections ||
    before.server.startedAt !== look.server.startedAt
  )
}

/**
 * True if a look is due on a connection that is given back. Callers that wait do so for one round trip more: newcomers have
 * their slots from pools that are busy, and would wait for as long as those do not learn of them.
 */
export function isDueOnReturn({ dueAt }: LookTimes, now: number): boolean {
  return now >= dueAt
}

/**
 * When a look is due on an idle connection: where none was given back for a period. A pool that has lost its callers must
 * still shrink.
 *
 * @param returnedAt when a connection was last given back
 */
export function idleLookAt({ dueAt, period }: LookTimes, returnedAt: number): number {
  return Math.max(dueAt, returnedAt + period)
}

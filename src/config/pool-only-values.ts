import type { PoolConfigIssue } from "../error.ts"
import type { AutoSize } from "./auto-size.ts"
import { OPTIONS } from "./options.ts"

/**
 * The settings that no parameter of a URL sets: a variable does, or an option of `createPool`, which reads no environment.
 * Durations are in seconds.
 */
export interface PoolOnlyValues {
  /**
   * Seconds that callers wait out a server that cannot be reached, or is starting, before they fail at once; 0 fails at
   * once. They count from the first attempt that failed, and never end one that is under way.
   */
  readonly reconnectTimeout: number
  /** Connections kept idle and ready from the first `$connect()` on, inside the pool size; 0 keeps none. */
  readonly minIdle: number
  /** Callers that may wait for a connection at a time: one more fails at once with `P2024`. 0 sets no limit. */
  readonly maxWaiting: number
  /** Seconds after which a connection that a caller still holds is reported; 0 reports none. */
  readonly leakThreshold: number
  /** Undefined where the pool has a size of its own. */
  readonly auto: AutoSize | undefined
}

/** The rows of the option table by which those that are numbers are read. */
export const POOL_ONLY = {
  reconnectTimeout: OPTIONS.reconnectTimeout,
  minIdle: OPTIONS.minIdle,
  maxWaiting: OPTIONS.maxWaiting,
  leakThreshold: OPTIONS.leakThreshold,
} as const satisfies Record<Exclude<keyof PoolOnlyValues, "auto">, unknown>

/** The names of {@link POOL_ONLY}. */
export type PoolOnlyNumber = keyof typeof POOL_ONLY

/** The numbers of {@link PoolOnlyValues}, each read by its row; the default where `read` finds none. */
export function poolOnlyNumbers(
  read: (name: PoolOnlyNumber) => number | undefined,
): Record<PoolOnlyNumber, number> {
  const names = Object.keys(POOL_ONLY) as PoolOnlyNumber[]
  return Object.fromEntries(names.map((name) => [name, read(name) ?? POOL_ONLY[name].default])) as Record<
    PoolOnlyNumber,
    number
  >
}

/**
 * Refuses a pool that is to keep more connections idle than it may hold.
 *
 * @param name where the number was found: a variable, or an option
 */
export function checkMinIdle(
  { minIdle, connectionLimit }: { readonly minIdle: number; readonly connectionLimit: number },
  name: string,
  issues: PoolConfigIssue[],
): void {
  if (minIdle <= connectionLimit) return
  issues.push({
    name,
    problem: `received ${minIdle}, more than the pool size of ${connectionLimit}`,
    remedy: `Use at most ${connectionLimit}, or raise the size`,
  })
}

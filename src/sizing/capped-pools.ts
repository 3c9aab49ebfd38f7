/** Pools of one process of a pooler that a cap limits together. */
export interface CappedPools {
  /** How many such groups there are. */
  readonly times: number
  /** The pools in one of them. */
  readonly count: number
  /** Infinity where nothing limits them together. */
  readonly cap: number
  /** Connections that do not depend on the pooler's size: pools with a size of their own, and reserves. */
  readonly fixed: number
  /** Pools that have the pooler's size. */
  readonly open: number
}

/** The same pools by database and by user: what they open is within the caps of both. */
export type CappedTwice = readonly [byDatabase: readonly CappedPools[], byUser: readonly CappedPools[]]

/** The most server connections that one process opens, where the pooler's pools have this size. */
export const mostInProcess = (pools: CappedTwice, size: number): number =>
  Math.min(...pools.map((groups) => sumOf(groups, size)))

/** The same without any cap. */
export const uncappedInProcess = ([groups]: CappedTwice, size: number): number =>
  groups.reduce((sum, { times, fixed, open }) => sum + times * (fixed + open * size), 0)

/** The server connections of the smallest of some pools, each by itself; 0 where there are none. */
export const leastInPool = (pools: readonly CappedPools[], size: number): number =>
  pools.length === 0
    ? 0
    : Math.min(...pools.map(({ cap, fixed, open }) => Math.min(cap, fixed + open * size)))

/** The number of pools in all groups. */
export const countPools = (groups: readonly CappedPools[]): number =>
  groups.reduce((sum, { times, count }) => sum + times * count, 0)

const sumOf = (groups: readonly CappedPools[], size: number): number =>
  groups.reduce((sum, { times, cap, fixed, open }) => sum + times * Math.min(cap, fixed + open * size), 0)

/** Spreads pools of one size as evenly as possible, which is when a cap on each group leaves the most. */
export function spread(pools: number, groups: number, cap: number, reserve: number): CappedPools[] {
  const fewest = Math.floor(pools / groups)
  const group = (times: number, open: number) => ({ times, count: open, cap, fixed: open * reserve, open })
  const larger = pools % groups
  return [group(larger, fewest + 1), group(groups - larger, fewest)].filter(({ times }) => times > 0)
}

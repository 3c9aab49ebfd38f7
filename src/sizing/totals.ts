import type { ReadFleet } from "./parse-fleet.ts"

/** What consumers and jobs hold together when every pool is full, without what is reserved outside the fleet. */
export interface Sum {
  readonly steady: number
  readonly deploy: number
}

/** How large a {@link Sum} may be. */
export type Room = Sum

/** What each connection in a pool is multiplied by: the pools of one consumer, or of several alike. */
export interface Load {
  readonly pools: number
  readonly deployPools: number
}

/**
 * The one sum behind every check and every solved size. `sizes` are in the order of the loads; the jobs, which are at
 * work during a deploy as well, come as the connections that they hold at their peak.
 */
export function sumLoads(loads: readonly Load[], sizes: readonly number[], jobs: number): Sum {
  let steady = jobs
  let deploy = jobs
  loads.forEach(({ pools, deployPools }, index) => {
    const size = sizes[index] ?? 0
    steady += pools * size
    deploy += deployPools * size
  })
  return { steady, deploy }
}

/**
 * What is left for consumers and jobs when the steady total fills so many per cent of the usable slots. A limit of the
 * database or the role has no threshold: it is stated for this very fleet.
 */
export function roomOf({ usable, outside, limits }: ReadFleet, fill: number): Room {
  const deploy = Math.min(usable - outside, ...Object.values(limits).filter((limit) => limit >= 0))
  return { steady: Math.min(Math.floor((fill * usable) / 100) - outside, deploy), deploy }
}

export function isWithin(sum: Sum, room: Room): boolean {
  return sum.steady <= room.steady && sum.deploy <= room.deploy
}

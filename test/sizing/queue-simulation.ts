/** A pool under load, by what happens rather than by a formula. */
export interface Simulated {
  /** The share that found no connection free. */
  readonly waited: number
  readonly meanWaitMs: number
  quantileMs(percentile: number): number
}

/**
 * First come, first served: bursts arrive at random, each acquisition takes the connection that is free first, and holds it
 * for a time of its own.
 */
export function simulate({
  acquisitionsPerSecond,
  hold,
  connections,
  burst = 1,
  arrivals = 600_000,
  random,
}: {
  readonly acquisitionsPerSecond: number
  /** A hold time, in milliseconds. */
  readonly hold: () => number
  readonly connections: number
  readonly burst?: number
  readonly arrivals?: number
  readonly random: () => number
}): Simulated {
  const freeAt = new Float64Array(connections)
  const waits = new Float64Array(arrivals)
  let now = 0
  for (let index = 0; index < arrivals; index++) {
    if (index % burst === 0) now += (-Math.log(1 - random()) * 1000 * burst) / acquisitionsPerSecond
    let first = 0
    for (let other = 1; other < connections; other++) {
      if ((freeAt[other] ?? 0) < (freeAt[first] ?? 0)) first = other
    }
    const start = Math.max(now, freeAt[first] ?? 0)
    waits[index] = start - now
    freeAt[first] = start + hold()
  }
  waits.sort()
  return {
    waited: waits.filter((wait) => wait > 0).length / arrivals,
    meanWaitMs: waits.reduce((sum, wait) => sum + wait, 0) / arrivals,
    quantileMs: (percentile) => waits[Math.floor((arrivals * percentile) / 100)] ?? Number.NaN,
  }
}

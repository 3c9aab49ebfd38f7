/** mulberry32: the same arrivals for every pool size. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Times between arrivals at random, or of what takes as long as it takes. */
export const exponential = (mean: number, random: () => number) => () => -Math.log(1 - random()) * mean

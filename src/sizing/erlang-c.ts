/** Waits of acquisitions in one pool, by the M/M/c queue. */
export interface Waits {
  /** The share of acquisitions that wait at all, 0 to 1. */
  readonly waitProbability: number
  /** In milliseconds, over all acquisitions; `Infinity` if the pool cannot keep up. */
  readonly meanWaitMs: number
  /** The longest wait of `percentile` per cent of the acquisitions, in milliseconds; `Infinity` as above. */
  readonly waitMs: number
}

/** A queue: `busy` is λS, the mean number of connections in use (Little's law). */
export interface Queue {
  readonly busy: number
  readonly holdTimeMs: number
  readonly percentile: number
}

/**
 * Computes Erlang's B formula for c = 0, 1, 2, …, by the recursion `B(c) = aB(c − 1) / (c + aB(c − 1))`. It has no
 * factorial, and each step divides by more than it multiplies with, so it is exact for thousands of connections.
 */
export function* erlangB(busy: number): Generator<readonly [connections: number, blocked: number], never> {
  let blocked = 1
  for (let connections = 0; ; connections++) {
    if (connections > 0) blocked = (busy * blocked) / (connections + busy * blocked)
    yield [connections, blocked]
  }
}

/**
 * Computes the waits by Erlang's C formula from B. `C = B / (1 − ρ(1 − B))` is the probability of a wait. The wait of
 * those that wait is exponential with the rate `(c − a) / S`.
 */
export function waitsFor(
  { busy, holdTimeMs, percentile }: Queue,
  connections: number,
  blocked: number,
): Waits {
  if (connections <= busy) {
    return { waitProbability: 1, meanWaitMs: Number.POSITIVE_INFINITY, waitMs: Number.POSITIVE_INFINITY }
  }
  const waitProbability = blocked / (1 - (busy / connections) * (1 - blocked))
  const meanIfWaiting = holdTimeMs / (connections - busy)
  const waitMs = Math.max(0, Math.log(waitProbability / (1 - percentile / 100)) * meanIfWaiting)
  return { waitProbability, meanWaitMs: waitProbability * meanIfWaiting, waitMs }
}

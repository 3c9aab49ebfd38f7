import type { ParsedSize } from "./parse-size.ts"

/** A value of `t`, as a fraction of integers, so that comparisons have no rounding errors. */
interface Point {
  readonly numerator: number
  readonly denominator: number
}

/**
 * Returns the sizes `min(max, max(min, floor(weight × t)))` at the largest accepted `t`; undefined if not even the
 * smallest sizes are accepted. `accepts` must be monotonic: if it accepts some sizes, it accepts smaller ones.
 *
 * Sizes change only at the breakpoints `k / weight`. First comes a binary search over those of the heaviest weight.
 * Before the next of them, every other weight has at most one breakpoint, and a second binary search goes over these,
 * in order. `accepts` is called O(log(max × heaviest / lightest) + log n) times, at most about 45. The rest is
 * O(n log n).
 */
export function solveSizes(
  sizes: readonly ParsedSize[],
  accepts: (sizes: readonly number[]) => boolean,
): readonly number[] | undefined {
  const at = (point: Point) => sizes.map((size) => sizeAt(size, point))
  if (!accepts(at({ numerator: 0, denominator: 1 }))) return undefined

  const open = sizes.filter(({ min, max }) => min < max)
  const heaviest = open.reduce((most, { weight }) => Math.max(most, weight), 1)
  const end = open.reduce((most, { weight, max }) => Math.max(most, Math.ceil((max * heaviest) / weight)), 0)
  const steps = lastAccepted(end, (numerator) => accepts(at({ numerator, denominator: heaviest })))
  const step = { numerator: steps, denominator: heaviest }

  const points = [step, ...open.map(({ weight }) => breakpointAfter(step, weight))]
  points.sort((one, other) => one.numerator * other.denominator - other.numerator * one.denominator)
  const last = lastAccepted(open.length, (index) => accepts(at(points[index] ?? step)))
  return at(points[last] ?? step)
}

/** Exact: with a weight up to 100,000 and sizes up to 10,000 the product stays below 10^14. */
function sizeAt({ weight, min, max }: ParsedSize, { numerator, denominator }: Point): number {
  return Math.min(max, Math.max(min, Math.floor((weight * numerator) / denominator)))
}

function breakpointAfter({ numerator, denominator }: Point, weight: number): Point {
  return { numerator: Math.floor((weight * numerator) / denominator) + 1, denominator: weight }
}

/** Returns the largest accepted integer up to `end`. 0 is accepted, and none after the first refused one. */
function lastAccepted(end: number, accepts: (value: number) => boolean): number {
  let accepted = 0
  let refused = end + 1
  while (refused - accepted > 1) {
    const middle = Math.floor((accepted + refused) / 2)
    if (accepts(middle)) accepted = middle
    else refused = middle
  }
  return accepted
}

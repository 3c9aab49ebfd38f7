import type { ParsedSize } from "./parse-size.ts"

/** A point of `t`, as a fraction of whole numbers: nothing here is compared with a rounding error. */
interface Point {
  readonly numerator: number
  readonly denominator: number
}

/**
 * The sizes `min(max, max(min, floor(weight × t)))` at the largest `t` that is accepted, or undefined when not even
 * the smallest sizes are. `accepts` must never accept larger sizes and refuse smaller ones.
 *
 * Sizes change at the breakpoints `k / weight` only. Those of the heaviest weight are searched by halves; before the
 * next of them every other weight has at most one, and these, in order, are searched by halves again. So it asks
 * `accepts` O(log(max × heaviest / lightest) + log n) times, about 45 at the most, and takes O(n log n) beside that.
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

/** The largest whole number up to `end` that is accepted, where 0 is, and none after the first that is not. */
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

import { median } from "./statistics.ts"

/** What two contenders, or one contender twice, did one after the other. */
export interface Pair<Result> {
  readonly a: Result
  readonly b: Result
}

/** Pairs run in the order A B B A, so that a machine that gets slower or faster favours neither. */
export async function inPairs<Result>(
  pairs: number,
  a: () => Promise<Result>,
  b: () => Promise<Result>,
): Promise<Pair<Result>[]> {
  const results: Pair<Result>[] = []
  for (let pair = 0; pair < pairs; pair++) {
    if (pair % 2 === 0) {
      const first = await a()
      results.push({ a: first, b: await b() })
    } else {
      const first = await b()
      results.push({ a: await a(), b: first })
    }
  }
  return results
}

/** The median of a ratio over the pairs, with the least and the most that were seen. */
export interface Ratio {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** b over a. */
export function ratioOf<Result>(pairs: readonly Pair<Result>[], measure: (result: Result) => number): Ratio {
  const ratios = pairs.map(({ a, b }) => measure(b) / measure(a))
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) }
}

export function shownRatio({ median, min, max }: Ratio): string {
  return `${median.toFixed(3)} (${min.toFixed(2)}–${max.toFixed(2)})`
}

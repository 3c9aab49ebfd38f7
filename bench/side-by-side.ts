import { median, medianInterval } from "./statistics.ts"

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

/** One contender between two runs of the other, which are also its noise. */
export interface Round<Result> {
  readonly before: Result
  readonly between: Result
  readonly after: Result
}

/** Rounds in the order A B A, A B A: a machine that gets slower or faster does so on both sides of B. */
export async function inRounds<Result>(
  rounds: number,
  a: () => Promise<Result>,
  b: () => Promise<Result>,
): Promise<Round<Result>[]> {
  const results: Round<Result>[] = []
  for (let round = 0; round < rounds; round++) {
    results.push({ before: await a(), between: await b(), after: await a() })
  }
  return results
}

/** The median of a ratio, with the bounds that it is above and below with 95 % each, and the least and the most that were seen. */
export interface Ratio {
  readonly median: number
  readonly lower: number
  readonly upper: number
  readonly min: number
  readonly max: number
}

/** b over a. */
export function ratioOf<Result>(pairs: readonly Pair<Result>[], measure: (result: Result) => number): Ratio {
  return spread(pairs.map(({ a, b }) => measure(b) / measure(a)))
}

/** B over the mean of both A, and A over A: what is between two runs of the same. */
export function ratiosOf<Result>(
  rounds: readonly Round<Result>[],
  measure: (result: Result) => number,
): { readonly ratio: Ratio; readonly itself: Ratio } {
  const all = rounds.map(({ before, between, after }) => [before, between, after].map(measure))
  return {
    ratio: spread(all.map(([before = 0, between = 0, after = 0]) => (2 * between) / (before + after))),
    itself: spread(all.map(([before = 0, , after = 0]) => after / before)),
  }
}

const spread = (ratios: readonly number[]): Ratio => ({
  median: median(ratios),
  ...medianInterval(ratios),
  min: Math.min(...ratios),
  max: Math.max(...ratios),
})

export function shownRatio({ median, min, max }: Ratio): string {
  return `${median.toFixed(3)} (${min.toFixed(2)}–${max.toFixed(2)})`
}

/** The same with the bounds of the median in place of the least and the most. */
export function shownMedian({ median, lower, upper }: Ratio): string {
  return `${median.toFixed(3)} (${lower.toFixed(3)}–${upper.toFixed(3)})`
}

/** Says whether a median meets a target, or misses it by less than the noise. */
export function judged({ median, lower, upper }: Ratio, is: "≥" | "≤", target: number): string {
  const meets = (value: number) => (is === "≥" ? value >= target : value <= target)
  const verdict = meets(median) ? "met" : meets(lower) || meets(upper) ? "**within the noise**" : "**missed**"
  return `${verdict}: ${is} ${target}`
}

/** Of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((x, y) => x - y)
  const half = sorted.length / 2
  const [lower, upper] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]]
  return lower === undefined || upper === undefined ? Number.NaN : (lower + upper) / 2
}

/** What the median is above with 95 %, and below with 95 %. Of fewer than five values: the least and the most, which are less sure. */
export function medianInterval(values: readonly number[]): {
  readonly lower: number
  readonly upper: number
} {
  const sorted = values.toSorted((x, y) => x - y)
  const rank = medianRank(sorted.length)
  return { lower: sorted[rank] ?? Number.NaN, upper: sorted[sorted.length - 1 - rank] ?? Number.NaN }
}

/** The index, in order, of the value that the median is above with 95 %: by the signs alone, whatever their distribution. */
function medianRank(count: number): number {
  let below = 0
  let probability = 0.5 ** count
  let sum = 0
  while (sum + probability <= 0.05) {
    sum += probability
    probability = (probability * (count - below)) / (below + 1)
    below += 1
  }
  return Math.max(0, below - 1)
}

/** What `percentile` per cent of the values are at most; NaN of none. */
export function quantile(values: readonly number[], percentile: number): number {
  const sorted = values.toSorted((x, y) => x - y)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percentile) / 100))] ?? Number.NaN
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

export const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0)

/** "12 (11–14)": the median, with the least and the most where there are several. */
export function shownSpread(values: readonly number[], digits = 0): string {
  if (values.length === 0) return "–"
  const [middle, least, highest] = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
    shownNumber(value, digits),
  )
  return least === highest ? `${middle}` : `${middle} (${least}–${highest})`
}

export const shownNumber = (value: number, digits = 0): string =>
  Number.isNaN(value)
    ? "–"
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })

import type { MetricAttributes, Point } from "./database-metrics.ts"

/**
 * The series of one gauge. An SDK repeats the last value of a series that is not observed, so every series that ever
 * existed must be observed again.
 */
export class Series {
  readonly #known = new Map<string, MetricAttributes>()

  /** Adds 0 for series that are gone. Without points, every series is NaN: a gap in a graph, which fires no alert. */
  complete(points: readonly Point[] | undefined): readonly Point[] {
    const rest = new Map(this.#known)
    for (const [, attributes] of points ?? []) {
      const key = JSON.stringify(attributes)
      this.#known.set(key, attributes)
      rest.delete(key)
    }
    const value = points === undefined ? Number.NaN : 0
    return [...(points ?? []), ...[...rest.values()].map((attributes) => [value, attributes] as const)]
  }
}

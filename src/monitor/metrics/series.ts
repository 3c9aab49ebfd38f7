import type { MetricAttributes, Point } from "./database-metrics.ts"

/**
 * The series of one gauge. An SDK repeats the last value of a series that it is not told of, so each one that there ever
 * was has to be told.
 */
export class Series {
  readonly #known = new Map<string, MetricAttributes>()

  /** The points, and 0 for what is gone; of what is not known now, NaN, which is a gap in a graph and sets off no alert. */
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

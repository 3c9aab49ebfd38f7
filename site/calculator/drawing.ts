import type { Span } from "./jobs-day.ts"

/** A point of a drawing, in its own units, with zero at the bottom. */
export type Point = readonly [x: number, y: number]

/** Writes points for an SVG that is 100 high, at the top of which is `top` and everything above it. */
export const svgPoints = (points: readonly Point[], top: number): string =>
  points.map(([x, y]) => `${round(x)},${round(100 - (100 * Math.min(y, top)) / top)}`).join(" ")

/** The outline of an area between two lines over the same places. */
export const areaBetween = (lower: readonly Point[], upper: readonly Point[]): readonly Point[] => [
  ...upper,
  ...[...lower].reverse(),
]

/** The outline of steps, down to zero at both ends. */
export const stepOutline = (spans: readonly Span[]): readonly Point[] => [
  [spans[0]?.from ?? 0, 0],
  ...spans.flatMap(({ from, to, value }): Point[] => [
    [from, value],
    [to, value],
  ]),
  [spans.at(-1)?.to ?? 0, 0],
]

const round = (number: number): number => Math.round(number * 100) / 100

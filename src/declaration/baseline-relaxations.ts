import { type Relaxation, shownText } from "./relaxation.ts"

/** The parts of `pool.baseline.json` that can relax the check. */
export interface ComparedBaseline {
  readonly acknowledged: readonly Acknowledged[]
  /** Addresses that must be counted. */
  readonly counted: readonly string[]
}

interface Acknowledged {
  readonly cause: string
  /** An address, or a pattern with `*`. */
  readonly address: string
  readonly attribute?: string
  readonly reason: string
  /** The number of findings that it covers. */
  readonly matches: number
}

const NOTHING: ComparedBaseline = { acknowledged: [], counted: [] }

/** Finds what a baseline lets pass that the previous one did not. A changed reason alone is not a relaxation. */
export function baselineRelaxations(
  from: ComparedBaseline = NOTHING,
  to: ComparedBaseline = NOTHING,
): Relaxation[] {
  const before = matchesByEntry(from)
  const counted = new Set(to.counted)
  return [
    // A widened address is another entry, and therefore a new one.
    ...[...matchesByEntry(to)].flatMap(([key, { name, matches }]) => {
      const had = before.get(key)?.matches ?? null
      return had === null || matches > had
        ? [{ name: `baseline.acknowledged.${name}`, from: had, to: matches }]
        : []
    }),
    ...[...new Set(from.counted)]
      .filter((address) => !counted.has(address))
      .map((address) => ({ name: "baseline.counted", from: shownText(address), to: null })),
  ]
}

function matchesByEntry({ acknowledged }: ComparedBaseline) {
  const entries = new Map<string, { readonly name: string; readonly matches: number }>()
  for (const { cause, address, attribute, matches } of acknowledged) {
    const parts = [cause, address, ...(attribute === undefined ? [] : [attribute])]
    const key = JSON.stringify(parts)
    entries.set(key, { name: parts.join("."), matches: matches + (entries.get(key)?.matches ?? 0) })
  }
  return entries
}

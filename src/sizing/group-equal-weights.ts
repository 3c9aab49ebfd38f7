import type { ReadSize } from "./parse-size.ts"
import type { Load } from "./totals.ts"

interface Merged {
  /** One for all loads that have the same size at every `t`. */
  readonly loads: readonly Load[]
  readonly sizes: readonly ReadSize[]
  /** For each load that went in, the place of the one that it is part of. */
  readonly places: readonly number[]
}

/** A thousand consumers are seldom sized by more than a few rules, and those alike are solved for as one. */
export function mergeAlike(loads: readonly Load[], sizes: readonly ReadSize[]): Merged {
  const merged: { pools: number; deployPools: number }[] = []
  const rules: ReadSize[] = []
  const placeOf = new Map<string, number>()
  const places = loads.map(({ pools, deployPools }, index) => {
    const rule = sizes[index]
    if (rule === undefined) throw new RangeError("A load without a size")
    const key = `${rule.weight} ${rule.min} ${rule.max}`
    const place = placeOf.get(key) ?? rules.push(rule) - 1
    placeOf.set(key, place)
    const sum = merged[place]
    merged[place] = { pools: (sum?.pools ?? 0) + pools, deployPools: (sum?.deployPools ?? 0) + deployPools }
    return place
  })
  return { loads: merged, sizes: rules, places }
}

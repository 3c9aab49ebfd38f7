import type { ParsedSize } from "./parse-size.ts"
import type { PoolCounts } from "./totals.ts"

interface Merged {
  /** One for each group of loads that have the same size at every `t`. */
  readonly loads: readonly PoolCounts[]
  readonly sizes: readonly ParsedSize[]
  /** For each input load, the index of its group. */
  readonly places: readonly number[]
}

/** Groups loads with equal size rules, to solve for each once. Even a thousand consumers rarely have many rules. */
export function groupEqualWeights(loads: readonly PoolCounts[], sizes: readonly ParsedSize[]): Merged {
  const merged: PoolCounts[] = []
  const rules: ParsedSize[] = []
  const placeOf = new Map<string, number>()
  const places = loads.map((load, index) => {
    const { steadyPools, deployPools, shared, pooler, poolsPerInstance } = load
    const rule = sizes[index]
    if (rule === undefined) throw new RangeError("A load without a size")
    // The logins beside a budget are not in proportion to its size.
    if (shared !== undefined) {
      merged.push(load)
      return rules.push(rule) - 1
    }
    const bounds = `${rule.weight} ${rule.min} ${rule.max}`
    // Behind a pooler the largest instance counts too.
    const key = pooler === undefined ? bounds : `${bounds} ${poolsPerInstance} ${steadyPools > 0} ${pooler}`
    const place = placeOf.get(key) ?? rules.push(rule) - 1
    placeOf.set(key, place)
    const sum = merged[place]
    merged[place] = {
      steadyPools: (sum?.steadyPools ?? 0) + steadyPools,
      deployPools: (sum?.deployPools ?? 0) + deployPools,
      poolsPerInstance,
      ...(pooler === undefined ? {} : { pooler }),
    }
    return place
  })
  return { loads: merged, sizes: rules, places }
}

import type { Assumption, OpenPooler } from "../sizing/index.ts"

type Poolers = Readonly<Record<string, OpenPooler>>

/**
 * Fills in what a declaration leaves out of its poolers: a deploy that starts new processes before the old ones stop, as
 * for consumers, and database entries of which no two pools have the same.
 */
export function assumedPoolers(
  poolers: Poolers,
  prefix: string,
): { readonly poolers: Poolers; readonly assumptions: readonly Assumption[] } {
  const assumptions: Assumption[] = []
  const entries = Object.entries(poolers).map(([name, pooler]) => {
    const path = `${prefix}poolers.${name}`
    assumptions.push(...assumedSpread(pooler, path))
    if (pooler.surge !== undefined) return [name, pooler] as const
    const { instances } = pooler
    assumptions.push({
      name: `${path}.surge`,
      assumed: `a deploy of the pooler runs ${instances} old + ${instances} new processes, each with full pools`,
      remedy: "If the old ones stop first, set surge to 0",
    })
    return [name, { ...pooler, surge: instances }] as const
  })
  return { poolers: Object.fromEntries(entries), assumptions }
}

/** Says how pools are spread where a cap, or a pool of `authUser` in each entry, depends on it. */
function assumedSpread(pooler: OpenPooler, path: string): Assumption[] {
  const { pools = 1, databases, users, maxDbConnections = 0, maxUserConnections = 0 } = pooler
  if (typeof pools !== "number" || pools === 1) return []
  const perEntry = pooler.authUser !== undefined && pooler.authDbname === undefined
  return [
    ...(databases === undefined && (maxDbConnections > 0 || perEntry)
      ? [
          {
            name: `${path}.databases`,
            assumed: `each of the ${pools} pools is of a database entry of its own`,
            remedy: "If several users share an entry, set databases",
          },
        ]
      : []),
    ...(users === undefined && maxUserConnections > 0
      ? [
          {
            name: `${path}.users`,
            assumed: `each of the ${pools} pools is of a user of its own`,
            remedy: "If a user has several pools, set users",
          },
        ]
      : []),
  ]
}

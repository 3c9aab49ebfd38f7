import { type CappedPools, type CappedTwice, spread } from "./capped-pools.ts"
import type { PoolerPool } from "./pooler.ts"

/** The fields that say which pools a process of a pooler has. */
export interface PoolsValues {
  readonly pools: number | readonly PoolValues[]
  readonly databases?: number | undefined
  readonly users?: number | undefined
  readonly reservePoolSize: number
  readonly maxDbConnections: number
  readonly maxUserConnections: number
  readonly authUser?: string | undefined
  readonly authDbname?: string | undefined
}

/** A pool of a list, of which nothing is filled in. */
export type PoolValues = { readonly [field in keyof PoolerPool]: PoolerPool[field] | undefined } & Pick<
  PoolerPool,
  "database" | "user"
>

/** Finds the pools of one process, those of `authUser` included. */
export const poolsInProcess = (values: PoolsValues): CappedTwice =>
  typeof values.pools === "number" ? counted(values, values.pools) : listed(values, values.pools)

/** The same fields without the pools of `authUser`, which take no clients. */
export const ofClients = <Values extends Pick<PoolsValues, "pools" | "authUser" | "authDbname">>(
  values: Values,
): Values => ({
  ...values,
  pools:
    typeof values.pools === "number" ? values.pools : values.pools.filter((pool) => !isLookup(pool, values)),
  authUser: undefined,
})

const isLookup = (
  { database, user }: Pick<PoolerPool, "database" | "user">,
  { authUser, authDbname = database }: Pick<PoolsValues, "authUser" | "authDbname">,
): boolean => user === authUser && database === authDbname

/** Returns the pools, each by itself. */
export function eachPool(values: PoolsValues): readonly CappedPools[] {
  const { pools, reservePoolSize, maxDbConnections, maxUserConnections } = values
  if (typeof pools === "number") {
    const cap = Math.min(capOf(maxDbConnections), capOf(maxUserConnections))
    return [{ times: pools, count: 1, cap, fixed: reservePoolSize, open: 1 }]
  }
  const [ofDatabase, ofUser] = [
    ownCaps(pools, "database", "maxDbConnections"),
    ownCaps(pools, "user", "maxUserConnections"),
  ]
  return pools.map(({ database, user, poolSize, reservePoolSize: reserve = reservePoolSize }) => ({
    times: 1,
    count: 1,
    cap: Math.min(
      capOf(ofDatabase.get(database) ?? maxDbConnections),
      capOf(ofUser.get(user) ?? maxUserConnections),
    ),
    fixed: (poolSize ?? 0) + reserve,
    open: poolSize === undefined ? 1 : 0,
  }))
}

/** PgBouncer's 0 is no limit. */
const capOf = (most: number): number => (most === 0 ? Number.POSITIVE_INFINITY : most)

/** What is not said of them is as many as there can be: each pool is then limited least. */
function counted(values: PoolsValues, pools: number): CappedTwice {
  const { databases = pools, users = pools, reservePoolSize: reserve, authUser, authDbname } = values
  const [ofDatabase, ofUser] = [capOf(values.maxDbConnections), capOf(values.maxUserConnections)]
  if (authUser === undefined) {
    return [spread(pools, databases, ofDatabase, reserve), spread(pools, users, ofUser, reserve)]
  }
  const own = authDbname === undefined ? databases : 1
  const byUser = [...spread(pools, users, ofUser, reserve), ...spread(own, 1, ofUser, reserve)]
  // The entry of auth_dbname may be one without other pools.
  return authDbname === undefined
    ? [spread(pools + databases, databases, ofDatabase, reserve), byUser]
    : [[...spread(pools, databases, ofDatabase, reserve), ...spread(1, 1, ofDatabase, reserve)], byUser]
}

function listed(values: PoolsValues, given: readonly PoolValues[]): CappedTwice {
  const pools = [...given, ...authPools(values, given)]
  return [
    groupBy(pools, values, "database", "maxDbConnections"),
    groupBy(pools, values, "user", "maxUserConnections"),
  ]
}

/** The pools of `authUser` that are not in the list itself. */
export function authPools(
  { authUser, authDbname }: Pick<PoolsValues, "authUser" | "authDbname">,
  given: readonly PoolValues[],
): PoolValues[] {
  if (authUser === undefined) return []
  const databases = authDbname === undefined ? given.map(({ database }) => database) : [authDbname]
  return [...new Set(databases)]
    .filter((database) => !given.some((pool) => pool.database === database && pool.user === authUser))
    .map((database) => ({
      database,
      user: authUser,
      poolSize: undefined,
      reservePoolSize: undefined,
      maxDbConnections: undefined,
      maxUserConnections: undefined,
    }))
}

type Owner = "database" | "user"
type Cap = "maxDbConnections" | "maxUserConnections"

/** The caps that pools of a list give their database entry or their user. */
const ownCaps = (pools: readonly PoolValues[], owner: Owner, limit: Cap): ReadonlyMap<string, number> =>
  new Map(
    pools.flatMap((pool) => {
      const cap = pool[limit]
      return cap === undefined ? [] : [[pool[owner], cap] as const]
    }),
  )

function groupBy(pools: readonly PoolValues[], values: PoolsValues, owner: Owner, limit: Cap): CappedPools[] {
  const groups = new Map<string, CappedPools>()
  const caps = ownCaps(pools, owner, limit)
  for (const { [owner]: name, poolSize, reservePoolSize = values.reservePoolSize } of pools) {
    const { count = 0, fixed = 0, open = 0 } = groups.get(name) ?? {}
    groups.set(name, {
      times: 1,
      count: count + 1,
      cap: capOf(caps.get(name) ?? values[limit]),
      fixed: fixed + (poolSize ?? 0) + reservePoolSize,
      open: open + (poolSize === undefined ? 1 : 0),
    })
  }
  return [...groups.values()]
}

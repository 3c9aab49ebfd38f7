import type { ParsedPooler } from "./parse-poolers.ts"
import type { PoolerPool } from "./pooler.ts"
import { authPools, type PoolValues } from "./pooler-pools.ts"

/** A pool of one process of a pooler, with its sizes. */
export interface SizedPool extends Pick<PoolerPool, "database" | "user"> {
  readonly poolSize: number
  readonly reservePoolSize: number
}

/** The pools that a pooler lists, those of `authUser` included; undefined where it only says how many there are. */
export function sizedPools({
  given,
  size,
  reservePoolSize,
}: Pick<ParsedPooler, "given" | "size" | "reservePoolSize">): readonly SizedPool[] | undefined {
  if (!isList(given.pools)) return undefined
  const listed = given.pools as readonly PoolValues[]
  return [...listed, ...authPools(given, listed)].map((pool) => ({
    database: pool.database,
    user: pool.user,
    poolSize: pool.poolSize ?? size.min,
    reservePoolSize: pool.reservePoolSize ?? reservePoolSize,
  }))
}

/** `Array.isArray` does not narrow an array that is read-only. */
const isList = (pools: ParsedPooler["given"]["pools"]): pools is readonly PoolerPool[] => Array.isArray(pools)

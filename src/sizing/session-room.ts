import type { OpenPooler } from "./pooler.ts"
import { ofClients } from "./pooler-pools.ts"

type Sessions = Pick<OpenPooler, "pools" | "poolMode" | "authUser" | "authDbname">

/** True if clients hold their connections, and each may be in another pool. */
export function isOfSeveralPools({ poolMode, pools: given = 1, authUser, authDbname }: Sessions): boolean {
  const { pools } = ofClients({ pools: given, authUser, authDbname })
  return poolMode === "session" && (typeof pools === "number" ? pools : pools.length) > 1
}

/** Returns a pooler as if its clients were spread over its pools so that none of these is too small. */
export const spreadOverPools = <Pooler extends Sessions>(pooler: Pooler): Pooler =>
  isOfSeveralPools(pooler) ? { ...pooler, poolMode: "transaction" } : pooler

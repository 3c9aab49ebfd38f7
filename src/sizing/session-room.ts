import type { OpenPooler } from "./pooler.ts"

type Sessions = Pick<OpenPooler, "pools" | "poolMode">

/** True if clients hold their connections, and each may be in another pool. */
export const isOfSeveralPools = ({ poolMode, pools = 1 }: Sessions): boolean =>
  poolMode === "session" && (typeof pools === "number" ? pools : pools.length) > 1

/** Returns a pooler as if its clients were spread over its pools so that none of these is too small. */
export const spreadOverPools = <Pooler extends Sessions>(pooler: Pooler): Pooler =>
  isOfSeveralPools(pooler) ? { ...pooler, poolMode: "transaction" } : pooler

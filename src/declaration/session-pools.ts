import type { Unknown } from "../deployments/index.ts"
import type { OpenPooler } from "../sizing/index.ts"
import { byName } from "../sizing/names.ts"
import { isOfSeveralPools, spreadOverPools } from "../sizing/session-room.ts"

type Poolers = Readonly<Record<string, OpenPooler>>

/**
 * Returns poolers with the most room that their clients may find: in session mode a client has a connection of its own pool
 * alone, and no consumer says of which one.
 */
export const mostRoom = (poolers: Poolers): Poolers =>
  byName(Object.entries(poolers).map(([name, pooler]) => [name, spreadOverPools(pooler)] as const))

/** Names the poolers in which it is not known which pool each client is in. */
export const unknownSpread = (poolers: Poolers, prefix: string): Unknown[] =>
  Object.entries(poolers).flatMap(([name, pooler]) =>
    isOfSeveralPools(pooler) ? [unevenPools(`${prefix}poolers.${name}`)] : [],
  )

const unevenPools = (name: string): Unknown => ({
  cause: "count",
  name: `${name}.poolMode`,
  problem:
    "is session, in which a client holds a connection of its own pool, and it is not known which pool each client is in",
  between:
    "as many clients as the smallest of its pools has connections, or as many as max_client_conn takes",
  remedy:
    "Do nothing if it fits. Else use transaction mode, or declare each pool as a pooler of its own, with its share of max_client_conn and what connects through it",
})

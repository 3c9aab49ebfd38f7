import type { Load } from "../processes/requests.ts"
import type { Way } from "../processes/ways.ts"
import { WAYS } from "../ways.ts"

/** Who suffers a fault: a way to configure a client. */
export interface Contender {
  /** Its `application_name`. */
  readonly id: string
  /** As the tables name it. */
  readonly name: string
  readonly way: Way
  /** The connections that its pool may have at most; of a pooler, the pooler's. */
  readonly limit: number
  readonly load: Load
  /** The directory that its processes run in, where it is another one than the scenario's. */
  readonly project?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A third of its requests are interactive transactions. */
const load = "transactions"
const POOL_SIZE = 5

export const PLANNED: Contender = {
  id: "planned",
  name: WAYS.planned.name,
  way: "planned",
  limit: POOL_SIZE,
  load,
}

/** This package before callers waited for room, beside the same peers. */
export const before = (project: string): Contender => ({
  id: "before",
  name: "this library, before",
  way: "planned",
  limit: POOL_SIZE,
  load,
  project,
})

export const PGBOUNCER: Contender = {
  id: "pgbouncer",
  name: WAYS.pgbouncer.name,
  way: "pgbouncer",
  limit: 20,
  load,
}

export const BEST_BY_HAND: Contender = {
  id: "by-hand",
  name: WAYS.bestByHand.name,
  way: "bestByHand",
  limit: 15,
  load,
}

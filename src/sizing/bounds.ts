import type { ReadFleet } from "./parse-fleet.ts"
import type { Sum } from "./totals.ts"

/** What bounds a fleet, by the field that states it. */
export type BoundName = "maxConnections" | "database" | "role"

/** One of the bounds, and what is held of it when every pool is full, in connections. */
export interface Bound {
  readonly name: BoundName
  /** What may be open: the usable slots of the server, or the limit of the database or role. */
  readonly limit: number
  /** Of that, what is held: for the server with what is reserved outside the fleet, for a limit without. */
  readonly total: number
  readonly deploy: {
    /** The same while a deploy rolls. */
    readonly total: number
  }
}

/** The bounds that the fleet has, the tightest first. */
export function boundsOf({ usable, outside, limits }: ReadFleet, { steady, deploy }: Sum): Bound[] {
  const held = (name: BoundName, limit: number, beside: number): Bound => ({
    name,
    limit,
    total: beside + steady,
    deploy: { total: beside + deploy },
  })
  const stated = (["database", "role"] as const).filter((name) => limits[name] >= 0)
  const bounds = [
    held("maxConnections", usable, outside),
    ...stated.map((name) => held(name, limits[name], 0)),
  ]
  return bounds.sort((one, other) => one.limit - one.total - (other.limit - other.total))
}

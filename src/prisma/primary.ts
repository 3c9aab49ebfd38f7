import type { DatabaseName } from "../config/database-variables.ts"
import type { Environment } from "../config/environment.ts"

/** Where a client carries which variables it was made of, for the client of its replica. */
export const PRIMARY = Symbol.for("prisma-pool-config.primary.v1")

/** The database of a client, and where its settings were read. */
export interface Primary {
  readonly database: DatabaseName
  readonly env: Environment
}

/** A function, so that nobody who looks into a client sees the environment. */
export const madeFor =
  (database: DatabaseName, env: Environment = process.env): (() => Primary) =>
  () => ({ database, env })

/** Undefined for a client that was not made here. */
export function primaryOf(client: unknown): Primary | undefined {
  const made = (client as { readonly [PRIMARY]?: () => Primary } | null | undefined)?.[PRIMARY]
  return typeof made === "function" ? made() : undefined
}

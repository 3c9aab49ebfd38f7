import type { DatabaseName } from "../config/database-variables.ts"
import type { Environment } from "../config/environment.ts"

/** The key under which a client carries its database and environment, for the client of its replica. */
export const PRIMARY = Symbol.for("prisma-pool-config.primary.v1")

/** The database of a client, and the environment its settings were read from. */
export interface Primary {
  readonly database: DatabaseName
  readonly env: Environment
}

/** Wraps a primary in a function, so that inspecting a client does not show the environment. */
export const primaryTag =
  (database: DatabaseName, env: Environment = process.env): (() => Primary) =>
  () => ({ database, env })

/** The database and environment of a client; undefined if it was not made by this package. */
export function primaryOf(client: unknown): Primary | undefined {
  const made = (client as { readonly [PRIMARY]?: () => Primary } | null | undefined)?.[PRIMARY]
  return typeof made === "function" ? made() : undefined
}

import { sizeVariable, urlVariable } from "../../config/database-variables.ts"
import { OPTIONS } from "../../config/options.ts"
import { label } from "../../error.ts"
import { PGBOUNCER_PORT } from "./pgbouncer-ini.ts"
import { DATABASE } from "./pgbouncer-pools.ts"

/** A consumer or a job behind a pooler. */
export interface PooledClient {
  readonly name: string
  /** The variable that sets its pool's size. */
  readonly sizeVariable: string
  readonly size: number
  /** Its role, where that is declared. */
  readonly user: string | undefined
  /** Its entry of `[databases]`, where that is known. */
  readonly database: string | undefined
}

/**
 * Writes the environment of each client, with a template of its URL. The size is in both, since the variable takes precedence, and Prisma 6 on
 * its own engine reads the URL alone.
 */
export const clientEnvironment = (clients: readonly PooledClient[]): string =>
  clients
    .flatMap((client) => [
      `# ${label(client.name)}`,
      `${urlVariableBy(client.sizeVariable)}="${urlOf(client)}"`,
      `${client.sizeVariable}=${client.size}`,
    ])
    .join("\n")

function urlOf({ user, database, size }: PooledClient): string {
  // Half a character is in no URL.
  const role = user === undefined || /\p{Cs}/u.test(user) ? "USER" : escaped(user)
  const entry = database === undefined ? DATABASE : escaped(database)
  const parameters = [
    "pgbouncer=true",
    `${OPTIONS.connectionLimit.parameter}=${size}`,
    `${OPTIONS.poolTimeout.parameter}=${OPTIONS.poolTimeout.default}`,
  ]
  return `postgresql://${role}:PASSWORD@PGBOUNCER_HOST:${PGBOUNCER_PORT}/${entry}?${parameters.join("&")}`
}

/** `encodeURIComponent` keeps quotes and exclamation marks, which a shell may read. */
const escaped = (name: string): string =>
  encodeURIComponent(name).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** The variable of a URL, by that of its pool's size. */
function urlVariableBy(variable: string): string {
  const suffix = variable.slice(sizeVariable(undefined).length + 1)
  return urlVariable(suffix === "" ? undefined : suffix)
}

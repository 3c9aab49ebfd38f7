import type { LimitName } from "../monitor/inspect/database-report.ts"
import { anyError } from "./error-causes.ts"

/** PostgreSQL's texts, and PgBouncer's: https://github.com/postgres/postgres/blob/master/src/backend/utils/init/postinit.c */
const TEXTS: readonly (readonly [LimitName | "pooler", RegExp])[] = [
  ["maxConnections", /too many clients already|remaining connection slots are reserved/],
  ["database", /too many connections for database/],
  ["role", /too many connections for role/],
  ["pooler", /no more connections allowed/],
]

/**
 * Which limit refused a connection, for an error of which `isTooManyConnections` is true. Undefined where the server
 * speaks another language (`lc_messages`): the code is the same for all of them.
 */
export function refusedLimit(error: unknown): LimitName | "pooler" | undefined {
  return TEXTS.find(([, text]) => anyError(error, ({ message }) => text.test(String(message))))?.[0]
}

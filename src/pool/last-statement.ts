import type { PostgresClient } from "./postgres-client.ts"

/** The text of what was sent last over each connection that is followed. */
const TEXTS = new WeakMap<PostgresClient, string | undefined>()

/** Follows what is sent over a connection from now on. */
export function followStatements(connection: PostgresClient): void {
  const isFollowed = TEXTS.has(connection)
  TEXTS.set(connection, undefined)
  if (isFollowed) return
  const query = connection.query as unknown as (...parameters: unknown[]) => unknown
  const followed = (...parameters: unknown[]) => {
    TEXTS.set(connection, textOf(parameters[0]))
    return query.apply(connection, parameters)
  }
  connection.query = followed as unknown as PostgresClient["query"]
}

/** The text of what was sent last since its caller has the connection; undefined if nothing was. */
export function lastStatement(connection: PostgresClient): string | undefined {
  return TEXTS.get(connection)
}

/** Forgets the text, which can be long. */
export function forgetStatement(connection: PostgresClient): void {
  TEXTS.set(connection, undefined)
}

/** The text of a query as node-postgres takes it: a text, a configuration, or an object that sends itself, such as a cursor. */
function textOf(query: unknown): string | undefined {
  if (typeof query === "string") return query
  const { text, cursor } = (query ?? {}) as { text?: unknown; cursor?: unknown }
  if (typeof text === "string") return text
  return cursor === undefined ? undefined : textOf(cursor)
}

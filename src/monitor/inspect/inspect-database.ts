import { flattenAggregateError, PoolConfigError, receivedArgument } from "../../error.ts"
import type { LimitedPoolConfig } from "../../pool/limited-pool.ts"
import { poolConfigFromUrl } from "../../pool/pool-config-from-url.ts"
import { PostgresClient } from "../../pool/postgres-client.ts"
import { buildReport } from "./build-report.ts"
import type { DatabaseReport } from "./database-report.ts"
import { INSPECTION } from "./inspection-query.ts"
import { readInspection } from "./inspection-row.ts"
import { OWN_APPLICATION_NAME } from "./own-name.ts"

interface Answer {
  readonly rows: readonly unknown[]
}

/** A `PrismaClient` of any version, or what `$extends` made of one. */
export interface PrismaLike {
  $queryRawUnsafe(query: string): PromiseLike<unknown>
}

/** A `pg.Client`, or a client that a pool has lent. */
export interface PgClientLike {
  query(text: string): Promise<Answer>
}

/** A `pg.Pool`. */
export interface PgPoolLike extends PgClientLike {
  readonly totalCount: number
  connect(): Promise<PgClientLike & { release(destroy?: boolean): void }>
}

/** What {@link inspectDatabase} asks through. */
export type Inspectable = string | PrismaLike | PgClientLike | PgPoolLike

/** Where the URL has no `socket_timeout`: a server that does not answer this is one that is not well. */
const ANSWER_MS = 10_000

/** Ten thousand connections that are all different are 2 MB. */
const LONGEST_ANSWER_BYTES = 16_000_000

/**
 * Asks a server how many connections it allows, and who has them: one round trip that only reads, of less than 5 ms
 * on a server with 500 connections.
 *
 * The usual query for an alert (`count(*)` of this database's rows, as a share of `max_connections`) is wrong in both
 * directions: the slots are the whole server's, some of them are kept from ordinary roles, and not every row holds one.
 * This counts the client backends of all databases against what this role may use.
 *
 * A role without `pg_monitor` may not see what others are. Then `isUpperBound` is true, and `connections` counts what may be
 * clients; `GRANT pg_monitor TO …` makes it exact. No role sees connections that have not logged in, before PostgreSQL 18.
 *
 * Queries are left out of the report, since there may be secrets in them; `pg_stat_activity` has them by `pid`.
 *
 * @param client a `PrismaClient` of any version, a `pg.Client` or `pg.Pool`, on a connection that it has; or a URL as Prisma takes it,
 *   for one connection of its own that is closed afterwards, and named `prisma-pool-config` unless the URL names it
 * @throws {PoolConfigError} when `client` is none of these, or a parameter of the URL is wrong
 * @throws whatever the client throws when the server cannot be asked: `isTooManyConnections(error)` says that it has no slot
 *   left, which is an answer too
 * @example
 * ```ts
 * import { inspectDatabase } from "prisma-pool-config/monitor"
 *
 * const { used, usable, percent, binding, applications } = await inspectDatabase(prismaCore)
 * console.log(`${used} of ${usable} (${percent} %, by ${binding})`, applications)
 * ```
 */
export async function inspectDatabase(client: Inspectable): Promise<DatabaseReport> {
  return prepareInspection(client)()
}

/**
 * Reads a client or a URL once, with the files that the URL names, and returns what asks as often as it is called.
 *
 * @throws {PoolConfigError} as {@link inspectDatabase}
 */
export function prepareInspection(client: Inspectable): () => Promise<DatabaseReport> {
  checkClient(client)
  if (typeof client === "string") {
    const { pool } = poolConfigFromUrl(client)
    return () => inspectThrough(pool)
  }
  return () => inspectClient(client)
}

async function inspectClient(client: Exclude<Inspectable, string>): Promise<DatabaseReport> {
  if (has(client, "$queryRawUnsafe")) {
    const rows = await (client as PrismaLike).$queryRawUnsafe(INSPECTION)
    return buildReport(readInspection(rows), undefined)
  }
  if (!has(client, "connect") || !("totalCount" in client)) return inspectOn(client as PgClientLike)
  const lent = await (client as PgPoolLike).connect()
  try {
    return await inspectOn(lent)
  } finally {
    lent.release()
  }
}

function has(value: unknown, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === "function"
}

/** Throws what {@link inspectDatabase} would find wrong before it asks anybody. */
export function checkInspectable(client: unknown): void {
  prepareInspection(client as Inspectable)
}

function checkClient(client: unknown): void {
  if (typeof client === "string" || has(client, "$queryRawUnsafe") || has(client, "query")) return
  const remedy = "Pass a PrismaClient, a pg.Client, a pg.Pool or a URL"
  throw new PoolConfigError([{ name: "client", problem: receivedArgument(client), remedy }])
}

/** Asks through one connection of its own, which is closed afterwards. */
export async function inspectThrough(pool: LimitedPoolConfig): Promise<DatabaseReport> {
  const client = new PostgresClient({
    fallback_application_name: OWN_APPLICATION_NAME,
    ...pool,
    socketTimeoutMillis: pool.socketTimeoutMillis || ANSWER_MS,
  })
  let left = LONGEST_ANSWER_BYTES
  try {
    await client.connect()
    client.connection.stream.on("data", (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) client.destroy()
    })
    const report = await inspectOn(client)
    await client.end()
    return report
  } catch (error) {
    // Not awaited: a connection that failed may take its time to close.
    void client.end().catch(() => {})
    if (left < 0) throw new Error(`The server's answer is longer than ${LONGEST_ANSWER_BYTES / 1e6} MB`)
    throw flattenAggregateError(error)
  }
}

async function inspectOn(client: PgClientLike): Promise<DatabaseReport> {
  const { rows } = await client.query(INSPECTION)
  const row = readInspection(rows)
  // What the server said when the connection began. A pooler has processes, or rather numbers, of its own.
  const { processID: process } = client as { processID?: unknown }
  return buildReport(row, typeof process === "number" ? process !== row.pid : undefined)
}

import { PoolConfigError, receivedArgument } from "../../error.ts"
import type { LimitedPoolConfig } from "../../pool/limited-pool-config.ts"
import { poolConfigFromUrl } from "../../pool/pool-config-from-url.ts"
import { askThrough } from "./ask-through.ts"
import { buildReport } from "./build-report.ts"
import type { DatabaseReport } from "./database-report.ts"
import {
  has,
  type Inspectable,
  onOneConnection,
  type PgClientLike,
  type PgPoolLike,
  type PrismaLike,
} from "./inspectable.ts"
import { INSPECTION } from "./inspection-query.ts"
import { readInspection } from "./inspection-row.ts"
import { type RoleRights, readLimitRights } from "./limit-rights.ts"

/**
 * Asks a server how many connections it allows, and which applications use them. It takes one read-only round trip of
 * less than 5 ms on a server with 500 connections.
 *
 * The usual alert query (`count(*)` of this database's rows, as a percentage of `max_connections`) is wrong in both
 * directions. The slots belong to the whole server, some are reserved for superusers, and not every row takes one.
 * This function counts the client backends of all databases against the slots that this role may use.
 *
 * A role without `pg_monitor` may not see the type of other roles' processes. Then `isUpperBound` is true, and
 * `connections` counts every process that may be a client; `GRANT pg_monitor TO …` makes it exact. Before PostgreSQL
 * 18, no role sees connections that have not logged in yet.
 *
 * The report contains no queries, because they may contain secrets; find them in `pg_stat_activity` by `pid`.
 *
 * @param client a `PrismaClient` of any version, a `pg.Client` or a `pg.Pool`, which is asked on one of its
 *   connections; or a URL as Prisma takes it, for one connection that is closed afterwards and is in no figure. That
 *   one is named `prisma-pool-config` unless the URL names it
 * @throws {PoolConfigError} if `client` is none of these, or a parameter of the URL is wrong
 * @throws the client's own error if the server cannot be asked: `isTooManyConnections(error)` is true if it has no slot
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
 * Reads a client or a URL once, with the files that the URL names, and returns a function that inspects at each call.
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
  return onOneConnection(client as PgClientLike | PgPoolLike, inspectOn)
}

/** Throws the error that {@link inspectDatabase} would throw before it connects. */
export function checkInspectable(client: unknown): void {
  prepareInspection(client as Inspectable)
}

function checkClient(client: unknown): void {
  if (typeof client === "string" || has(client, "$queryRawUnsafe") || has(client, "query")) return
  const remedy = "Pass a PrismaClient, a pg.Client, a pg.Pool or a URL"
  throw new PoolConfigError([{ name: "client", problem: receivedArgument(client), remedy }])
}

/** Inspects through a connection of its own, which is closed afterwards. */
export const inspectThrough = (pool: LimitedPoolConfig): Promise<DatabaseReport> =>
  askThrough(pool, (client) => inspectOn(client, true))

/** The same, and who may set the limits of the roles that a function finds in the report. */
export const inspectWithRights = (
  pool: LimitedPoolConfig,
  rolesOf: (report: DatabaseReport) => readonly string[],
): Promise<{ readonly report: DatabaseReport; readonly rights: readonly RoleRights[] }> =>
  askThrough(pool, async (client) => {
    const report = await inspectOn(client, true)
    return { report, rights: await readLimitRights(client, rolesOf(report)) }
  })

async function inspectOn(client: PgClientLike, isTemporary = false): Promise<DatabaseReport> {
  const { rows } = await client.query(INSPECTION)
  const row = readInspection(rows)
  // The process id sent at connection start. A pooler sends a number of its own.
  const { processID: process } = client as { processID?: unknown }
  return buildReport(row, typeof process === "number" ? process !== row.pid : undefined, isTemporary)
}

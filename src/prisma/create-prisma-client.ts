import { CORE, type DatabaseName, type DatabaseOption } from "../config/database-variables.ts"
import { METRICS, metricsOf } from "../pool/pool-metrics.ts"
import { PRIMARY, primaryTag } from "./primary.ts"
import { type AdapterOptions, databaseAdapter, type PrismaAdapterOptions } from "./prisma-adapter.ts"
import {
  type ClientLiterals,
  checkArguments,
  type NoOptions,
  type PrismaClientClass,
} from "./prisma-client.ts"
import { explainStartTimeouts } from "./start-timeout.ts"

/** Options of {@link createPrismaClient}: Prisma's own, and those of {@link prismaAdapter}. */
export type PrismaClientOptions = ClientLiterals & PrismaAdapterOptions

/** Options of {@link createCoreClient}: Prisma's own, and those of {@link coreAdapter}. */
export type CoreClientOptions = ClientLiterals & AdapterOptions

/** The names of the client options that belong to this package, not to Prisma. */
export type OwnOption = keyof AdapterOptions | keyof DatabaseOption

/**
 * Makes a client of a database, with pool settings that take effect.
 *
 * On Prisma 7, and on 6.16+ with `engineType = "client"`, measured on real servers:
 * - it holds at most `connection_limit` connections, at any instant, together with every other client of this
 *   process that has the same settings;
 * - a query that finds no free connection within `pool_timeout` fails with `P2024`; on Prisma 7 an interactive
 *   transaction fails at the earlier of `pool_timeout` and Prisma's own `maxWait` (2 s, `P2028`);
 * - a server that does not answer within `connect_timeout` fails with `P1001`;
 * - the first `$connect()` rejects when the database is down; `$disconnect()` waits at most 5 s for connections in
 *   use, then closes them;
 * - a connection goes back to the pool only with no query in flight and no transaction open.
 *
 * It connects at first use, and a process that forgets `$disconnect()` still ends.
 *
 * @param PrismaClient the generated class
 * @param options Prisma's own, and `database`, `env`, `password`, `prismaPg`, `onPool`, `warm`; see {@link PrismaAdapterOptions}.
 *   Without `database` the variables are `DATABASE_URL` and `PRISMA_POOL_SIZE`
 * @throws {PoolConfigError} if a setting is present and invalid. A missing URL is read again at first use; `$connect()` or
 *   the first query then rejects with the error.
 * @example
 * ```ts
 * export const prisma = createPrismaClient(PrismaClient, { log: ["error"] })
 * export const billing = createPrismaClient(BillingClient, { database: "BILLING" })
 * ```
 */
export function createPrismaClient<Client>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  options?: undefined,
): Client
// Two signatures: with a default for `Options`, the parameter of `onPool` would be `any`.
export function createPrismaClient<Options extends PrismaClientOptions, Client>(
  PrismaClient: PrismaClientClass<Omit<Options, OwnOption>, Client>,
  options: Options | undefined,
): Client
export function createPrismaClient<Client>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  options?: PrismaClientOptions,
): Client {
  return clientOf(PrismaClient, options)
}

/**
 * Makes a client of the Core database: {@link createPrismaClient} with `database: "CORE"`. Its variables are
 * `DATABASE_URL_CORE` and `PRISMA_POOL_SIZE_CORE`.
 *
 * @param PrismaClient the generated class
 * @param options Prisma's own, and `env`, `password`, `prismaPg`, `onPool`, `warm`; see {@link AdapterOptions}
 * @throws {PoolConfigError} if a setting is present and invalid. A missing `DATABASE_URL_CORE` is read again at
 *   first use; `$connect()` or the first query then rejects with the error.
 * @example
 * ```ts
 * export const prismaCore = createCoreClient(PrismaClient, { log: ["error"] })
 * ```
 */
export function createCoreClient<Client>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  options?: undefined,
): Client
export function createCoreClient<Options extends CoreClientOptions, Client>(
  PrismaClient: PrismaClientClass<Omit<Options, keyof AdapterOptions>, Client>,
  options: Options | undefined,
): Client
export function createCoreClient<Client>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  options?: CoreClientOptions,
): Client {
  return clientOf(PrismaClient, options, CORE)
}

function clientOf<Client>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  options: PrismaClientOptions | undefined,
  named?: DatabaseName,
): Client {
  checkArguments(PrismaClient, options)
  const { database = named, env, password, prismaPg, onPool, warm, ...own } = options ?? {}
  const adapter = databaseAdapter({ database, env, password, prismaPg, onPool, warm })
  const client = new PrismaClient({ ...own, adapter })
  explainStartTimeouts(client as object, () => adapter.noConnectionError)
  // Not enumerable, so that they do not appear among a client's fields.
  return Object.defineProperties(client, {
    [METRICS]: { value: metricsOf(adapter) },
    [PRIMARY]: { value: primaryTag(database, env) },
  })
}

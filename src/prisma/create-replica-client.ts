import type { UrlServer } from "../config/database-url.ts"
import { CORE, replicaOf, urlVariable } from "../config/database-variables.ts"
import { nonEmpty } from "../config/environment.ts"
import { trySettings } from "../config/settings.ts"
import { METRICS, metricsOf } from "../pool/pool-metrics.ts"
import type { CoreClientOptions } from "./create-prisma-client.ts"
import { primaryOf } from "./primary.ts"
import { type AdapterOptions, DatabaseAdapterFactory } from "./prisma-adapter.ts"
import { checkArguments, type NoOptions, type PrismaClientClass } from "./prisma-client.ts"
import { explainStartTimeouts } from "./start-timeout.ts"

/**
 * Makes a client of a read replica. Its URL is in the primary's variable with `_REPLICA` appended, for Core
 * `DATABASE_URL_CORE_REPLICA`. Its size is `PRISMA_POOL_SIZE_CORE_REPLICA`, else the primary's; so is every other setting.
 *
 * Returns the primary itself if that variable is unset or empty, or if both URLs name the same host, port and database. Host
 * names are compared without case, and all loopback names are equal. A separate pool would then hold connections for nothing.
 *
 * @param PrismaClient the generated class
 * @param primary the client of the primary, made by {@link createPrismaClient} or {@link createCoreClient}; any other client is
 *   assumed to be Core's
 * @param options as for {@link createCoreClient}; `env` is the primary's by default
 * @throws {PoolConfigError} if a setting is present and invalid
 * @example
 * ```ts
 * export const prismaCore = createCoreClient(PrismaClient)
 * export const prismaCoreReplica = createReplicaClient(PrismaClient, prismaCore)
 * ```
 */
export function createReplicaClient<Primary, Client>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  primary: Primary,
  options?: undefined,
): Client | Primary
export function createReplicaClient<Primary, Options extends CoreClientOptions, Client>(
  PrismaClient: PrismaClientClass<Omit<Options, keyof AdapterOptions>, Client>,
  primary: Primary,
  options: Options | undefined,
): Client | Primary
export function createReplicaClient<Primary, Client>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  primary: Primary,
  options?: CoreClientOptions,
): Client | Primary {
  checkArguments(PrismaClient, options)
  const { env: given, password, prismaPg, onPool, warm, ...own } = options ?? {}
  const { database, env: itsEnv } = primaryOf(primary) ?? { database: CORE, env: process.env }
  const env = given ?? itsEnv
  const replica = replicaOf(database)
  if (nonEmpty(env, urlVariable(replica)) === undefined) return primary
  const adapter = new DatabaseAdapterFactory(replica, { env, password, prismaPg, onPool, warm })
  const [here, there] = [trySettings(itsEnv, database), trySettings(env, replica)].map(
    ({ settings }) => settings?.url.server,
  )
  if (here && there && isSameDatabase(here, there)) return primary
  const client = new PrismaClient({ ...own, adapter })
  explainStartTimeouts(client as object, () => adapter.noConnectionError)
  return Object.defineProperty(client, METRICS, { value: metricsOf(adapter) })
}

const isSameDatabase = (one: UrlServer, other: UrlServer): boolean =>
  hostOf(one) === hostOf(other) && one.port === other.port && one.database === other.database

const LOOPBACK = /^(localhost|127\.0\.0\.1|::1)$/

const hostOf = ({ host }: UrlServer): string => {
  const name = host.toLowerCase().replace(/\.$/, "")
  return LOOPBACK.test(name) ? "localhost" : name
}

import { METRICS, metricsOf } from "../pool/pool-metrics.ts"
import { type CoreAdapterOptions, coreAdapter } from "./core-adapter.ts"
import {
  type ClientLiterals,
  checkArguments,
  type NoOptions,
  type PrismaClientClass,
} from "./prisma-client.ts"

/** Options of {@link createCoreClient}: Prisma's own, and those of {@link coreAdapter}. */
export type CoreClientOptions = ClientLiterals & CoreAdapterOptions

/**
 * A client of the Core database whose pool settings take effect.
 *
 * On Prisma 7, and on 6.16+ with `engineType = "client"`, measured on real servers:
 * - it holds at most `connection_limit` connections, at any instant, together with every other client of this
 *   process that has the same settings;
 * - a query that finds no free connection within `pool_timeout` fails with `P2024`; on Prisma 7 an interactive
 *   transaction fails at the earlier of that and Prisma's own `maxWait` (2 s, `P2028`);
 * - a server that does not answer within `connect_timeout` fails with `P1001`;
 * - the first `$connect()` rejects when the database is down; `$disconnect()` waits at most 5 s for connections in
 *   use, then closes them;
 * - a connection goes back to the pool only with no query in flight and no transaction open.
 *
 * It connects when it is first used, and a process that forgets `$disconnect()` still ends.
 *
 * @param PrismaClient the generated class
 * @param options Prisma's own, and `env`, `password`, `prismaPg`; see {@link CoreAdapterOptions}
 * @throws {PoolConfigError} when a setting is present and wrong. A missing `DATABASE_URL_CORE` is read again at
 *   first use; `$connect()` or the first query then rejects with the error.
 * @example
 * ```ts
 * export const prismaCore = createCoreClient(PrismaClient, { log: ["error"] })
 * ```
 */
export function createCoreClient<Options extends CoreClientOptions = NoOptions, Client = unknown>(
  PrismaClient: PrismaClientClass<Omit<Options, keyof CoreAdapterOptions>, Client>,
  options?: Options,
): Client {
  checkArguments(PrismaClient, options)
  const { env, password, prismaPg, ...own } = options ?? ({} as Options)
  const adapter = coreAdapter({ env, password, prismaPg })
  const client = new PrismaClient({ ...own, adapter })
  // Hidden from whoever lists a client's fields.
  return Object.defineProperty(client, METRICS, { value: metricsOf(adapter) })
}

import { PrismaPg } from "@prisma/adapter-pg"
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client"
import { type Environment, environmentIssues, missingUrl, nonEmpty } from "../config/environment.ts"
import { OPTIONS, URL_SHAPE } from "../config/options.ts"
import { describeValue, PoolConfigError } from "../error.ts"
import {
  type ClientLiterals,
  checkArguments,
  type NoOptions,
  type PrismaClientClass,
} from "./prisma-client.ts"
import { bypassPrismaErrorWrapping } from "./prisma-error.ts"

interface AnalyticsOptions {
  /** The source of `DATABASE_URL_ANALYTICS`. Default `process.env`. */
  readonly env?: Environment | undefined
}

/** Options of {@link createAnalyticsClient}: Prisma's own, and `env`. */
export type AnalyticsClientOptions = ClientLiterals & AnalyticsOptions

/**
 * Makes a client of the legacy Analytics database: `DATABASE_URL_ANALYTICS` byte for byte, and no pool setting of any
 * kind. On Prisma 7 its pool is the driver's: 10 connections per process, and no limit on the wait for one.
 *
 * Its `schema` parameter goes to the adapter, since Prisma 7 would otherwise query `public`. The URL is kept out
 * of `util.inspect` and `DEBUG`.
 *
 * @throws {PoolConfigError} if `DATABASE_URL_ANALYTICS` is not a PostgreSQL URL. If it is missing, it is read again at
 *   first use; `$connect()` or the first query then rejects with the error.
 * @example
 * ```ts
 * export const prismaAnalytics = createAnalyticsClient(PrismaClient, { log: ["error"] })
 * ```
 */
export function createAnalyticsClient<Options extends AnalyticsClientOptions = NoOptions, Client = unknown>(
  PrismaClient: PrismaClientClass<Omit<Options, keyof AnalyticsOptions>, Client>,
  options?: Options,
): Client {
  checkArguments(PrismaClient, options)
  const { env = process.env, ...own } = options ?? ({} as Options)
  return new PrismaClient({ ...own, adapter: new AnalyticsAdapterFactory(env) })
}

class AnalyticsAdapterFactory implements SqlDriverAdapterFactory {
  readonly provider = "postgres"
  readonly adapterName = "@prisma/adapter-pg"
  readonly #env: Environment

  constructor(env: Environment) {
    const issues = environmentIssues(env)
    if (issues.length > 0) throw new PoolConfigError(issues)
    this.#env = env
    const url = nonEmpty(env, OPTIONS.analyticsUrl.variable)
    if (url !== undefined) checkUrl(url)
  }

  async connect(): ReturnType<PrismaPg["connect"]> {
    const connectionString = this.#url()
    const schema = schemaOf(connectionString)
    return new PrismaPg({ connectionString }, schema === null ? {} : { schema }).connect()
  }

  #url(): string {
    try {
      const url = nonEmpty(this.#env, OPTIONS.analyticsUrl.variable)
      if (url === undefined) throw new PoolConfigError([missingUrl(OPTIONS.analyticsUrl.variable)])
      checkUrl(url)
      return url
    } catch (error) {
      throw bypassPrismaErrorWrapping(error)
    }
  }
}

function checkUrl(url: unknown): asserts url is string {
  // The driver treats anything else as the path of a socket and quotes it in its error, which would show a password.
  if (typeof url === "string" && /^\s*postgres(ql)?:\/\//i.test(url)) return
  const problem =
    typeof url === "string" ? "is not a PostgreSQL URL" : `is ${describeValue(url)}, not a string`
  throw new PoolConfigError([
    { name: OPTIONS.analyticsUrl.variable, problem, remedy: `Set it to ${URL_SHAPE}` },
  ])
}

// Nothing else in the URL is read: the rest is for the driver alone.
function schemaOf(url: string): string | null {
  const mark = url.indexOf("?")
  return mark === -1 ? null : new URLSearchParams(url.slice(mark + 1)).get("schema")
}

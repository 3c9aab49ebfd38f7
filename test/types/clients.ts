// Type tests, compiled by `npm run typecheck` here, and against Prisma 6.19 and 7.10 by the test of the packed
// tarball. Nothing in this file runs.

import { metrics, trace } from "@opentelemetry/api"
import { PrismaClient as Analytics } from "../../prisma/analytics/generated/client.ts"
import { type Mission, type Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import {
  coreAdapter,
  createAnalyticsClient,
  createCoreClient,
  createPool,
  createPrismaClient,
  createReplicaClient,
  isPoolTimeout,
  isTooManyConnections,
  type Pool,
  type PoolOptions,
  poolConfigFromUrl,
  prismaAdapter,
  withCoreClient,
  withPrismaClient,
} from "../../src/index.ts"
import {
  type ConnectionEvent,
  type DatabaseReport,
  inspectDatabase,
  inspectPgBouncer,
  observePools,
  type PgBouncerEvent,
  type PgBouncerReport,
  type PoolTraceMessage,
  poolStats,
  refusedLimit,
  traceAcquires,
  type WatchWithConsoleOptions,
  watchConnections,
} from "../../src/monitor/index.ts"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function expectType<Expected>(): <Actual>(value: Actual, equal: Equal<Actual, Expected>) => void {
  return () => {}
}

export async function models(): Promise<void> {
  const client = createCoreClient(PrismaClient)
  expectType<Mission[]>()(await client.mission.findMany(), true)
  // @ts-expect-error there is no such model
  client.nothing.findMany()

  const analytics = createAnalyticsClient(Analytics, { log: ["error"] })
  expectType<number>()(await analytics.statEvent.count(), true)
  // @ts-expect-error the pool of Analytics is the driver's
  createAnalyticsClient(Analytics, { password: () => "secret" })
}

/** A database by name has the same types, and functions among the options know what they get. */
export async function named(): Promise<void> {
  const client = createPrismaClient(PrismaClient, {
    database: "BILLING",
    log: [{ level: "query", emit: "event" }],
    omit: { partner: { apiKey: true } },
    onPool: (pool) => expectType<number>()(pool.totalCount, true),
  })
  client.$on("query", (event) => expectType<number>()(event.duration, true))
  // @ts-expect-error `warn` is not among the levels of the log
  client.$on("warn", () => {})
  expectType<{ id: number; name: string }>()(await client.partner.findFirstOrThrow(), true)
  expectType<PrismaClient>()(createPrismaClient(PrismaClient), true)
  // @ts-expect-error a name is a text
  createPrismaClient(PrismaClient, { database: 1 })
  // @ts-expect-error Core's name is CORE
  createCoreClient(PrismaClient, { database: "BILLING" })
  expectType<PrismaClient>()(createReplicaClient(PrismaClient, createCoreClient(PrismaClient)), true)
  // @ts-expect-error without its primary
  createReplicaClient(PrismaClient)
  // @ts-expect-error the primary says which database it is
  createReplicaClient(PrismaClient, client, { database: "BILLING" })
  // @ts-expect-error a name is a text
  prismaAdapter({ database: 1 })
  // @ts-expect-error no job
  await withPrismaClient(PrismaClient, { database: "BILLING" })
  // @ts-expect-error decided by the environment
  await withPrismaClient(PrismaClient, { adapter: prismaAdapter() }, () => {})
  expectType<number>()(
    await withPrismaClient(PrismaClient, { database: "BILLING" }, (own) => own.mission.count()),
    true,
  )
  new PrismaClient({ adapter: prismaAdapter({ database: "BILLING", onPool: (pool) => void pool.end() }) })
}

export function on(): void {
  const client = createCoreClient(PrismaClient, {
    log: [
      { level: "query", emit: "event" },
      { level: "error", emit: "event" },
    ],
  })
  client.$on("query", (event) => expectType<number>()(event.duration, true))
  client.$on("error", (event) => expectType<string>()(event.message, true))
  // @ts-expect-error `warn` is not among the levels of the log
  client.$on("warn", () => {})
  // @ts-expect-error no log at all
  createCoreClient(PrismaClient).$on("query", () => {})

  const analytics = createAnalyticsClient(Analytics, { log: [{ level: "warn", emit: "event" }] })
  analytics.$on("warn", (event) => expectType<Date>()(event.timestamp, true))
  // @ts-expect-error `query` is not among the levels of the log
  analytics.$on("query", () => {})
}

/** An array that was made elsewhere gives the client that `new PrismaClient` gives for it. */
export function logs(): void {
  const adapter = coreAdapter()
  const asserted = [{ level: "query" as const, emit: "event" as const }, "error" as const]
  const byAsserted = createCoreClient(PrismaClient, { log: asserted })
  byAsserted.$on("query", (event) => expectType<string>()(event.query, true))
  byAsserted.$on("error", () => {})
  // @ts-expect-error `warn` is not among the levels of the log
  byAsserted.$on("warn", () => {})

  const checked = [{ level: "warn", emit: "event" }] satisfies Prisma.LogDefinition[]
  const byChecked = createCoreClient(PrismaClient, { log: checked })
  byChecked.$on("warn", () => {})
  // @ts-expect-error `query` is not among the levels of the log
  byChecked.$on("query", () => {})

  const widened: (Prisma.LogLevel | Prisma.LogDefinition)[] = checked
  const byWidened = createCoreClient(PrismaClient, { log: widened })
  byWidened.$on("query", () => {})
  byWidened.$on("info", () => {})

  const handWritten = {
    none: new PrismaClient({ adapter }),
    asserted: new PrismaClient({ adapter, log: asserted }),
    checked: new PrismaClient({ adapter, log: checked }),
    widened: new PrismaClient({ adapter, log: widened }),
  }
  expectType<typeof handWritten.none>()(createCoreClient(PrismaClient), true)
  expectType<typeof handWritten.none>()(createCoreClient(PrismaClient, {}), true)
  expectType<typeof handWritten.none>()(createCoreClient(PrismaClient, { env: {} }), true)
  expectType<typeof handWritten.asserted>()(byAsserted, true)
  expectType<typeof handWritten.checked>()(byChecked, true)
  expectType<typeof handWritten.widened>()(byWidened, true)

  const readOnly = [{ level: "query", emit: "event" }] as const
  // @ts-expect-error Prisma takes no read-only array
  new PrismaClient({ adapter, log: readOnly })
  // @ts-expect-error so neither does this
  createCoreClient(PrismaClient, { log: readOnly })
  const text = [{ level: "query", emit: "event" }]
  // @ts-expect-error any text may be in it
  createCoreClient(PrismaClient, { log: text })
}

export async function omit(): Promise<void> {
  const client = createCoreClient(PrismaClient, { omit: { partner: { apiKey: true } } })
  const partner = await client.partner.findFirstOrThrow()
  expectType<{ id: number; name: string }>()(partner, true)
  // @ts-expect-error omitted
  partner.apiKey
  expectType<string>()((await client.partner.findFirstOrThrow({ omit: { apiKey: false } })).apiKey, true)
  expectType<string>()((await createCoreClient(PrismaClient).partner.findFirstOrThrow()).apiKey, true)
  // @ts-expect-error there is no such field
  createCoreClient(PrismaClient, { omit: { partner: { password: true } } })
  // @ts-expect-error there is no such model
  createCoreClient(PrismaClient, { omit: { customer: { apiKey: true } } })
}

export async function extensions(): Promise<void> {
  const client = createCoreClient(PrismaClient).$extends({
    model: {
      mission: {
        async latest(): Promise<number> {
          return 1
        },
      },
    },
    result: { partner: { shout: { needs: { name: true }, compute: ({ name }) => name.toUpperCase() } } },
  })
  expectType<number>()(await client.mission.latest(), true)
  expectType<string>()((await client.partner.findFirstOrThrow()).shout, true)
  // @ts-expect-error of another model
  client.partner.latest()
  await client.$transaction(async (tx) => expectType<number>()(await tx.mission.latest(), true))

  const quiet = createCoreClient(PrismaClient, { omit: { partner: { apiKey: true } } }).$extends({})
  // @ts-expect-error still omitted
  ;(await quiet.partner.findFirstOrThrow()).apiKey
}

export async function transactions(): Promise<void> {
  const client = createCoreClient(PrismaClient, { transactionOptions: { maxWait: 10_000 } })
  const result = await client.$transaction(async (tx) => {
    // @ts-expect-error not inside a transaction
    tx.$disconnect()
    return tx.mission.count()
  })
  expectType<number>()(result, true)
  expectType<[Mission[], number]>()(
    await client.$transaction([client.mission.findMany(), client.mission.count()]),
    true,
  )
  await client.$transaction([], { isolationLevel: "Serializable" })
  await client.$transaction(async () => {}, {
    maxWait: 1_000,
    timeout: 1_000,
    isolationLevel: "ReadCommitted",
  })
  // @ts-expect-error no such level
  createCoreClient(PrismaClient, { transactionOptions: { isolationLevel: "Snapshot" } })
}

export async function jobs(): Promise<void> {
  expectType<number>()(await withCoreClient(PrismaClient, (client) => client.mission.count()), true)
  const options = {
    env: { PRISMA_POOL_SIZE_CORE: "5" },
    log: [{ level: "query" as const, emit: "event" as const }],
  }
  const text = await withCoreClient(PrismaClient, options, async (client) => {
    client.$on("query", () => {})
    return (await client.mission.findFirstOrThrow()).title
  })
  expectType<string>()(text, true)

  const omitted = await withCoreClient(PrismaClient, { omit: { partner: { apiKey: true } } }, (client) =>
    client.partner.findFirstOrThrow(),
  )
  expectType<{ id: number; name: string }>()(omitted, true)
  expectType<string>()(await withCoreClient(PrismaClient, undefined, () => "without options"), true)
  await withCoreClient(PrismaClient, (client) => {
    // @ts-expect-error no log at all
    client.$on("query", () => {})
  })
  await withCoreClient(PrismaClient, { log: [{ level: "query", emit: "event" }] }, (client) => {
    // @ts-expect-error `warn` is not among the levels of the log
    client.$on("warn", () => {})
  })
  // @ts-expect-error unknown option
  await withCoreClient(PrismaClient, { connectionLimit: 15 }, () => {})
  // @ts-expect-error decided by the environment
  await withCoreClient(PrismaClient, { adapter: coreAdapter() }, () => {})
  // @ts-expect-error no job
  await withCoreClient(PrismaClient)
}

export function options(): void {
  createCoreClient(PrismaClient, {
    env: process.env,
    password: async () => "token",
    prismaPg: { schema: "core" },
    errorFormat: "minimal",
    log: ["error", { level: "warn", emit: "stdout" }],
    transactionOptions: { maxWait: 1_000, timeout: 5_000, isolationLevel: "RepeatableRead" },
    omit: { partner: { apiKey: true } },
  })
  createAnalyticsClient(Analytics, { env: process.env, errorFormat: "pretty" })
}

export function refused(): void {
  // @ts-expect-error unknown option
  createCoreClient(PrismaClient, { connectionLimit: 15 })
  // @ts-expect-error decided by the environment
  createCoreClient(PrismaClient, { adapter: coreAdapter() })
  // @ts-expect-error decided by the environment
  createCoreClient(PrismaClient, { accelerateUrl: "prisma://x" })
  // @ts-expect-error decided by the environment
  createCoreClient(PrismaClient, { datasourceUrl: "postgresql://x" })
  // @ts-expect-error decided by the environment
  createCoreClient(PrismaClient, { datasources: {} })
  // @ts-expect-error no class
  createCoreClient(new PrismaClient({ adapter: coreAdapter() }))
  // @ts-expect-error unknown option
  createAnalyticsClient(Analytics, { poolTimeout: 5 })
  // @ts-expect-error decided by the environment
  createAnalyticsClient(Analytics, { adapter: coreAdapter() })
  // @ts-expect-error not a log level
  createCoreClient(PrismaClient, { log: ["verbose"] })
  // @ts-expect-error the pool is shared: an adapter must not end it
  coreAdapter({ prismaPg: { disposeExternalPool: true } })
}

/** A client that is exported, as from `postgres.ts`: a declaration file must be able to name its type. */
export const prismaCore = createCoreClient(PrismaClient, {
  log: [{ level: "query", emit: "event" }],
  omit: { partner: { apiKey: true } },
})

/** The NestJS recipe. */
export class PrismaService extends PrismaClient {
  constructor() {
    super({ adapter: coreAdapter() })
  }
}

export async function monitoring(url: string): Promise<number> {
  const client = createCoreClient(PrismaClient)
  const pool = createPool(url)
  const lent = await pool.connect()
  const report: DatabaseReport = await inspectDatabase(client.$extends({}))
  for (const each of [url, client, pool, lent] as const) await inspectDatabase(each)
  const { clients }: PgBouncerReport = await inspectPgBouncer([url, pool, lent])
  expectType<number>()(clients.waiting, true)
  // @ts-expect-error Prisma cannot ask a console
  await inspectPgBouncer(client)
  // @ts-expect-error a number cannot be asked
  await inspectDatabase(5)
  // @ts-expect-error nor can a URL have a pool
  poolStats(url)
  const seen: ConnectionEvent[] = []
  const watch = watchConnections({ client: pool, onEvent: (event) => seen.push(event), threshold: 90 })
  // @ts-expect-error misspelt
  watchConnections({ client, onEvent: () => {}, treshold: 90 })
  await watch.stop()
  for (const event of seen) {
    if (event.kind === "alert" && event.reason === "threshold")
      expectType<number>()(event.report.percent, true)
    // @ts-expect-error of a server that is down nothing is known
    if (event.kind === "down") event.report
    expectType<"server">()(event.tier, true)
  }
  watchConnections({
    client,
    console: [url, pool],
    onEvent: (event) => {
      if (event.kind !== "clear") return
      if (event.tier === "pgbouncer") expectType<PgBouncerReport>()(event.report, true)
      else expectType<DatabaseReport>()(event.report, true)
      // @ts-expect-error of either tier
      event.report.percent + event.report.usable
    },
  })
  watchConnections({ console: url, onEvent: ({ tier }) => expectType<"server" | "pgbouncer">()(tier, true) })
  const ofPgBouncer: PgBouncerEvent[] = []
  const options: WatchWithConsoleOptions = {
    console: url,
    onEvent: (event) => (event.tier === "pgbouncer" ? ofPgBouncer.push(event) : seen.push(event)),
  }
  watchConnections(options)
  // @ts-expect-error an event of PgBouncer has no report of a server
  watchConnections({ client, console: url, onEvent: (event: ConnectionEvent) => event.message })
  // @ts-expect-error nobody is polled
  watchConnections({ onEvent: () => {} })
  // @ts-expect-error a Prisma client cannot ask the console
  watchConnections({ console: client, onEvent: () => {} })
  observePools(metrics.getMeter("types"), { client })
  expectType<() => void>()(traceAcquires(trace.getTracer("types"), { client, pool }), true)
  // @ts-expect-error a meter is no tracer
  traceAcquires(metrics.getMeter("types"))
  expectType<string | undefined>()({} as PoolTraceMessage["host"], true)
  const bound: "maxConnections" | "database" | "role" = report.limits[0].name
  expectType<boolean>()(poolStats(client).isDown, true)
  return poolStats(client).used + poolStats(client).reconnects + report.percent + bound.length
}

export function urlsAndErrors(url: string, error: unknown): PrismaClient | undefined {
  const { pool, adapter } = poolConfigFromUrl(url, { strict: true })
  expectType<string | undefined>()(adapter.schema, true)
  // @ts-expect-error misspelt
  poolConfigFromUrl(url, { strikt: true })
  const options: PoolOptions = { reconnectTimeout: 0, minIdle: 2, maxWaiting: 100, leakThreshold: 60 }
  expectType<Pool>()(createPool(url, options), true)
  createPool(url, { reconnectTimeout: undefined })
  createPool(url, { poolSize: "auto", maxSize: 20, budget: 60, reserved: 10 })
  // @ts-expect-error a number is connection_limit in the URL
  createPool(url, { poolSize: 20 })
  // @ts-expect-error a number of seconds, not a variable
  createPool(url, { reconnectTimeout: "5" })
  // @ts-expect-error misspelt
  createPool(url, { reconectTimeout: 5 })
  // @ts-expect-error a variable that may be missing is no URL
  createPool(process.env.DATABASE_URL)
  // @ts-expect-error a variable that may be missing is no URL
  poolConfigFromUrl(process.env.DATABASE_URL)
  expectType<boolean>()(isPoolTimeout(error), true)
  expectType<boolean>()(isTooManyConnections(error), true)
  expectType<"maxConnections" | "database" | "role" | "pooler" | undefined>()(refusedLimit(error), true)
  return pool.max === 1 ? undefined : new PrismaClient({ adapter: prismaAdapter() })
}

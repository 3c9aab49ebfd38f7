// Calls every export of every entry as a user would, on a real server, and prints what came of it. Argument: the format to
// load. An export that is not here is in `missing`.
import { createRequire } from "node:module"

const format = process.argv[2]
const loaders = { cjs: createRequire(import.meta.url), esm: (name) => import(name) }
const load = loaders[format]

const { PrismaClient } = await load("./core/generated/client.js")
const { PrismaClient: AnalyticsClient } = await load("./analytics/generated/client.js")
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } =
  await load("@opentelemetry/sdk-metrics")
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = await load(
  "@opentelemetry/sdk-trace-base",
)

const url = process.env.DATABASE_URL_CORE
const BAD = { DATABASE_URL_CORE: "mysql://db" }
const fleet = { maxConnections: 100, consumers: { api: { instances: 2, poolSize: 10 } } }
const slots = { maxConnections: 100, apiInstances: 3, databases: 2 }

function refusedBy(run) {
  try {
    run()
  } catch (error) {
    return error
  }
}

const isPoolConfigError = ({ PoolConfigError }, misuse) => refusedBy(misuse) instanceof PoolConfigError

/** The error of the second caller of a pool with one connection. */
async function fullPool({ createPool }) {
  const pool = createPool(`${url}?connection_limit=1&connect_timeout=0&pool_timeout=1`)
  const client = await pool.connect()
  const error = await pool.connect().catch((reason) => reason)
  client.release()
  await pool.end()
  return error
}

/** The error of a database whose CONNECTION LIMIT is 0, which comes after 20 s of waiting for room: once for all who ask. */
let refusal
const fullServer = () => {
  refusal ??= refusedConnection()
  return refusal
}

async function refusedConnection() {
  const { createPool } = await load("prisma-pool-config")
  const pool = createPool(process.env.FULL_URL)
  const error = await pool.connect().catch((reason) => reason)
  await pool.end()
  return error
}

/** The names of the metrics that `observe` measures. */
async function measuredBy(observe) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  const stop = await observe(provider.getMeter("test"))
  await provider.forceFlush()
  stop()
  const names = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics[0].metrics)
  await provider.shutdown()
  return names.map(({ descriptor }) => descriptor.name)
}

/** Answers as the console of a PgBouncer, which is not installed everywhere. */
const pgBouncerConsole = {
  async query(command) {
    const config = { max_client_conn: "100", max_user_connections: "0", query_wait_timeout: "20" }
    const pairs = (name, value, of) =>
      Object.entries(of).map(([key, each]) => ({ [name]: key, [value]: each }))
    const pool = { database: "core", user: "app", cl_active: 4, cl_waiting: 2, sv_active: 1, sv_idle: 0 }
    const rows = {
      "SHOW VERSION": [{ version: "PgBouncer 1.18.0" }],
      "SHOW CONFIG": pairs("key", "value", config),
      "SHOW LISTS": pairs("list", "items", { used_clients: 7, login_clients: 0 }),
      "SHOW POOLS": [pool],
      "SHOW DATABASES": [{ name: "core", pool_size: 1 }],
    }
    return { rows: rows[command] ?? [] }
  },
}

const config = {
  PoolConfigError: (of) => isPoolConfigError(of, () => of.readPoolSettings(BAD)),
  coreDatabaseUrl: ({ coreDatabaseUrl }) =>
    coreDatabaseUrl({ DATABASE_URL_CORE: "postgresql://app@db/core", PRISMA_POOL_SIZE_CORE: "30" }),
  databaseUrl: ({ databaseUrl }) => databaseUrl({ DATABASE_URL: "postgresql://app@db/shop" }),
  readPoolSettings: ({ readPoolSettings }) => readPoolSettings().connectionLimit,
  redactUrl: ({ redactUrl }) => redactUrl("postgresql://app:s3cret@db/core"),
  toLibpqUrl: ({ toLibpqUrl }) => toLibpqUrl("postgresql://app@db/core?connection_limit=5"),
}

const pool = {
  async createPool({ createPool }) {
    const pool = createPool(url)
    const { rows } = await pool.query("SELECT 1 AS one")
    await pool.end()
    return rows
  },
  isPoolTimeout: async (of) => of.isPoolTimeout(await fullPool(of)),
  isTooManyConnections: async (of) => of.isTooManyConnections(await fullServer()),
}

const entries = {
  "prisma-pool-config": {
    ...config,
    ...pool,
    async coreAdapter({ coreAdapter }) {
      const client = new PrismaClient({ adapter: coreAdapter() })
      const count = await client.mission.count()
      await client.$disconnect()
      return count
    },
    async createAnalyticsClient({ createAnalyticsClient }) {
      const client = createAnalyticsClient(AnalyticsClient)
      const count = await client.statEvent.count()
      await client.$disconnect()
      return count
    },
    async createCoreClient({ createCoreClient }) {
      const client = createCoreClient(PrismaClient)
      const count = await client.mission.count()
      await client.$disconnect()
      return count
    },
    async createPrismaClient({ createPrismaClient }) {
      const client = createPrismaClient(PrismaClient, { env: { DATABASE_URL: url } })
      const count = await client.mission.count()
      await client.$disconnect()
      return count
    },
    createReplicaClient({ createCoreClient, createReplicaClient }) {
      const primary = createCoreClient(PrismaClient)
      return createReplicaClient(PrismaClient, primary) === primary
    },
    async prismaAdapter({ prismaAdapter }) {
      const client = new PrismaClient({ adapter: prismaAdapter({ database: "CORE" }) })
      const count = await client.mission.count()
      await client.$disconnect()
      return count
    },
    withPrismaClient: ({ withPrismaClient }) =>
      withPrismaClient(PrismaClient, { database: "CORE" }, (client) => client.mission.count()),
    poolConfigFromUrl: ({ poolConfigFromUrl }) => poolConfigFromUrl(`${url}?connection_limit=7`).pool.max,
    withCoreClient: ({ withCoreClient }) => withCoreClient(PrismaClient, (client) => client.mission.count()),
  },
  "prisma-pool-config/config": config,
  "prisma-pool-config/pool": {
    ...pool,
    PoolConfigError: (of) => isPoolConfigError(of, () => of.createPool("mysql://db")),
  },
  "prisma-pool-config/sizing": {
    PoolConfigError: (of) => isPoolConfigError(of, () => of.connectionLimitBySlots({})),
    checkFleet: ({ checkFleet }) => checkFleet(fleet).total,
    connectionLimitByShares: ({ connectionLimitByShares }) =>
      connectionLimitByShares({
        ...{ maxConnections: 100, apiInstances: 1, concurrentJobs: 2, databases: 1 },
        ...{ otherServices: 1, adminConnections: 1, safetyMargin: 1 },
      }),
    connectionLimitBySlots: ({ connectionLimitBySlots }) =>
      connectionLimitBySlots({ ...slots, concurrentJobs: 0, reserved: 20 }),
    connectionsForLoad: ({ connectionsForLoad }) =>
      connectionsForLoad({
        ...{ acquisitionsPerSecond: 300, holdTimeMs: 20, maxWaitMs: 20, instances: 3, fairShare: 18 },
      }).connections,
    maxConcurrentRuns: ({ maxConcurrentRuns }) =>
      maxConcurrentRuns([{ name: "import", schedule: "0 3 * * *", timeout: "1h", poolSize: 10 }]).connections,
    reservedTotal: ({ reservedTotal }) => reservedTotal({ reserved: { metabase: 10 } }),
    scalewayPlans: ({ scalewayPlans }) => scalewayPlans["DB-GP-S"],
    sizeFleet: ({ sizeFleet }) =>
      sizeFleet({ maxConnections: 100, consumers: { api: { instances: 2 } } }).sizes,
  },
  "prisma-pool-config/deployments": {
    PoolConfigError: (of) => isPoolConfigError(of, () => of.fleetFromTerraform({})),
    fleetFromAppSpec({ fleetFromAppSpec }) {
      const variable = "{ key: DATABASE_URL, value: 'postgresql://a:b@db/x?connection_limit=2' }"
      return Object.keys(
        fleetFromAppSpec(`{ services: [{ name: api, envs: [${variable}] }] }`).highest.consumers,
      )
    },
    fleetFromCompose({ fleetFromCompose }) {
      const environment = { DATABASE_URL_CORE: "postgresql://app@db/core" }
      return Object.keys(fleetFromCompose({ services: { api: { environment } } }).highest.consumers)
    },
    fleetFromKubernetes({ fleetFromKubernetes }) {
      const env = "[{ name: DATABASE_URL, value: 'postgresql://a:b@db/x?connection_limit=2' }]"
      const spec = `{ template: { spec: { containers: [{ name: api, image: api, env: ${env} }] } } }`
      const manifest = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: api }, spec: ${spec} }`
      return Object.keys(fleetFromKubernetes(manifest).highest.consumers)
    },
    fleetFromRender({ fleetFromRender }) {
      const variable = "{ key: DATABASE_URL, value: 'postgresql://a:b@db/x?connection_limit=2' }"
      const blueprint = `{ services: [{ type: web, name: api, envVars: [${variable}] }] }`
      return Object.keys(fleetFromRender(blueprint).highest.consumers)
    },
    fleetFromTerraform({ fleetFromTerraform }) {
      const values = {
        max_scale: 2,
        environment_variables: { DATABASE_URL_CORE: "postgresql://app@db/core" },
      }
      const resource = { address: "scaleway_container.api", mode: "managed", type: "scaleway_container" }
      const resources = [{ ...resource, name: "api", values }]
      const plan = { format_version: "1.2", planned_values: { root_module: { resources } } }
      return Object.keys(fleetFromTerraform(plan).highest.consumers)
    },
  },
  "prisma-pool-config/monitor": {
    PoolConfigError: (of) => isPoolConfigError(of, () => of.observePools({})),
    inspectDatabase: async ({ inspectDatabase }) => (await inspectDatabase(url)).ceiling.maxConnections,
    async inspectPgBouncer({ inspectPgBouncer }) {
      const { clients } = await inspectPgBouncer(pgBouncerConsole)
      return { used: clients.used, limit: clients.limit, waiting: clients.waiting }
    },
    observePgBouncer: ({ observePgBouncer }) =>
      measuredBy((meter) => observePgBouncer(meter, pgBouncerConsole)),
    observeDatabase: ({ observeDatabase }) => measuredBy((meter) => observeDatabase(meter, url)),
    async observePools({ observePools }) {
      const { createCoreClient } = await load("prisma-pool-config")
      const client = createCoreClient(PrismaClient)
      const names = await measuredBy(async (meter) => {
        const stop = observePools(meter, { core: client })
        await client.mission.count()
        return stop
      })
      await client.$disconnect()
      return names
    },
    async poolStats({ poolStats }) {
      const { createCoreClient } = await load("prisma-pool-config")
      const client = createCoreClient(PrismaClient)
      await client.mission.count()
      const { max, acquired } = poolStats(client)
      await client.$disconnect()
      return { max, acquired }
    },
    async traceAcquires({ traceAcquires }) {
      const exporter = new InMemorySpanExporter()
      const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
      const stop = traceAcquires(provider.getTracer("test"))
      const names = {}
      // A process may have the package in both formats.
      for (const [each, loader] of Object.entries(loaders)) {
        const { createPool } = await loader("prisma-pool-config")
        const pool = createPool(url)
        await pool.query("SELECT 1")
        await pool.end()
        names[each] = exporter.getFinishedSpans().map(({ name }) => name)
        exporter.reset()
      }
      stop()
      return names
    },
    refusedLimit: async ({ refusedLimit }) => refusedLimit(await fullServer()),
    async watchConnections({ watchConnections }) {
      let watch
      const told = {}
      await new Promise((resolve) => {
        const onEvent = ({ tier, kind, reason }) => {
          told[tier] = `${kind}: ${reason}`
          if (told.server && told.pgbouncer) resolve()
        }
        const of = { client: process.env.FULL_URL, console: pgBouncerConsole }
        watch = watchConnections({ ...of, interval: 0.1, onEvent, keepProcessAlive: true })
      })
      await watch.stop()
      return told
    },
  },
}

const results = {}
const missing = []
for (const [entry, calls] of Object.entries(entries)) {
  const exports = await load(entry)
  missing.push(
    ...Object.keys(exports)
      .filter((name) => !(name in calls))
      .map((name) => `${entry}: ${name}`),
  )
  results[entry] = {}
  for (const [name, call] of Object.entries(calls)) results[entry][name] = (await call(exports)) ?? null
}
console.log(JSON.stringify({ results, missing }))

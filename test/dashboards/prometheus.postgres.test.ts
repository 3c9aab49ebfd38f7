import pg from "pg"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { alertRules } from "../../src/dashboards/alerts.ts"
import { grafanaDashboard } from "../../src/dashboards/grafana.ts"
import { type Api, startApi } from "../support/api.ts"
import { installed } from "../support/client-tools.ts"
import { eventually } from "../support/helpers.ts"
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts"
import { clientsOf, type PgBouncerClients } from "../support/pgbouncer-clients.ts"
import { type Prometheus, startPrometheus } from "../support/prometheus.ts"
import { freePort, type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

// A real Prometheus with the rules that are shipped scrapes the example API, which is what the demo runs, and every case
// is made to happen on a real PostgreSQL. It looks each second, so a minute of a rule is a second here, in `for:` and in how
// long a transaction idles, and two in ranges, which need looks that succeed; nothing else is changed.
const rules = alertRules()
  .replaceAll(/for: (\d+)m$/gm, "for: $1s")
  .replaceAll(/\[(\d+)m\]/g, (_, minutes) => `[${2 * minutes}s]`)
  .replaceAll("> 60", "> 1")
  .replaceAll("> 10'", "> 2'")

/** As `examples/api/pool.config.json` declares it. */
const MAX = 30
const USABLE = MAX - 3
const POOL_SIZE = 3
/** The longest rule waits for 10 s, and a machine may be busy. */
const PATIENCE_MS = 120_000

let server: PostgresServer
let bouncer: PgBouncer
let clients: PgBouncerClients
let api: Api
let prometheus: Prometheus
let environment: Record<string, string>
const open: pg.Client[] = []
const fired = new Set<string>()

const IS_INSTALLED = installed("prometheus", "promtool", "pgbouncer")

describe.skipIf(!IS_INSTALLED)("Prometheus scrapes the example API", () => {
  beforeAll(async () => {
    server = await startPostgres({ max_connections: undefined })
    await restartWith(MAX)
    await server.createDatabase("core")
    await server.createDatabase("analytics", "analytics")
    await server.sql("INSERT INTO partner (name) VALUES ('one')", [], "core")
    bouncer = await startPgBouncer(server, {
      poolSize: 1,
      settings: { stats_users: ROLE.user, max_client_conn: 10 },
    })
    clients = clientsOf(bouncer, "core")
    const port = await freePort()
    environment = {
      PGBOUNCER_CONSOLE_URL: bouncer.url("pgbouncer"),
      DATABASE_URL_CORE: server.url("core"),
      DATABASE_URL_ANALYTICS: server.url("analytics", { application_name: "analytics, in api" }),
      PRISMA_APPLICATION_NAME: "api",
      PRISMA_POOL_SIZE_CORE: String(POOL_SIZE),
      PRISMA_POOL_TIMEOUT: "1",
      PRISMA_RECONNECT_TIMEOUT: "1",
      OTEL_EXPORTER_PROMETHEUS_HOST: "127.0.0.1",
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    }
    api = await startApi(environment)
    prometheus = await startPrometheus(`127.0.0.1:${port}`, rules)
  })
  afterAll(async () => {
    api?.process.kill("SIGKILL")
    await prometheus?.destroy()
    await clients?.end()
    await bouncer?.destroy()
    await Promise.all(open.map((client) => client.end().catch(() => {})))
    await server?.destroy()
  })

  test("when all is well nothing fires, and every rule can be evaluated", {
    timeout: PATIENCE_MS,
  }, async () => {
    await eventually(
      "it has been scraped",
      async () => (await prometheus.query("prisma_pool_server_up == 1")).length === 1,
    )
    await eventually("nothing fires", async () => (await prometheus.firing()).length === 0)
    await eventually("all rules are evaluated", async () =>
      (await prometheus.rules()).every(({ health }) => health !== "unknown"),
    )
    const all = await prometheus.rules()
    expect(all.length).toBeGreaterThanOrEqual(8)
    expect(all.filter(({ health }) => health !== "ok")).toEqual([])
  })

  test("every query of every panel has something to show, and every variable something to choose", {
    timeout: PATIENCE_MS,
  }, async () => {
    const ghost = await connect("ghost")
    // PgBouncer has a pool once it has a client, whose name its server connection has from a query on.
    const [first] = await clients.connect("monitoring", 2)
    await first?.query("SELECT 1")
    const stop = startLoad()
    const { panels, templating } = grafanaDashboard()
    // The API has a fixed size, which follows nothing.
    const targets = panels
      .filter(({ title }) => title !== "Sizes that follow the instances")
      .flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })))
    expect(targets.length).toBeGreaterThan(20)
    // As Grafana fills in what is chosen.
    const filled = (expr: string) =>
      expr.replaceAll("$__rate_interval", "10s").replaceAll("$job", ".*").replaceAll("$server", ".*")
    for (const { title, expr } of targets) {
      await eventually(
        `${title} has data: ${expr}`,
        async () => {
          // New connections are rare, and have a panel too.
          if (expr.includes("create_time")) await endConnectionsOfApi()
          const samples = await prometheus.query(filled(expr))
          return samples.length > 0 && samples.every(({ value }) => Number.isFinite(value))
        },
        PATIENCE_MS / 2,
      )
    }
    const valuesOf = async (title: string, query = 0) => {
      const expr = panels.find((panel) => panel.title === title)?.targets[query]?.expr ?? title
      return (await prometheus.query(filled(expr))).map(({ metric, value }) => [
        metric["prisma_pool_server_application"] ?? metric["db_client_connection_pool_name"] ?? "",
        value,
      ])
    }
    // A look of the application at its server may fail now and then, and shows nothing then.
    await vi.waitFor(
      async () => {
        expect(await valuesOf("Connections and ceilings", 1)).toEqual([["", USABLE]])
        expect(await valuesOf("Connections and ceilings", 2)).toEqual([["", MAX]])
        expect(await valuesOf("Connections and ceilings", 3)).toEqual([["", MAX]])
        expect(await valuesOf("Undeclared connections")).toEqual([["ghost", 1]])
        expect(await valuesOf("Use of the pools", 2)).toEqual([["core", POOL_SIZE]])
        expect(Object.fromEntries(await valuesOf("Connections by application"))).toMatchObject({ ghost: 1 })
      },
      { timeout: PATIENCE_MS / 2, interval: 100 },
    )
    const chosen = templating.list.flatMap(({ query }) => {
      const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? []
      return metric === undefined || label === undefined ? [] : [prometheus.labelValues(label, metric)]
    })
    expect(await Promise.all(chosen)).toEqual([["api"], ["core"]])
    expect(
      await valuesOf("max(prisma_pool_pgbouncer_usable{prisma_pool_pgbouncer_limit='max_client_conn'})"),
    ).toEqual([["", 10]])
    await stop()
    await clients.end()
    await ghost.end()
  })

  test("down, then with another ceiling than the declared one", { timeout: 4 * PATIENCE_MS }, async () => {
    await server.sql("ALTER SYSTEM SET max_connections = 40")
    await server.stop()
    const [down] = await fires("PrismaPoolServerUnknown")
    expect(down?.labels).toMatchObject({ job: "api", prisma_pool_server_name: "core" })
    // Each look at the server is a caller.
    const [ofPool] = await fires("PrismaPoolDown")
    expect(ofPool?.annotations["summary"]).toBe(
      "core of api: the database cannot be reached from 1 instances, whose callers fail at once (P1001)",
    )
    // What is not known sets off nothing else.
    expect(await prometheus.firing("PrismaPoolCeilingDiffers")).toEqual([])
    await server.start()
    await clears("PrismaPoolServerUnknown")
    await clears("PrismaPoolDown")
    const [other] = await fires("PrismaPoolCeilingDiffers")
    expect(other?.annotations["summary"]).toBe("core: max_connections differs from the declared one by 10")
    await restartWith(MAX)
    await clears("PrismaPoolCeilingDiffers")
  })

  test("nearly full, full, and an application that nobody declared", {
    timeout: 4 * PATIENCE_MS,
  }, async () => {
    const ghost = await connect("ghost@7")
    const held = [await connect("monitoring"), ...(await fill())]
    const [full] = await fires("PrismaPoolNearlyFull")
    expect(full?.labels).toMatchObject({ prisma_pool_server_limit: "max_connections" })
    const [locker] = held as [pg.Client]
    await locker.query("BEGIN; LOCK TABLE mission")
    // Until it has been seen: an increase shows in a few looks only.
    const answers = startLoad(POOL_SIZE)
    await fires("PrismaPoolRefusals")
    await locker.query("COMMIT")
    expect((await answers()).flat()).toContain(503)
    const [undeclared] = await fires("PrismaPoolUndeclared")
    expect(undeclared?.annotations["summary"]).toBe("core: ghost holds 1 connections, but is not declared")
    await Promise.all([ghost, ...held].map((client) => client.end()))
    for (const name of ["PrismaPoolNearlyFull", "PrismaPoolRefusals", "PrismaPoolUndeclared"])
      await clears(name)
  })

  test("callers who wait, callers who waited in vain, a transaction that idles, and no metrics", {
    timeout: 8 * PATIENCE_MS,
  }, async () => {
    const idler = await connect("monitoring")
    await idler.query("BEGIN; SELECT 1")
    const stop = startLoad()
    const [waiting] = await fires("PrismaPoolWaiting")
    expect(waiting?.labels).toMatchObject({ job: "api", db_client_connection_pool_name: "core" })
    await stop()
    await clears("PrismaPoolWaiting")

    const locker = await connect("monitoring")
    await locker.query("BEGIN; LOCK TABLE mission")
    const answers = startLoad(POOL_SIZE + 2)
    await fires("PrismaPoolTimeouts")
    await locker.query("ROLLBACK")
    expect((await answers()).flat()).toContain(503)
    await clears("PrismaPoolTimeouts")

    api.process.kill("SIGKILL")
    const [absent] = await fires("PrismaPoolNotScraped")
    expect(absent?.annotations["summary"]).toBe("No metrics of connection pools from api")
    api = await startApi(environment)
    await clears("PrismaPoolNotScraped")

    await fires("PrismaPoolIdleInTransaction")
    await idler.query("COMMIT")
    await clears("PrismaPoolIdleInTransaction")
    await Promise.all([idler.end(), locker.end()])
  })

  test("PgBouncer: a full pool, clients who wait, clients at the ceiling, and a console that is gone", {
    timeout: 8 * PATIENCE_MS,
  }, async () => {
    const [holder] = await clients.hold("monitoring", 1)
    const [full] = await fires("PrismaPoolPgBouncerPoolFull")
    expect(full?.annotations["summary"]).toBe(
      "pgbouncer core app: all server connections that pool_size allows are in use",
    )
    // A full pool is no wait.
    expect(await prometheus.firing("PrismaPoolPgBouncerWaiting")).toEqual([])
    await clients.wait("api", 2)
    const [waiting] = await fires("PrismaPoolPgBouncerWaiting")
    expect(waiting?.annotations["summary"]).toBe("pgbouncer core app: 2 clients wait for a server connection")
    await fires("PrismaPoolPgBouncerLongWait")
    await holder?.query("COMMIT")
    for (const name of ["PoolFull", "Waiting", "LongWait"]) await clears(`PrismaPoolPgBouncer${name}`)

    await clients.connect("api", 6)
    const [many] = await fires("PrismaPoolPgBouncerClients")
    expect(many?.annotations["summary"]).toBe(
      "pgbouncer: 90 % of the clients that max_client_conn allows are connected",
    )
    await clients.end()
    await clears("PrismaPoolPgBouncerClients")

    await bouncer.kill()
    await fires("PrismaPoolPgBouncerUnknown")
    await bouncer.start()
    await clears("PrismaPoolPgBouncerUnknown")
  })

  test("no rule is left that was not seen to fire and to clear", async () => {
    expect([...fired].sort()).toEqual((await prometheus.rules()).map(({ name }) => name).sort())
  })
})

/** Waits until an alert fires, and answers with those of its name. */
async function fires(name: string) {
  await eventually(`${name} fires`, async () => (await prometheus.firing(name)).length > 0, PATIENCE_MS)
  const firing = await prometheus.firing(name)
  for (const { annotations, labels } of firing) {
    expect(Object.keys(annotations).sort()).toEqual(["description", "summary"])
    // What a template that fails, or finds nothing, leaves behind.
    for (const text of Object.values(annotations)) expect(text).not.toMatch(/<error|<no value>|NaN|^$/)
    expect(labels["severity"]).toMatch(/^(warning|critical)$/)
  }
  return firing
}

async function clears(name: string): Promise<void> {
  await eventually(`${name} clears`, async () => (await prometheus.firing(name)).length === 0, PATIENCE_MS)
  fired.add(name)
}

async function restartWith(maxConnections: number): Promise<void> {
  await server.sql(`ALTER SYSTEM SET max_connections = ${maxConnections}`)
  await server.stop()
  await server.start()
}

async function connect(application: string): Promise<pg.Client> {
  const client = new pg.Client(server.url("core", { application_name: application }))
  client.on("error", () => {})
  await client.connect()
  open.push(client)
  return client
}

/** Takes every slot that is left to ordinary roles. */
async function fill(): Promise<pg.Client[]> {
  const clients: pg.Client[] = []
  for (;;) {
    const client = connect("monitoring")
    const error = await client.then(
      () => undefined,
      (reason: { code?: string }) => reason,
    )
    if (error?.code === "53300") return clients
    clients.push(await client)
  }
}

const getMissions = async () => (await fetch(`${api.url}/missions`)).status

/** So many requests at a time, by default far more than the pool has connections, until it is stopped: their answers. */
function startLoad(callers = 40): () => Promise<number[][]> {
  let isOver = false
  const clients = Array.from({ length: callers }, async () => {
    const answers: number[] = []
    while (!isOver) answers.push(await getMissions())
    return answers
  })
  return () => {
    isOver = true
    return Promise.all(clients)
  }
}

async function endConnectionsOfApi(): Promise<void> {
  await server.sql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'api' AND datname = 'core'",
  )
}

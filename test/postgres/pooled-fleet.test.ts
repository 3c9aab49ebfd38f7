import fc from "fast-check"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createPool } from "../../src/index.ts"
import { type Fleet, sizeFleet } from "../../src/sizing/index.ts"
import { installed } from "../support/client-tools.ts"
import { eventually, times } from "../support/helpers.ts"
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts"
import { runs } from "../support/properties.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const FLEETS = 12
/** The client connections that two cores serve in a second. */
const MOST_CLIENTS = 120
const DATABASE = "core"

const consumer = fc.record({
  instances: fc.integer({ min: 1, max: 5 }),
  surge: fc.nat(3),
  weight: fc.constantFrom(1, 2),
  max: fc.integer({ min: 1, max: 6 }),
})
const declarations = fc
  .record({
    maxConnections: fc.integer({ min: 16, max: 40 }),
    behind: fc.array(consumer, { minLength: 1, maxLength: 3 }),
    direct: fc.array(consumer, { maxLength: 1 }),
    pooler: fc.record({ instances: fc.constantFrom(1, 1, 2), surge: fc.nat(1) }),
  })
  .map(({ maxConnections, behind, direct, pooler }) => ({
    maxConnections,
    // The one that looks at all the others.
    reserved: { monitoring: 1 },
    consumers: Object.fromEntries([
      ...behind.map((one, index) => [`behind ${index}`, { ...one, pooler: "pgbouncer" }] as const),
      ...direct.map((one) => ["direct", one] as const),
    ]),
    poolers: { pgbouncer: pooler },
  }))

type Declaration = typeof declarations extends fc.Arbitrary<infer Value> ? Value : never

const planOf = (declaration: Declaration) => sizeFleet({ ...declaration, fill: 1 })

/** The pools of all instances while everything is deployed at once. */
function poolsOf({ consumers }: Fleet) {
  return Object.entries(consumers).flatMap(([name, { instances, surge = 0, poolSize, pooler }]) =>
    times((instances ?? 0) + surge, () => ({
      name,
      poolSize: Number(poolSize),
      isPooled: pooler !== undefined,
    })),
  )
}

function isAccepted(declaration: Declaration): boolean {
  const { fits, fleet } = planOf(declaration)
  return fits && poolsOf(fleet).reduce((sum, { poolSize }) => sum + poolSize, 0) <= MOST_CLIENTS
}

/** What was seen of a fleet. */
interface Seen {
  readonly errors: readonly string[]
  readonly served: number
  readonly peak: number
  /** SQLSTATE 53300 in the server's log. */
  readonly refusals: number
}

describe.skipIf(!installed("pgbouncer"))("fleets behind PgBouncer", () => {
  const log = { text: "" }
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ log_line_prefix: "%e " }, (text) => {
      log.text += text
    })
    await server.createDatabase(DATABASE)
  })
  afterAll(() => server.destroy())

  /** Runs a fleet with every process of a deploy at once, those of the pooler too. */
  async function run(fleet: Fleet): Promise<Seen> {
    await server.stop()
    log.text = ""
    await server.start({ max_connections: fleet.maxConnections })
    const { instances = 0, surge = 0, poolSize, maxClientConnections } = fleet.poolers?.["pgbouncer"] ?? {}
    const poolers: PgBouncer[] = []
    for (let started = 0; started < instances + surge; started++) {
      const settings = { max_client_conn: Number(maxClientConnections), server_login_retry: 1 }
      poolers.push(await startPgBouncer(server, { poolSize: Number(poolSize), database: DATABASE, settings }))
    }
    const monitor = await Monitor.start(server)
    const errors: string[] = []
    let served = 0
    const pools = poolsOf(fleet).map(({ poolSize: size, isPooled }, index) => {
      const parameters = { connection_limit: size, pool_timeout: 0, connect_timeout: 0 }
      const pooler = isPooled ? poolers[index % poolers.length] : undefined
      return {
        size,
        pool: createPool(
          pooler?.url(DATABASE, { ...parameters, pgbouncer: "true" }) ?? server.url(DATABASE, parameters),
        ),
      }
    })
    // Each connection is used twice, all at once.
    await Promise.all(
      pools.flatMap(({ pool, size }) =>
        times(2 * size, async () => {
          try {
            await pool.query("SELECT pg_sleep(0.05)")
            served += 1
          } catch (error) {
            const { code, message } = error as { code?: unknown; message?: unknown }
            errors.push(`${code} ${message}`)
          }
        }),
      ),
    )
    const peak = await monitor.stop()
    await Promise.all(pools.map(({ pool }) => pool.end()))
    await Promise.all(poolers.map((pooler) => pooler.destroy()))
    await server.stop()
    await eventually("the log is complete", () => log.text.includes("system is shut down"))
    const refusals = log.text.match(/^53300 FATAL/gm)?.length ?? 0
    await server.start()
    return { errors, served, peak, refusals }
  }

  test(`${runs(FLEETS).numRuns} of them, run as they were planned, are refused nothing`, async () => {
    let fullest = 0
    const property = fc.asyncProperty(declarations.filter(isAccepted), async (declaration) => {
      const { fleet, check } = planOf(declaration)
      const { peak, ...seen } = await run(fleet)
      const calls = poolsOf(fleet).reduce((sum, { poolSize }) => sum + 2 * poolSize, 0)
      expect(seen).toEqual({ errors: [], served: calls, refusals: 0 })
      expect(peak).toBeLessThanOrEqual(check.deploy.total)
      fullest = Math.max(fullest, peak / check.deploy.total)
    })
    // To look for a smaller counterexample would take as long again as the whole.
    await fc.assert(property, { ...runs(FLEETS), endOnFailure: true })
    // Else the sum would be of connections that nothing opens.
    expect(fullest).toBeGreaterThan(0.7)
  })

  test("a pool that is larger than planned is refused connections", async () => {
    await server.stop()
    log.text = ""
    await server.start({ max_connections: 20 })
    const pooler = await startPgBouncer(server, {
      poolSize: 25,
      database: DATABASE,
      settings: { server_login_retry: 1 },
    })
    const pool = createPool(
      pooler.url(DATABASE, { connection_limit: 30, pool_timeout: 0, pgbouncer: "true" }),
    )
    const held: pg.PoolClient[] = []
    const callers = times(30, async () => {
      const client = await pool.connect()
      held.push(client)
      // Keeps its server connection until it is over.
      await client.query("BEGIN")
    })
    await eventually("the server has refused one", () => /^53300 FATAL/m.test(log.text))
    for (const client of held) client.release(true)
    await Promise.allSettled(callers)
    await pool.end()
    await pooler.destroy()
  })
})

/** Counts backends on the connection that is reserved for it. */
class Monitor {
  readonly #client: pg.Client
  readonly #counting: Promise<void>
  #peak = 0
  #isOver = false

  private constructor(client: pg.Client) {
    this.#client = client
    this.#counting = this.#count()
  }

  static async start(server: PostgresServer): Promise<Monitor> {
    const client = new pg.Client(server.url(DATABASE))
    client.on("error", () => {})
    await client.connect()
    return new Monitor(client)
  }

  async stop(): Promise<number> {
    this.#isOver = true
    await this.#counting
    await this.#client.end()
    return this.#peak
  }

  async #count(): Promise<void> {
    while (!this.#isOver) {
      const { rows } = await this.#client.query<{ count: number }>(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend'",
      )
      this.#peak = Math.max(this.#peak, rows[0]?.count ?? 0)
      // The processes that it looks at have the same two cores.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
}

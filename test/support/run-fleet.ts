import pg from "pg"
import type { Fleet } from "../../src/sizing/index.ts"
import { FleetProcess } from "./fleet-process.ts"
import { eventually } from "./helpers.ts"
import type { PlannedProcess } from "./processes-of.ts"
import { type PostgresServer, ROLE, startPostgres } from "./server.ts"

/** The databases that a process with several pools has one to. */
const DATABASES = ["core", "other"]
/** Who holds what is reserved outside the fleet: an ordinary role, which may see everybody's connections. */
const OUTSIDER = { user: "outsider", password: "outsider" }

/** What was seen of a fleet that ran. */
export interface FleetRun {
  /** What the server told the fleet's processes, as they saw it: SQLSTATE and text. */
  readonly errors: readonly string[]
  /** The connections of all when every pool was full, and when it was again with new ones; those reserved included. */
  readonly full: readonly [number, number]
  /** The most that there were at any instant. */
  readonly peak: number
  /** How many more the ordinary role was given when every pool was full, and what it was then told. */
  readonly more: number
  readonly refusal: unknown
  /** Connections of the fleet after its processes had closed their pools. */
  readonly left: number
  /** Connections that the server refused to anybody, by its own log. */
  readonly refusals: number
}

/** A server to run fleets on, one after another, and their processes. */
export class FleetServer {
  readonly #server: PostgresServer
  /** Since the server was last started. */
  readonly #log: { text: string }
  readonly #processes: FleetProcess[] = []
  #poolTimeout = 0

  private constructor(server: PostgresServer, log: { text: string }) {
    this.#server = server
    this.#log = log
  }

  static async start(): Promise<FleetServer> {
    const log = { text: "" }
    // %e is the SQLSTATE. The locks are for what the processes make their backends drop.
    const settings = { log_line_prefix: "%e ", max_locks_per_transaction: 1_000 }
    const server = await startPostgres(settings, (text) => {
      log.text += text
    })
    const { user, password } = OUTSIDER
    await server.sql(`CREATE ROLE ${user} LOGIN PASSWORD '${password}' IN ROLE pg_monitor`)
    for (const database of DATABASES) await server.createDatabase(database)
    return new FleetServer(server, log)
  }

  async version(): Promise<number> {
    const [row] = await this.#server.sql<{ version: number }>(
      "SELECT current_setting('server_version_num')::int / 10000 AS version",
    )
    return row?.version ?? 0
  }

  async destroy(): Promise<void> {
    await this.#endProcesses()
    await this.#server.destroy()
  }

  /**
   * Runs every process of a fleet at once, on a server with the fleet's own settings.
   *
   * @param poolTimeout in seconds; 0 waits for ever
   */
  async run(fleet: Fleet, planned: readonly PlannedProcess[], poolTimeout = 0): Promise<FleetRun> {
    this.#poolTimeout = poolTimeout
    await this.#restart(fleet)
    const outside = Object.values(fleet.reserved ?? {}).reduce((sum, slots) => sum + slots, 0)
    const clients = Array.from({ length: outside }, () => this.#clientOf(OUTSIDER))
    const monitor = new Monitor(clients[0])
    try {
      for (const client of clients) await client.connect()
      const seen = await this.#holdAll(planned, monitor).finally(() => monitor.stop())
      for (const client of clients) await client.end()
      await this.#stop()
      return { ...seen, refusals: this.#log.text.match(/^53300 FATAL/gm)?.length ?? 0 }
    } catch (error) {
      // Whatever they hold, the next fleet has none of it.
      await this.#endProcesses()
      throw error
    }
  }

  /** Until the log has everything that the server had to say. */
  async #stop(): Promise<void> {
    await this.#server.stop()
    await eventually("the log is complete", async () => this.#log.text.includes("system is shut down"))
  }

  async #restart({ maxConnections, superuserReserved, reservedConnections, limits }: Fleet): Promise<void> {
    await this.#stop()
    this.#log.text = ""
    await this.#server.start({
      max_connections: maxConnections,
      superuser_reserved_connections: superuserReserved ?? 3,
      // PostgreSQL knows it from version 16 on.
      ...(reservedConnections ? { reserved_connections: reservedConnections } : {}),
    })
    await this.#server.sql(`ALTER ROLE ${ROLE.user} CONNECTION LIMIT ${limits?.role ?? -1}`)
  }

  async #holdAll(planned: readonly PlannedProcess[], monitor: Monitor): Promise<Omit<FleetRun, "refusals">> {
    while (this.#processes.length < planned.length) this.#processes.push(new FleetProcess())
    const all = this.#processes.slice(0, planned.length)
    const errors: string[] = []
    const told = async (answers: Promise<string[]>[]) => errors.push(...(await Promise.all(answers)).flat())

    monitor.start()
    await told(all.map((process, index) => process.tell(this.#orderOf(planned[index] as PlannedProcess))))
    const first = await monitor.count()
    await told(all.map((process) => process.tell("renew")))
    const second = await monitor.count()
    const { peak } = monitor
    const room = await this.#fillUp()
    await told(all.map((process) => process.tell("close")))
    return { errors, full: [first, second], peak, ...room, left: await monitor.count(ROLE.user) }
  }

  /** A process takes its settings from its environment, and the size of its pools from the plan. */
  #orderOf({ name, isJob, pools, poolSize }: PlannedProcess) {
    const environmentOf = (database: string) => ({
      DATABASE_URL_CORE: this.#server.url(database, { single_use_connections: "true", connect_timeout: 0 }),
      PRISMA_POOL_TIMEOUT: String(this.#poolTimeout),
      PRISMA_POOL_SIZE_CORE: String(poolSize),
      PRISMA_APPLICATION_NAME: name,
    })
    const kind = isJob ? ("pool" as const) : ("client" as const)
    return { hold: DATABASES.slice(0, pools).map(environmentOf), with: kind }
  }

  /** Opens connections of the fleet's own role until the server refuses one. */
  async #fillUp(): Promise<Pick<FleetRun, "more" | "refusal">> {
    const opened: pg.Client[] = []
    try {
      for (;;) {
        const client = this.#clientOf(ROLE)
        await client.connect()
        opened.push(client)
      }
    } catch (error) {
      return { more: opened.length, refusal: (error as { readonly code?: unknown }).code }
    } finally {
      for (const client of opened) await client.end()
    }
  }

  #clientOf({ user, password }: { readonly user: string; readonly password: string }): pg.Client {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: this.#server.port,
      database: DATABASES[0],
      user,
      password,
    })
    // It may be open when a test fails, and its server ends.
    client.on("error", () => {})
    return client
  }

  async #endProcesses(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((process) => process.end()))
  }
}

/** One of the connections that are reserved outside the fleet, which counts them all. */
class Monitor {
  peak = 0
  readonly #client: pg.Client
  #over = false

  constructor(client: pg.Client | undefined) {
    if (client === undefined) throw new Error("the fleet has to reserve a connection to look at it")
    this.#client = client
  }

  /** Counts time and again, for the peak. */
  start(): void {
    const again = () => {
      if (this.#over) return
      // A pause, since the processes that it looks at have the same two cores.
      const later = () => setTimeout(again, 2)
      this.count().then(later, () => {})
    }
    again()
  }

  stop(): void {
    this.#over = true
  }

  /** The client backends there are, or those of one role. */
  async count(role: string | null = null): Promise<number> {
    const { rows } = await this.#client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend' AND ($1::name IS NULL OR usename = $1)",
      [role],
    )
    const count = rows[0]?.count ?? 0
    this.peak = Math.max(this.peak, count)
    return count
  }
}

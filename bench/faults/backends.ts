import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import type { Scope } from "../../test/support/scope.ts"
import type { PostgresServer } from "../../test/support/server.ts"

const INTERVAL_MS = 10

/** Those who take a full server's slots. */
export const STRANGER = "somebody-else"

const BACKENDS = `
  SELECT application_name AS name, client_port AS port FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND usename = 'app'`

interface Backend {
  readonly name: string
  readonly port: number
}

/** What a server has of each application, looked at every 10 ms, as long as it is there. */
export class Backends {
  readonly #server: PostgresServer
  #client: pg.Client | undefined
  #latest: readonly Backend[] = []
  #peaks = new Map<string, number>()
  #over: Promise<void> | undefined
  #stopped = false

  constructor(server: PostgresServer) {
    this.#server = server
  }

  static watch(scope: Scope, server: PostgresServer): Backends {
    const backends = new Backends(server)
    backends.#over = backends.#watch()
    scope.atEnd(() => backends.stop())
    return backends
  }

  /** The ports of an application's backends; without a name those of all, but for strangers. */
  of(name?: string): number[] {
    return this.#latest.flatMap((backend) => (isOf(name, backend.name) ? backend.port : []))
  }

  /** The most that it had at a time since the last call of `startAnew`. */
  peak(name?: string): number {
    return this.#peaks.get(name ?? "") ?? 0
  }

  startAnew(): void {
    this.#peaks = new Map()
    this.#keepPeaks()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#over
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      // A server that restarts has none to look at.
      await this.#look().catch(() => {
        void this.#client?.end().catch(() => {})
        this.#client = undefined
        this.#latest = []
      })
      await sleep(INTERVAL_MS)
    }
    await this.#client?.end().catch(() => {})
  }

  async #look(): Promise<void> {
    if (this.#client === undefined) {
      const client = new pg.Client(this.#server.adminUrl())
      client.on("error", () => {})
      await client.connect()
      this.#client = client
    }
    const { rows } = await this.#client.query<Backend>(BACKENDS)
    this.#latest = rows
    this.#keepPeaks()
  }

  #keepPeaks(): void {
    for (const name of [undefined, ...this.#latest.map((backend) => backend.name)]) {
      this.#peaks.set(name ?? "", Math.max(this.peak(name), this.of(name).length))
    }
  }
}

const isOf = (wanted: string | undefined, name: string) =>
  wanted === undefined ? name !== STRANGER : name === wanted

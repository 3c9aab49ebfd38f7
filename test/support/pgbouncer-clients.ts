import pg from "pg"
import { times } from "./helpers.ts"
import type { PgBouncer } from "./pgbouncer.ts"

/** Clients of a PgBouncer, in one of its databases. */
export interface PgBouncerClients {
  /** Connects so many, which do nothing. */
  connect(application: string, count?: number): Promise<pg.Client[]>
  /** Connects so many, each of which keeps a server connection, in a transaction. */
  hold(application: string, count: number): Promise<pg.Client[]>
  /** Connects so many, whose query waits for a server connection. The promises resolve when they were served. */
  wait(application: string, count: number): Promise<Promise<unknown>[]>
  /** Ends all of them. */
  end(): Promise<void>
}

export function clientsOf(bouncer: Pick<PgBouncer, "url">, database: string): PgBouncerClients {
  let open: pg.Client[] = []
  async function connectOne(application: string): Promise<pg.Client> {
    const client = new pg.Client(bouncer.url(database, { application_name: application }))
    client.on("error", () => {})
    open.push(client)
    await client.connect()
    return client
  }
  const connect = (application: string, count = 1) => Promise.all(times(count, () => connectOne(application)))
  return {
    connect,
    async hold(application, count) {
      const clients = await connect(application, count)
      await Promise.all(clients.map((client) => client.query("BEGIN")))
      return clients
    },
    async wait(application, count) {
      const clients = await connect(application, count)
      return clients.map((client) => client.query("SELECT 1").catch(() => {}))
    },
    async end() {
      await Promise.all(open.map((client) => client.end().catch(() => {})))
      open = []
    },
  }
}

import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import type { PostgresServer } from "../../test/support/server.ts"
import { load, type Route, type Stage } from "./stage.ts"

/** Something that happens in production. */
export interface Fault {
  readonly name: string
  readonly route?: Route
  /** Instances of each contender. Default 2. */
  readonly instances?: number
  /**
   * Makes it happen, and resolves once it is over, or once nothing but the client can end it; to when that was, where it was
   * earlier, in milliseconds since 1970.
   */
  strike(stage: Stage): Promise<number | undefined>
  /** Puts the stage in order for the next one. */
  mend?(stage: Stage): Promise<void>
}

/** How long what can last lasts. */
const LASTING_MS = 1_500

const TERMINATE_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'"

export const terminateAll = (server: PostgresServer) => server.sql(TERMINATE_ALL)

async function stopImmediately(server: PostgresServer): Promise<void> {
  process.kill(await server.pid(), "SIGQUIT")
  await server.stop()
}

/** Somebody who takes every slot that ordinary roles have. */
async function fill(server: PostgresServer): Promise<() => Promise<void>> {
  const clients: pg.Client[] = []
  for (;;) {
    const client = new pg.Client({ connectionString: server.url("core"), application_name: "somebody-else" })
    client.on("error", () => {})
    try {
      await client.connect()
    } catch (error) {
      if ((error as { code?: unknown }).code !== "53300") throw error
      break
    }
    clients.push(client)
  }
  return async () => {
    await Promise.all(clients.map((client) => client.end()))
  }
}

export const RESTART: Fault = {
  name: "server restarts (fast)",
  async strike({ server }) {
    await server.stop()
    await server.start()
  },
}

const IMMEDIATE_RESTART: Fault = {
  name: "server restarts (immediate)",
  async strike({ server }) {
    await stopImmediately(server)
    await server.start()
  },
}

const FAILOVER: Fault = {
  name: "name moves to another server",
  route: "name",
  async strike({ server, moveName }) {
    moveName("other")
    await server.stop()
  },
  async mend({ server, moveName }) {
    await server.start()
    moveName("server")
  },
}

const FULL: Fault = {
  name: "server full of somebody else's",
  async strike({ server, instances }) {
    // The pools have nothing open, as after a quiet night.
    await load(instances, 0)
    await terminateAll(server)
    const leave = await fill(server)
    await load(instances)
    await sleep(LASTING_MS)
    await leave()
  },
}

/** Those whose callers wait for room: shown with and without interactive transactions, and beside this package as it was. */
export const FAULTS_OF_ROOM: readonly Fault[] = [RESTART, IMMEDIATE_RESTART, FULL, FAILOVER]

const OUTAGE_MS = 30_000
/** The wait for a server that is away, 5 s, is over, and so are the attempts that it had begun. */
const OVER_AFTER_MS = 11_000

export const OUTAGE: Fault = {
  name: "outage of 30 s",
  instances: 1,
  async strike({ server, watchFailures }) {
    await server.stop()
    await sleep(OVER_AFTER_MS)
    await watchFailures(() => sleep(OUTAGE_MS - OVER_AFTER_MS))
    const [loggedInAt] = await Promise.all([firstLogin(server), server.start()])
    return loggedInAt
  },
}

/** When a bystander gets in, who tries every 50 ms. */
async function firstLogin(server: PostgresServer): Promise<number> {
  for (;;) {
    const client = new pg.Client(server.url("core"))
    client.on("error", () => {})
    try {
      await client.connect()
      const at = Date.now()
      await client.end()
      return at
    } catch {
      await sleep(50)
    }
  }
}

export const OTHER_FAULTS: readonly Fault[] = [
  { name: "all backends terminated", strike: async ({ server }) => void (await terminateAll(server)) },
  {
    name: "`kill -9` of an instance",
    async strike({ server, instances, note }) {
      const [killed] = instances.splice(0, 1)
      const start = performance.now()
      killed?.child.kill("SIGKILL")
      const freed = await eventually(async () => (await backendsOf(server, "api-0")) === 0)
      note(freed ? `its slots free after ${Math.round(performance.now() - start)} ms` : "its slots not free")
    },
  },
  {
    name: "connections cut (reset)",
    route: "proxy",
    strike: async ({ proxy }) => void proxy.cut("reset"),
  },
  {
    name: "connections frozen, new ones pass",
    route: "proxy",
    strike: async ({ proxy }) => void (await proxy.freeze({ newConnections: "pass" })),
    mend: ({ proxy }) => proxy.thaw(),
  },
  {
    name: "commits do not return (slow disk)",
    async strike({ server }) {
      await setting(server, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
      await sleep(LASTING_MS)
      await setting(server, "ALTER SYSTEM RESET synchronous_standby_names")
    },
  },
  {
    name: "transaction left open, with a lock",
    async strike({ server }) {
      const client = new pg.Client(server.adminUrl("core"))
      await client.connect()
      await client.query("BEGIN; LOCK TABLE mission IN ACCESS EXCLUSIVE MODE")
      await sleep(LASTING_MS)
      await client.end()
    },
  },
]

async function setting(server: PostgresServer, statement: string): Promise<void> {
  await server.sql(statement)
  await server.sql("SELECT pg_reload_conf()")
}

/** An application's backends, or with no name those of every ordinary role. */
export async function backendsOf(server: PostgresServer, application = "%"): Promise<number> {
  const [row] = await server.sql<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = 'app' AND application_name LIKE $1",
    [application],
  )
  return row?.count ?? 0
}

const PATIENCE_MS = 5_000

export async function eventually(condition: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS
  while (!(await condition())) {
    if (Date.now() > end) return false
    await sleep(10)
  }
  return true
}

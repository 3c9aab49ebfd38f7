import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import type { PostgresServer } from "../../test/support/server.ts"
import { STRANGER } from "./backends.ts"
import { type Lane, type Route, setCallers } from "./lane.ts"
import type { Sufferer } from "./sufferer.ts"

/** Something that happens in production. */
export interface Fault {
  readonly name: string
  readonly route?: Route
  /** True where it is measured when each pool has as many connections again as before, the frozen ones not counted. */
  readonly isOfConnections?: true
  /**
   * Makes it happen to all of them, and resolves once it is over, or once nothing but the client can end it; to when that was,
   * where it was earlier, in milliseconds since 1970.
   */
  strike(lane: Lane, sufferers: readonly Sufferer[]): Promise<number | undefined>
  /** Puts the lane in order for the next one. */
  mend?(lane: Lane): Promise<unknown>
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
    const client = new pg.Client({ connectionString: server.url("core"), application_name: STRANGER })
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
    return undefined
  },
}

const IMMEDIATE_RESTART: Fault = {
  name: "server restarts (immediate)",
  async strike({ server }) {
    await stopImmediately(server)
    await server.start()
    return undefined
  },
}

const FAILOVER: Fault = {
  name: "name moves to another server",
  route: "name",
  async strike({ server, moveName }) {
    moveName("other")
    await server.stop()
    return undefined
  },
  async mend({ server, moveName }) {
    await server.start()
    moveName("server")
  },
}

const FULL: Fault = {
  name: `server full of somebody else's for ${LASTING_MS / 1000} s`,
  async strike({ server }, sufferers) {
    // The pools have nothing open, as after a quiet night.
    await setCallers(sufferers, 0)
    await terminateAll(server)
    const leave = await fill(server)
    await setCallers(sufferers)
    await sleep(LASTING_MS)
    await leave()
    return undefined
  },
}

const OUTAGE_MS = 9_000
/** The wait for a server that is away, 5 s, is over, and so is the pause between two attempts. */
const OVER_AFTER_MS = 7_000

const OUTAGE: Fault = {
  name: `outage of ${OUTAGE_MS / 1000} s`,
  async strike({ server }, sufferers) {
    await server.stop()
    await sleep(OVER_AFTER_MS)
    await Promise.all(sufferers.map((sufferer) => sufferer.hear()))
    await sleep(OUTAGE_MS - OVER_AFTER_MS)
    await Promise.all(
      sufferers.map(async (sufferer) => {
        sufferer.failureMillis = (await sufferer.hear())?.failureMillis ?? []
      }),
    )
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

const TERMINATED: Fault = {
  name: "all backends terminated",
  async strike({ server }) {
    await terminateAll(server)
    return undefined
  },
}

const RESET: Fault = {
  name: "all connections cut (reset)",
  route: "proxy",
  async strike(_lane, sufferers) {
    for (const { proxy } of sufferers) proxy.cut("reset")
    return undefined
  },
}

/** A NAT that forgot connections: nothing comes back on them, and new ones pass. */
async function freeze(sufferers: readonly Sufferer[], count?: number): Promise<undefined> {
  for (const sufferer of sufferers) {
    sufferer.frozenPorts = await sufferer.proxy.freeze({
      newConnections: "pass",
      ...(count !== undefined && { count }),
    })
  }
}

const thaw = ({ sufferers }: Lane) => Promise.all(sufferers.map(({ proxy }) => proxy.thaw()))

export const ONE_FROZEN: Fault = {
  name: "one connection frozen",
  route: "proxy",
  isOfConnections: true,
  strike: (_lane, sufferers) => freeze(sufferers, 1),
  mend: thaw,
}

const ALL_FROZEN: Fault = {
  name: "all connections frozen",
  route: "proxy",
  strike: (_lane, sufferers) => freeze(sufferers),
  mend: thaw,
}

/**
 * How often each is suffered, by those that connect to the server itself and by those behind a pooler; 0 where it says nothing
 * of a pooler. An outage is long, and fails more requests than any spread could matter to.
 */
export const FAULTS: readonly {
  readonly fault: Fault
  readonly times: { readonly direct: number; readonly pooled: number }
}[] = [
  { fault: RESTART, times: { direct: 2, pooled: 2 } },
  { fault: IMMEDIATE_RESTART, times: { direct: 2, pooled: 0 } },
  { fault: FULL, times: { direct: 2, pooled: 2 } },
  { fault: FAILOVER, times: { direct: 2, pooled: 0 } },
  { fault: TERMINATED, times: { direct: 2, pooled: 2 } },
  { fault: RESET, times: { direct: 2, pooled: 2 } },
  { fault: ONE_FROZEN, times: { direct: 2, pooled: 2 } },
  { fault: ALL_FROZEN, times: { direct: 2, pooled: 1 } },
  { fault: OUTAGE, times: { direct: 1, pooled: 0 } },
]

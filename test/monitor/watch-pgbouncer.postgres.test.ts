import { type AddressInfo, createServer, type Socket } from "node:net"
import pg from "pg"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
  type ConnectionEvent,
  type ConnectionWatch,
  type PgBouncerEvent,
  type WatchWithConsoleOptions,
  watchConnections,
} from "../../src/monitor/index.ts"
import { installed } from "../support/client-tools.ts"
import { eventually, times } from "../support/helpers.ts"
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts"
import { clientsOf, type PgBouncerClients } from "../support/pgbouncer-clients.ts"
import { refusedNames } from "../support/refused-names.ts"
import { freePort, type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

const DATABASE = "core"

type AnyEvent = ConnectionEvent | PgBouncerEvent

let events: AnyEvent[] = []
let watch: ConnectionWatch | undefined

const told = (tier: AnyEvent["tier"]) =>
  events
    .filter((event) => event.tier === tier)
    .map((event) => (event.kind === "alert" ? `alert: ${event.reason}` : event.kind))

const seen = (tier: AnyEvent["tier"], ...expected: string[]) =>
  eventually(`${expected} of the ${tier}`, async () => told(tier).join() === expected.join())

type Options = Omit<WatchWithConsoleOptions, "onEvent"> & Partial<WatchWithConsoleOptions>

function start(options: Options): void {
  watch = watchConnections({ interval: 0.1, onEvent: (event) => events.push(event), ...options })
}

describe.skipIf(!installed("pgbouncer"))("watchConnections with a console", () => {
  let server: PostgresServer
  let bouncer: PgBouncer
  let clients: PgBouncerClients
  const direct: pg.Client[] = []
  beforeAll(async () => {
    // Of 13 slots three are the superuser's.
    server = await startPostgres({ max_connections: 13, max_wal_senders: 0, autovacuum: "off" })
    await server.createDatabase(DATABASE)
  })
  afterAll(() => server.destroy())
  beforeEach(async () => {
    const settings = { stats_users: ROLE.user, max_client_conn: 10 }
    bouncer = await startPgBouncer(server, { poolSize: 2, settings })
    clients = clientsOf(bouncer, DATABASE)
  })
  afterEach(async () => {
    await watch?.stop()
    watch = undefined
    events = []
    await clients.end()
    await Promise.all(direct.splice(0).map((client) => client.end().catch(() => {})))
    await bouncer.destroy()
  })

  /** Takes slots of the server, beside the pooler. */
  async function hold(count: number): Promise<void> {
    for (const client of times(count, () => new pg.Client(server.url(DATABASE)))) {
      client.on("error", () => {})
      await client.connect()
      direct.push(client)
    }
  }

  test("tells of clients that wait, and of their end, while the server has room", async () => {
    const [first, second] = await clients.hold("api", 2)
    await clients.wait("etl", 3)
    // Before it is watched: they come one after the other.
    await eventually("all of them wait", async () =>
      (await bouncer.console("SHOW POOLS")).some((pool) => Number(pool["cl_waiting"]) === 3),
    )
    start({ client: server.url(DATABASE), console: bouncer.url("pgbouncer") })
    await seen("pgbouncer", "alert: waiting")
    expect(events[0]).toMatchObject({
      report: { clients: { used: 5, waiting: 3 }, servers: { used: 2, limit: 2 } },
    })
    expect(events[0]?.message).toMatch(
      /^PgBouncer: 5 of 10 clients, 3 wait, for up to \d+ s; 2 of 2 server connections in use\. They wait in core, app 3$/,
    )
    await Promise.all([first?.query("COMMIT"), second?.query("COMMIT")])
    await seen("pgbouncer", "alert: waiting", "clear")
    expect(told("server")).toEqual([])
  })

  test("tells of either only when two polls in succession have found it", async () => {
    // What each poll found: clients that wait, or none.
    let found = ""
    const foundBefore: string[] = []
    const connection = new pg.Client(bouncer.url("pgbouncer"))
    await connection.connect()
    const console = {
      async query(command: string) {
        const answer = await connection.query(command)
        if (command === "SHOW POOLS") found += answer.rows.some((row) => row.cl_waiting > 0) ? "w" : "-"
        return answer
      },
    }
    start({
      console,
      onEvent(event) {
        events.push(event)
        foundBefore.push(found)
        found = ""
      },
    })
    const [first, second] = await clients.hold("api", 2)
    await clients.wait("etl", 3)
    await seen("pgbouncer", "alert: waiting")
    await Promise.all([first?.query("COMMIT"), second?.query("COMMIT")])
    await seen("pgbouncer", "alert: waiting", "clear")
    const [alert, clear] = foundBefore
    expect(alert).toMatch(/^-*(w-+)*ww$/)
    expect(clear).toMatch(/^w*(-w+)*--$/)
    await watch?.stop()
    await connection.end()
  })

  test("tells of clients near the ceiling of max_client_conn, then of those that are refused", async () => {
    // Before it is watched: PgBouncer counts a client that it does not list yet.
    await clients.connect("api", 9)
    start({ console: bouncer.url("pgbouncer") })
    await seen("pgbouncer", "alert: threshold")
    expect(events[0]?.message).toBe(
      "PgBouncer: max_client_conn: 9 of 10 (90 %), above 80 %. Most are of api 9",
    )
    await clients.connect("api", 1)
    await seen("pgbouncer", "alert: threshold", "alert: full")
    await clients.end()
    await seen("pgbouncer", "alert: threshold", "alert: full", "clear")
    expect(events.at(-1)).toMatchObject({ kind: "clear", of: "clients" })
  })

  test("a console that is down hides no alert of the server", async () => {
    start({ client: server.url(DATABASE), console: bouncer.url("pgbouncer") })
    await bouncer.kill()
    await seen("pgbouncer", "down")
    await hold(9)
    await seen("server", "alert: threshold")
    await bouncer.start()
    await seen("pgbouncer", "down", "up")
    expect(told("server")).toEqual(["alert: threshold"])
  })

  test("a server that is down hides no alert of PgBouncer", async () => {
    const nobody = `postgresql://app:s3cret@127.0.0.1:${await freePort()}/${DATABASE}`
    start({ client: nobody, console: bouncer.url("pgbouncer") })
    await seen("server", "down")
    await clients.connect("api", 9)
    await seen("pgbouncer", "alert: threshold")
    await clients.end()
    await seen("pgbouncer", "alert: threshold", "clear")
    expect(told("server")).toEqual(["down"])
  })

  test("a console that takes connections and never answers holds up no poll of the server", async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket.on("error", () => {})))
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
    const { port } = silent.address() as AddressInfo
    const console = `postgresql://app:s3cret@127.0.0.1:${port}/pgbouncer?connect_timeout=30&pool_timeout=60`
    start({ client: server.url(DATABASE), console, timeout: 0.3 })
    await seen("pgbouncer", "down")
    expect(events.find(({ tier }) => tier === "pgbouncer")?.message).toBe(
      "PgBouncer's console cannot be asked: no answer in 0.3 s",
    )
    await hold(9)
    // One that is late on a busy machine is down for a moment.
    await eventually("the server's alert", () => told("server").includes("alert: threshold"))
    for (const socket of sockets) socket.destroy()
    silent.close()
  })

  test("a role that may not ask is down, with what to do", async () => {
    await bouncer.destroy()
    bouncer = await startPgBouncer(server)
    start({ console: bouncer.url("pgbouncer") })
    await seen("pgbouncer", "down")
    expect(events[0]?.message).toMatch(/role app may not ask .*Add it to stats_users in pgbouncer\.ini/)
  })
})

describe("bad input", () => {
  const good = { client: "postgresql://app:s3cret@127.0.0.1:1/core", onEvent: () => {} }
  const console = "postgresql://app:s3cret@127.0.0.1:1/pgbouncer"

  test.each<[string, unknown, string[]]>([
    ["a console of another database", { ...good, console: good.client }, ["console"]],
    ["one of several that is wrong", { ...good, console: [console, 5] }, ["console[1]"]],
    ["a console that is not set", { ...good, console: undefined }, ["console"]],
    ["a client that is not set", { onEvent: good.onEvent, client: undefined, console }, ["client"]],
    ["neither of them", { onEvent: good.onEvent }, ["client"]],
    ["all at once", { client: 5, console: {}, onEvent: 1 }, ["client", "console", "onEvent"]],
  ])("%s", (_, options, names) => {
    expect(refusedNames(() => watchConnections(options as WatchWithConsoleOptions))).toEqual(names)
  })
})

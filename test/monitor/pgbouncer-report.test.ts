import { describe, expect, test } from "vitest"
import { inspectPgBouncer } from "../../src/monitor/index.ts"
import { rejection } from "../support/helpers.ts"
import { configOf, consoleOf, listsOf, NEW, OLD } from "./pgbouncer-console.ts"

describe("the columns of each version", () => {
  test("1.16: no names of applications, no state, no caps of users", async () => {
    const console = consoleOf(OLD)
    const report = await inspectPgBouncer(console)
    expect(report.processes[0]).toMatchObject({ version: "1.16.1", state: undefined, paused: ["core"] })
    expect(report.clients).toEqual({
      ...{ used: 8, limit: 100, free: 92, active: 1, waiting: 1, longestWaitSeconds: 3.25 },
      ...{ loggingIn: 1, consoles: 1 },
    })
    expect(report.applications).toEqual([
      {
        ...{ name: null, clients: 3, active: 1, waiting: 1, longestWaitSeconds: 3.25 },
        shares: [{ user: "app", database: "core", connections: 3 }],
      },
    ])
    expect(report.servers).toEqual({ used: 3, idle: 5, limit: 12 })
    expect(report.limits).toMatchObject([
      { name: "poolSize", database: "core", user: "app", limit: 12, used: 3, free: 9, percent: 25 },
      { name: "maxClientConnections", limit: 100, used: 8, percent: 8 },
    ])
    expect(console.asked).not.toContain("SHOW STATE")
  })

  test("1.25: renamed columns, caps of entries and users, what users have of their own", async () => {
    const report = await inspectPgBouncer(consoleOf(NEW))
    expect(report.mayHaveMore).toBe(true)
    expect(report.processes[0]).toMatchObject({ version: "1.25.2", state: "paused", disabled: ["core"] })
    expect(report.applications).toMatchObject([
      { name: "api@2", clients: 2, active: 1, waiting: 0, longestWaitSeconds: 0 },
      { name: "", clients: 1, active: 0, waiting: 1, longestWaitSeconds: 1.000005 },
    ])
    // Those that only carry a cancel request take no slot.
    expect(report.pools).toMatchObject([
      { user: "etl", mode: "session", waiting: 1, servers: { used: 2, limit: 12 } },
      { user: "app", mode: "transaction", waiting: 0, servers: { used: 7, limit: 8 } },
    ])
    // 8 of the one and 25 of the other pool, within 12 of their entry.
    expect(report.servers).toEqual({ used: 9, idle: 0, limit: 12 })
    expect(report.limits.map(({ name, used, limit }) => [name, used, limit])).toEqual([
      ["poolSize", 7, 8],
      ["maxClientConnections", 320, 400],
      ["maxUserConnections", 7, 9],
      ["maxDbConnections", 9, 12],
      ["maxUserClientConnections", 2, 4],
      ["poolSize", 2, 25],
    ])
    expect(report.percent).toBe(87.5)
  })

  test("a pool_size of 0 is unlimited from 1.24 on, and nothing before", async () => {
    const databases = [{ name: "core", pool_size: 0, reserve_pool_size: 0, reserve_pool: 0 }]
    const newer = await inspectPgBouncer(
      consoleOf({ ...NEW, "SHOW DATABASES": databases, "SHOW USERS": [], "SHOW CONFIG": configOf() }),
    )
    expect(newer.servers.limit).toBe(Number.POSITIVE_INFINITY)
    expect(newer.limits.map(({ name }) => name)).toEqual(["maxClientConnections"])
    const older = await inspectPgBouncer(consoleOf({ ...OLD, "SHOW DATABASES": databases }))
    expect(older.servers.limit).toBe(0)
    expect(older.percent).toBe(100)
  })
})

describe("several processes", () => {
  test("their figures are added, their limits are not: each refuses on its own", async () => {
    const report = await inspectPgBouncer([consoleOf(OLD), consoleOf(NEW)])
    expect(report.processes.map(({ version }) => version)).toEqual(["1.16.1", "1.25.2"])
    expect(report.clients).toMatchObject({ used: 328, limit: 500, waiting: 2, longestWaitSeconds: 3.25 })
    expect(report.servers).toEqual({ used: 12, idle: 5, limit: 24 })
    expect(report.pools.find(({ user }) => user === "app")).toMatchObject({
      ...{ clients: 5, waiting: 1, longestWaitSeconds: 3.25 },
      servers: { used: 10, idle: 5, limit: 20 },
    })
    const clients = report.limits.filter(({ name }) => name === "maxClientConnections")
    expect(clients.map(({ process, used }) => [process, used])).toEqual([
      [1, 320],
      [0, 8],
    ])
    // Both were asked: what they do not see is not known to be there.
    expect(report.mayHaveMore).toBe(false)
  })

  test("one client of a console is asked once, however often it is given", async () => {
    const console = consoleOf(OLD)
    expect((await inspectPgBouncer([console, console])).processes).toHaveLength(1)
  })
})

describe("what is no console", () => {
  test.each([
    ["nothing", { "SHOW VERSION": [] }],
    ["another program", { "SHOW VERSION": [{ version: "Odyssey 1.5" }] }],
    ["no such command", {}],
  ])("%s", async (_, answers) => {
    const error = await rejection(inspectPgBouncer(consoleOf(answers)))
    expect(error.message).toBe(
      "does not answer as PgBouncer's console. Give the URL of a console: PgBouncer's host and port, with pgbouncer as the database.",
    )
  })

  test.each([
    ["SHOW POOLS", [{ database: "core", user: "app", cl_active: 1 }], "SHOW POOLS has no cl_waiting"],
    ["SHOW CONFIG", configOf({ max_client_conn: "many" }), "SHOW CONFIG has no max_client_conn"],
    ["SHOW LISTS", [], "SHOW LISTS has no used_clients"],
    ["SHOW CLIENTS", [{ database: 5 }], "SHOW CLIENTS has no state"],
  ])("a column that every version has is missing in %s", async (command, rows, said) => {
    const error = await rejection(inspectPgBouncer(consoleOf({ ...OLD, [command]: rows })))
    expect(error.message).toContain(`${said} as PgBouncer's console has`)
  })

  test("a process that nothing is connected to", async () => {
    const answers = { ...OLD, "SHOW CLIENTS": [], "SHOW POOLS": [], "SHOW LISTS": listsOf() }
    const report = await inspectPgBouncer(consoleOf(answers))
    expect(report.servers).toEqual({ used: 0, idle: 0, limit: 0 })
    expect(report.clients).toMatchObject({ used: 1, waiting: 0, longestWaitSeconds: 0 })
    expect([report.pools, report.applications]).toEqual([[], []])
  })
})

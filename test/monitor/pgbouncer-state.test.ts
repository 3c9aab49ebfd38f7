import { describe, expect, test } from "vitest"
import { inspectPgBouncer, type PgBouncerEvent, type PgBouncerReport } from "../../src/monitor/index.ts"
import { CALM, nextPgBouncerState, type PgBouncerState } from "../../src/monitor/watch/pgbouncer-state.ts"
import { consoleOf, listsOf, NEW, OLD } from "./pgbouncer-console.ts"

const THRESHOLDS = { threshold: 80, clearBelow: 72 }

/** A process that takes 100 clients, as its console shows it. */
function reportOf({ clients = 1, waiting = 0 }: { clients?: number; waiting?: number }) {
  const pools = (OLD["SHOW POOLS"] ?? []).map((pool) =>
    pool["database"] === "core" ? { ...pool, cl_waiting: waiting } : pool,
  )
  return inspectPgBouncer(
    consoleOf({ ...OLD, "SHOW LISTS": listsOf({ used_clients: clients }), "SHOW POOLS": pools }),
  )
}

/** The events of polls that find this, one poll after the other. */
function play(...outcomes: readonly (PgBouncerReport | Error)[]): readonly PgBouncerEvent[][] {
  let state: PgBouncerState = CALM
  return outcomes.map((outcome) => {
    const polled = outcome instanceof Error ? { error: outcome } : { report: outcome }
    const next = nextPgBouncerState(state, polled, THRESHOLDS)
    state = next.state
    return [...next.events]
  })
}

const kindsOf = (events: readonly PgBouncerEvent[]) =>
  events.map((event) =>
    event.kind === "alert"
      ? `alert: ${event.reason}`
      : event.kind === "clear"
        ? `clear: ${event.of}`
        : event.kind,
  )

const kinds = (...outcomes: readonly (PgBouncerReport | Error)[]) =>
  play(...outcomes)
    .map(kindsOf)
    .map((each) => each.join(", "))

const DOWN = new Error("connect ECONNREFUSED 127.0.0.1:6432")

describe("clients near the ceiling", () => {
  const at = (clients: number) => reportOf({ clients })

  test("are an alert above the threshold, once, until they are below its end", async () => {
    const polls = await Promise.all([80, 81, 79, 99, 72, 71, 81].map(at))
    expect(kinds(...polls)).toEqual([
      ...["", "alert: threshold", "", "", "", "clear: clients", "alert: threshold"],
    ])
  })

  test("that are refused are a second alert, and one end is that of both", async () => {
    const polls = await Promise.all([81, 100, 90, 100, 50].map(at))
    expect(kinds(...polls)).toEqual(["alert: threshold", "alert: full", "", "", "clear: clients"])
  })

  test("count by the fullest of the limits on clients, and never by a full pool", async () => {
    const pools = (NEW["SHOW POOLS"] ?? []).map((pool) => ({ ...pool, sv_active: 12, cl_waiting: 0 }))
    // 320 of 400 clients are 80 %.
    const report = await inspectPgBouncer(consoleOf({ ...NEW, "SHOW POOLS": pools }))
    expect(report.percent).toBeGreaterThanOrEqual(100)
    expect(kinds(report)).toEqual([""])
    const users = (NEW["SHOW USERS"] ?? []).map((user) => ({ ...user, current_client_connections: 4 }))
    const ofUser = await inspectPgBouncer(consoleOf({ ...NEW, "SHOW USERS": users }))
    expect(play(ofUser)[0]?.map(({ message }) => message)).toEqual([
      "PgBouncer: max_user_client_connections of user app: 4 of 4 (100 %), no further clients are taken. Most are of api@2 2, (no name) 1",
    ])
  })
})

describe("clients that wait", () => {
  const waiting = (count: number) => reportOf({ waiting: count })

  test("in one poll are none yet, and two of them in succession are needed for the end too", async () => {
    const polls = await Promise.all([1, 0, 1, 3, 0, 1, 0, 0, 0].map(waiting))
    expect(kinds(...polls)).toEqual(["", "", "", "alert: waiting", "", "", "", "clear: waiting", ""])
    const [alert, clear] = play(...polls).flat()
    expect(alert?.message).toBe(
      "PgBouncer: 1 of 100 clients, 3 wait, for up to 3 s; 3 of 12 server connections in use. They wait in core, app 3",
    )
    expect(clear?.message).toBe("PgBouncer: 1 of 100 clients, none waits; 3 of 12 server connections in use")
  })

  test("are an alert beside that of clients near the ceiling, and each has its own end", async () => {
    const both = await reportOf({ clients: 81, waiting: 2 })
    const many = await reportOf({ clients: 81 })
    const none = await reportOf({})
    expect(kinds(both, both, many, many, none)).toEqual([
      ...["alert: threshold", "alert: waiting", "", "clear: waiting", "clear: clients"],
    ])
  })
})

describe("a console that cannot be asked", () => {
  test("is said once, in one line, and leaves both alerts as they are", async () => {
    const both = await reportOf({ clients: 81, waiting: 2 })
    const none = await reportOf({})
    expect(kinds(both, both, DOWN, DOWN, both, DOWN, none, none)).toEqual([
      ...["alert: threshold", "alert: waiting", "down", "", "up", "down", "up, clear: clients"],
      "clear: waiting",
    ])
    const [[down] = []] = play(new Error("password\n authentication\n failed"))
    expect(down?.message).toBe("PgBouncer's console cannot be asked: password authentication failed")
  })

  test("every event says of which tier it is", async () => {
    const all = play(
      ...[await reportOf({ clients: 81 }), DOWN, await reportOf({})],
      ...[await reportOf({ waiting: 1 }), await reportOf({ waiting: 1 })],
    ).flat()
    expect(all).toHaveLength(5)
    expect(new Set(all.map(({ tier }) => tier))).toEqual(new Set(["pgbouncer"]))
  })
})

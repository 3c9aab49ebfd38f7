import { describe, expect, test } from "vitest"
import { inspectPgBouncer } from "../../src/monitor/index.ts"
import { judgePooler } from "../../src/monitor/pgbouncer/judge-pooler.ts"
import { consoleOf, NEW, OLD } from "./pgbouncer-console.ts"

const allocation = (declared: number, declaredInDeploy: number, seen: number) => ({
  ...{ name: "api", kind: "consumer" as const, declared, declaredInDeploy, seen },
  ...{ shares: [], applications: [], roles: [] },
})
const ghost = (connections: number) => ({ name: "ghost", role: undefined, connections, shares: [] })
const pooler = (instances: number, size: number) => ({
  ...{ name: "pgbouncer", instances },
  pools: [
    [{ times: 1, count: 1, cap: Number.POSITIVE_INFINITY, fixed: 0, open: 1 }],
    [{ times: 1, count: 1, cap: Number.POSITIVE_INFINITY, fixed: size, open: 0 }],
  ] as const,
})

describe("the clients of a pooler in a deploy", () => {
  test("the larger of declared and connected, what is not declared, and the new instances", async () => {
    const report = await inspectPgBouncer(consoleOf(OLD))
    const of = { allocations: [allocation(10, 20, 4), allocation(5, 5, 8)], undeclared: [ghost(3)] }
    // 80 % of a max_client_conn of 100.
    expect(judgePooler(report, of, pooler(1, 12), 12)).toEqual({
      ...{ name: "pgbouncer", fits: true, held: 18, undeclared: 3, surge: 10, total: 31, capacity: 80 },
      problems: [],
    })
    const many = { ...of, undeclared: [ghost(53)] }
    expect(judgePooler(report, many, pooler(1, 12), 12)).toMatchObject({ fits: false, total: 81 })
    // A second process that was not asked takes as many.
    expect(judgePooler(report, many, pooler(2, 12), 12)).toMatchObject({ fits: true, capacity: 160 })
  })

  test("pools that are larger than declared, and processes that are not", async () => {
    const report = await inspectPgBouncer([consoleOf(OLD), consoleOf(NEW)])
    const nothing = { allocations: [], undeclared: [] }
    // The smaller max_client_conn of both, in each.
    expect(judgePooler(report, nothing, pooler(2, 12), 12)).toMatchObject({ fits: true, capacity: 160 })
    expect(judgePooler(report, nothing, pooler(1, 11), 11)).toMatchObject({
      fits: false,
      problems: [
        "its 2 pools may open 12 connections to the server from one process, and 11 are declared: core, app 20; core, etl 12",
        "2 processes run, and 1 are declared",
      ],
    })
  })

  test("pools without a limit, which 1.24 and later have", async () => {
    const { processes, pools } = await inspectPgBouncer(consoleOf(NEW))
    const limitless = <Part extends { readonly servers: { readonly limit: number } }>(part: Part) => ({
      ...part,
      servers: { ...part.servers, limit: Number.POSITIVE_INFINITY },
    })
    const report = { processes: [limitless(processes[0])] as const, pools: pools.slice(0, 1).map(limitless) }
    expect(judgePooler(report, { allocations: [], undeclared: [] }, pooler(1, 12), 12).problems).toEqual([
      "its pool may open any number of connections to the server from one process, and 12 are declared: core, etl without a limit",
    ])
  })
})

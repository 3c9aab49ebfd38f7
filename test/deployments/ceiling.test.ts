import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { names, refusal } from "../support/bad-values.ts"
import { type PlannedResource, plan, state } from "../support/terraform-plan.ts"
import { consumer, server } from "./resources.ts"

const main = "scaleway_rdb_instance.main"

function ceiling(resources: readonly PlannedResource[], options?: DeploymentOptions) {
  const { maxConnections, servers, unknowns, warnings } = fleetFromTerraform(plan(resources), options)
  return { maxConnections, servers, unknowns, warnings }
}

const unknown = (name: string, problem: string) => ({
  name,
  problem,
  between: "1 to 262143 connections",
  remedy: "Ask the server (SHOW max_connections), and give its answer as maxConnections (--max-connections)",
})

describe("max_connections comes", () => {
  test("from the settings of the server, which is shown with its node type", () => {
    expect(ceiling([server("main", { settings: { max_connections: "350", work_mem: "4" } })])).toEqual({
      maxConnections: 350,
      servers: [{ address: main, maxConnections: 350, nodeType: "db-play2-nano" }],
      unknowns: [],
      warnings: [],
    })
  })

  test("of a data source, which a plan has in its prior state", () => {
    const data = { ...server("main"), address: `data.${main}`, mode: "data" as const }
    expect(ceiling([data])).toMatchObject({
      maxConnections: 100,
      servers: [{ address: `data.${main}`, maxConnections: 100 }],
    })
  })

  test("of a state", () => {
    expect(fleetFromTerraform(state([server("main")])).maxConnections).toBe(100)
  })

  test("of a server in a module", () => {
    const inModule = { ...server("main"), address: `module.db.${main}` }
    expect(ceiling([inModule]).maxConnections).toBe(100)
  })

  test("from whoever has asked the server, before the plan", () => {
    expect(ceiling([server("main")], { maxConnections: 150 })).toMatchObject({
      maxConnections: 150,
      unknowns: [],
      warnings: [`${main}: max_connections is 100 here, but 150 was given, which counts`],
    })
    expect(ceiling([server("main")], { maxConnections: 100 }).warnings).toEqual([])
    expect(ceiling([], { maxConnections: 150 })).toMatchObject({ maxConnections: 150, unknowns: [] })
    expect(ceiling([server("a"), server("b")], { maxConnections: 150 })).toMatchObject({
      maxConnections: 150,
      unknowns: [],
      warnings: [],
    })
  })
})

describe("max_connections is unknown, with the reason,", () => {
  test("without a server", () => {
    expect(ceiling([consumer("api")])).toMatchObject({
      maxConnections: undefined,
      servers: [],
      unknowns: [unknown("max_connections", "is not in these documents: they have no PostgreSQL server")],
    })
  })

  test("with two servers, none of which is chosen", () => {
    const two = [server("main"), server("replica", { settings: {} })]
    const { maxConnections, unknowns } = ceiling(two)
    expect(maxConnections).toBeUndefined()
    expect(unknowns).toMatchObject([
      {
        ...unknown("max_connections", `is one of 2: ${main} (100), scaleway_rdb_instance.replica`),
        remedy: "Choose the server by its address, with --server or deployments.server",
      },
    ])
  })

  test("with two servers, it is at most the higher one", () => {
    const two = [server("main"), server("large", { settings: { max_connections: "350" } })]
    const { maxConnectionsAtMost, unknowns } = fleetFromTerraform(plan(two))
    expect([maxConnectionsAtMost, unknowns]).toMatchObject([350, [{ between: "1 to 350 connections" }]])
  })

  test.each<[what: string, values: object, more: object, problem: string]>([
    [
      "without settings",
      { settings: null },
      {},
      "has no settings.max_connections, and the node type does not decide it",
    ],
    [
      "without the setting",
      { settings: {} },
      {},
      "has no settings.max_connections, and the node type does not decide it",
    ],
    [
      "known after apply",
      { settings: {} },
      { unknown: { settings: { max_connections: true } } },
      "settings.max_connections is known only after apply",
    ],
    [
      "with all settings known after apply",
      { settings: undefined },
      { unknown: { settings: true } },
      "settings.max_connections is known only after apply",
    ],
    ...["", "0", "-1", "1e3", "100.5", "many", "1000000"].map((value): [string, object, object, string] => [
      `with ${JSON.stringify(value)}`,
      { settings: { max_connections: value } },
      {},
      "settings.max_connections is not a whole number",
    ]),
  ])("%s", (_, values, more, problem) => {
    const { maxConnections, unknowns, servers } = ceiling([server("main", { ...values }, more)])
    expect(maxConnections).toBeUndefined()
    expect(unknowns).toMatchObject([unknown(main, problem)])
    expect(servers).toEqual([{ address: main, maxConnections: undefined, nodeType: "db-play2-nano" }])
  })
})

describe("a server is chosen by its address", () => {
  const two = [server("main"), server("replica", { settings: { max_connections: "50" } })]

  test("among several", () => {
    expect(ceiling(two, { server: "scaleway_rdb_instance.replica" })).toMatchObject({
      maxConnections: 50,
      unknowns: [],
    })
  })

  test("which must be there", () => {
    const error = refusal(() => ceiling(two, { server: "scaleway_rdb_instance.prod" }))
    expect(names(error)).toEqual(["server"])
    expect(error.issues[0]?.remedy).toBe(`Use one of ${main} (100), scaleway_rdb_instance.replica (50)`)
  })
})

describe("one server that several stacks know is one server", () => {
  const id = "fr-par/11111111-1111-1111-1111-111111111111"
  const managed = plan([server("main", { id })])
  const reads = plan([
    {
      ...server("db", { id, settings: { max_connections: "90" } }),
      address: "data.scaleway_rdb_instance.db",
      mode: "data",
    },
    consumer("api"),
  ])

  test("and the stack that manages it knows what it will be", () => {
    for (const plans of [
      [managed, reads],
      [reads, managed],
    ]) {
      const { maxConnections, servers } = fleetFromTerraform(plans)
      expect(maxConnections).toBe(100)
      expect(servers).toHaveLength(1)
    }
  })

  test("by either address", () => {
    for (const server of [
      "plans[0]: scaleway_rdb_instance.main",
      "plans[1]: data.scaleway_rdb_instance.db",
      main,
    ]) {
      expect(fleetFromTerraform([managed, reads], { server }).maxConnections).toBe(100)
    }
  })
})

test.each(["MySQL-8", "mysql-8"])("a %s server is no PostgreSQL server", (engine) => {
  expect(ceiling([server("main"), server("shop", { engine })])).toMatchObject({
    maxConnections: 100,
    servers: [{ address: main }],
  })
})

describe("the sizing document's table", () => {
  const warning = (nodeType: string, documented: number, real: number) =>
    `${main}: node type ${nodeType} has ${documented} in the sizing document's table, but the server has ${real}, which counts`

  test.each<[nodeType: string, max: string, warnings: string[]]>([
    ["DB-GP-S", "100", []],
    ["db-gp-s", "100", []],
    ["DB-GP-M", "100", [warning("DB-GP-M", 200, 100)]],
    ["db-dev-s", "100", [warning("db-dev-s", 20, 100)]],
    ["DB-DEV-M", "150", [warning("DB-DEV-M", 20, 150)]],
    ["DB-PRO2-XXS", "350", []],
  ])("of %s with %s", (node_type, max_connections, warnings) => {
    expect(ceiling([server("main", { node_type, settings: { max_connections } })]).warnings).toEqual(warnings)
  })

  test("is held against the ceiling that was given, too", () => {
    const unset = server("main", { node_type: "DB-GP-M", settings: {} })
    expect(ceiling([unset], { maxConnections: 100 }).warnings).toEqual([warning("DB-GP-M", 200, 100)])
    expect(ceiling([unset], { maxConnections: 200 }).warnings).toEqual([])
  })

  test("decides nothing", () => {
    expect(ceiling([server("main", { node_type: "DB-GP-M", settings: {} })])).toMatchObject({
      maxConnections: undefined,
      warnings: [],
    })
  })
})

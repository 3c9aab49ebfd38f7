import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { verdictOf } from "../../src/declaration/verdict.ts"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { firstPlan, refersTo } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import {
  autoscale,
  configuration,
  containerApp,
  containerJob,
  ENV,
  functionApp,
  postgres,
  servicePlan,
  slot,
  webApp,
} from "./azure-resources.ts"
import { unknownNames } from "./resources.ts"

const main = "azurerm_postgresql_flexible_server.main"
const read = (...resources: readonly PlannedResource[]) => fleetFromTerraform(plan(resources))

describe("a flexible server has", () => {
  test("its ceiling in a configuration", () => {
    const { maxConnections, assumptions, unknowns } = read(
      postgres(),
      configuration("max_connections", "200"),
    )
    expect([maxConnections, assumptions, unknowns]).toEqual([200, [], []])
  })

  test("nothing of a configuration of something else, or of another server", () => {
    expect(read(postgres(), configuration("log_min_duration_statement", "200")).maxConnections).toBe(859)
    const server_id = `${postgres().values?.["id"]}-replica`
    expect(read(postgres(), configuration("max_connections", "200", { server_id })).maxConnections).toBe(859)
  })

  test.each([
    ["B_Standard_B1ms", 50],
    ["B_Standard_B2s", 429],
    ["B_Standard_B2ms", 859],
    ["B_Standard_B4ms", 1_718],
    ["B_Standard_B8ms", 3_437],
    ["B_Standard_B12ms", 5_000],
    ["B_Standard_B20ms", 5_000],
    ["GP_Standard_D2s_v3", 859],
    ["GP_Standard_D4ds_v4", 1_718],
    ["GP_Standard_D8ads_v5", 3_437],
    ["GP_Standard_D16ds_v5", 5_000],
    ["GP_Standard_D96ds_v5", 5_000],
    ["MO_Standard_E2s_v3", 1_718],
    ["MO_Standard_E4ds_v5", 3_437],
    ["MO_Standard_E8ads_v5", 5_000],
  ])("the default of %s without one: %i, which is named", (sku_name, maxConnections) => {
    const fleet = read(postgres({ sku_name }))
    expect(fleet.maxConnections).toBe(maxConnections)
    expect(fleet.servers).toEqual([{ address: main, maxConnections, nodeType: sku_name }])
    expect(fleet.assumptions).toEqual([
      {
        name: `${main}.max_connections`,
        assumed: `omitted: ${maxConnections}, Azure's default for a server that was created with ${sku_name}`,
        remedy:
          "Set it in an azurerm_postgresql_flexible_server_configuration, or give what the server answers (SHOW max_connections)",
      },
    ])
  })

  test("the default of the size that it was created with, where the plan changes that", () => {
    const before = { ...postgres().values, sku_name: "B_Standard_B1ms" }
    expect(read(postgres({}, { before })).maxConnections).toBe(50)
  })

  test.each(["GP_Standard_X8_v9", "", "MO_Standard_D4s_v3"])("no known ceiling with %j", (sku_name) => {
    const fleet = read(postgres({ sku_name }))
    expect(fleet.maxConnections).toBeUndefined()
    expect(unknownNames(fleet)).toEqual([main])
  })

  test.each([
    ["value", { value: undefined }],
    ["name", { name: undefined }],
  ])("no known ceiling with a configuration of unknown %s", (attribute, values) => {
    const open = configuration("max_connections", "200", values, { unknown: { [attribute]: true } })
    const fleet = read(postgres(), open)
    expect(fleet.maxConnections).toBeUndefined()
    expect(fleet.unknowns[0]?.problem).toContain(open.address)
  })

  test("its ceiling in a first plan by the code, or perhaps", () => {
    const first = (...references: string[]) => {
      const { id: _, ...server } = postgres().values ?? {}
      const { server_id: __, ...values } = configuration("max_connections", "200").values ?? {}
      return fleetFromTerraform(
        firstPlan([
          { address: main, values: server, unknown: { id: true, fqdn: true }, expressions: {} },
          {
            address: configuration("max_connections", "").address,
            values,
            unknown: { id: true, server_id: true },
            expressions: { server_id: refersTo(...references) },
          },
        ]),
      ).maxConnections
    }
    expect(first(`${main}.id`)).toBe(200)
    expect(first("azurerm_postgresql_flexible_server.other.id")).toBeUndefined()
    expect(first("local.server_id")).toBeUndefined()
  })

  test("the host of its name and of its fqdn", () => {
    const url = (host: string) => `postgresql://app:pw@${host}:5432/core`
    const env = (host: string) => ({
      env: [{ name: "DATABASE_URL_CORE", value: url(host), secret_name: "" }],
    })
    const causes = (host: string) =>
      read(postgres(), containerApp({}, {}, {}, env(host))).unknowns.map(({ cause }) => cause)
    expect(causes("db.example.org")).toEqual([])
    expect(causes("shop.postgres.database.azure.com")).toEqual([])
    expect(causes("stats.postgres.database.azure.com")).toEqual(["host"])
  })
})

describe("the 15 slots that Azure keeps", () => {
  /** Three replicas with pools of one size, and as many in a deploy, on a server of 50. */
  const judged = (size: string, config: FleetConfig = {}) => {
    const env = { env: [ENV[1], { name: "PRISMA_POOL_SIZE_CORE", value: size, secret_name: "" }] }
    const json = plan([postgres({ sku_name: "B_Standard_B1ms" }), containerApp({}, {}, {}, env)])
    const [[, bounds] = []] = findFleetBounds(config, [readTerraform([{ name: "", json }])])
    if (bounds === undefined) throw new Error("no server")
    return verdictOf(bounds, { deploy: "fail" }).verdict
  }

  test("are kept: 35 of 50 are for the fleet", () => {
    // Six at a time in a deploy: 30 of 35, and 36.
    expect([judged("5"), judged("6")]).toEqual(["fits", "does not fit"])
  })

  test("are not kept twice where a declaration has them", () => {
    expect(judged("5", { superuserReserved: 10, reservedConnections: 5 })).toBe("fits")
    expect(judged("5", { superuserReserved: 10, reservedConnections: 11 })).toBe("does not fit")
    expect(judged("6", { providerReserved: 0 })).toBe("fits")
  })
})

test("a fleet of Azure: its sums by hand, a deploy included", () => {
  const json = plan([
    postgres(),
    configuration("max_connections", "300"),
    containerApp(),
    containerJob({
      schedule_trigger_config: [
        { cron_expression: "*/20 * * * *", parallelism: 2, replica_completion_count: 2 },
      ],
    }),
    servicePlan(),
    autoscale(),
    webApp(),
    slot(),
    {
      ...functionApp({ maximum_instance_count: 4 }),
      address: "azurerm_function_app_flex_consumption.events",
    },
  ])
  const { highest, unknowns, maxConnections, providerReserved } = fleetFromTerraform(json)
  expect([unknowns, maxConnections, providerReserved]).toEqual([[], 300, 12])
  const { total, deploy } = checkFleet({ maxConnections: 1_000, ...highest })
  // 3 replicas; the app and its slot on 5 workers each; 4 instances of functions; two executions of half an hour overlap,
  // with 2 replicas each. Each has a pool of 10.
  const services = 3 + 2 * 5 + 4
  expect(total).toBe(10 * (services + 2 * 2))
  expect(deploy?.total).toBe(total + 10 * services)
})

describe("the built-in PgBouncer, on port 6432, leads to the same server", () => {
  const at = (port: number) => ({
    env: [
      {
        name: "DATABASE_URL_CORE",
        value: `postgresql://app:pw@db.example.org:${port}/core`,
        secret_name: "",
      },
      { name: "PRISMA_POOL_SIZE_CORE", value: "10", secret_name: "" },
    ],
  })
  const other = (port: number) => ({
    ...containerApp({}, {}, {}, at(port)),
    address: "azurerm_container_app.web",
  })
  const of = (...resources: readonly PlannedResource[]) => {
    const { highest, unknowns } = read(postgres(), ...resources)
    return [
      Object.keys(highest.consumers).length,
      unknowns.map(({ cause }) => cause),
      Object.values(highest.consumers).map(({ pooler }) => pooler),
    ]
  }
  const on = configuration("pgbouncer.enabled", "true")

  test("where it is on, as a tier of one process", () => {
    expect(of(on, containerApp({}, {}, {}, at(5432)), other(6432))).toEqual([2, [], [undefined, main]])
    expect(of(on, containerApp({}, {}, {}, at(6432)))).toEqual([1, [], [main]])
    expect(of(on, containerApp({}, {}, {}, at(5432)))).toEqual([1, [], [undefined]])
    const { highest } = read(postgres(), on, containerApp({}, {}, {}, at(6432)))
    expect(highest.poolers?.[main]).toMatchObject({
      instances: 1,
      surge: 0,
      pools: 1,
      poolSize: 50,
      maxClientConnections: 5_000,
      poolMode: "transaction",
    })
    expect(read(postgres(), on, containerApp({}, {}, {}, at(5432))).highest.poolers).toBeUndefined()
  })

  test.each([
    ["PGBOUNCER.ENABLED", "true"],
    ["pgbouncer.enabled", "True"],
    ["pgbouncer.enabled", "ON"],
  ])("where %s is %s", (name, value) =>
    expect(of(configuration(name, value), containerApp({}, {}, {}, at(6432)))).toEqual([1, [], [main]]),
  )

  test("which the Burstable tier has not, so that its clients cannot connect", () => {
    const onPort = (sku: Parameters<typeof postgres>[0], port: number) =>
      read(postgres(sku), configuration("max_connections", "200"), on, containerApp({}, {}, {}, at(port)))
    const burstable = { sku_name: "B_Standard_B2ms" }
    expect(onPort(burstable, 6432).failures.map(({ name }) => name)).toEqual([`${main}: pgbouncer.enabled`])
    expect(onPort(burstable, 5432).failures).toEqual([])
    const unseen = onPort({ sku_name: null }, 6432)
    expect([unseen.failures, unseen.unknowns]).toMatchObject([
      [],
      [{ name: `${main}: sku_name`, isUnbounded: true }],
    ])
  })

  test("with the sizes that the server's configuration has", () => {
    const { highest } = read(
      postgres(),
      on,
      configuration("pgbouncer.default_pool_size", "20"),
      configuration("pgbouncer.max_client_conn", "300"),
      configuration("pgbouncer.pool_mode", "SESSION"),
      containerApp({}, {}, {}, at(6432)),
    )
    expect(highest.poolers?.[main]).toMatchObject({
      poolSize: 20,
      maxClientConnections: 300,
      poolMode: "session",
    })
  })

  test("which cannot work in statement mode", () => {
    const { failures } = read(
      postgres(),
      on,
      configuration("pgbouncer.pool_mode", "statement"),
      containerApp({}, {}, {}, at(6432)),
    )
    expect(failures.map(({ name }) => name)).toEqual([expect.stringContaining("pool_mode")])
  })

  test("which leaves open what is known only after apply", () => {
    const hidden = configuration(
      "pgbouncer.default_pool_size",
      "",
      { value: null },
      { unknown: { value: true } },
    )
    const { lowest, highest, unknowns } = read(postgres(), on, hidden, containerApp({}, {}, {}, at(6432)))
    expect(unknowns.map(({ name }) => name)).toEqual([`${main}: pgbouncer.default_pool_size`])
    expect([lowest.poolers?.[main]?.poolSize, highest.poolers?.[main]?.poolSize]).toEqual([1, 10_000])
  })

  test("where a URL that cannot be seen counts as a connection of the server, and keeps room for a client", () => {
    const { values = {} } = containerApp(
      {},
      {},
      {},
      {
        env: [
          { name: "DATABASE_URL_CORE", value: "", secret_name: "url" },
          { name: "PRISMA_POOL_SIZE_CORE", value: "10", secret_name: "" },
        ],
      },
    )
    const fleet = read(postgres(), on, containerApp({}, {}, {}, at(6432)), { ...other(6432), values })
    const [own] = fleet.unknowns
    expect(own).toMatchObject({ name: "azurerm_container_app.web.pooler" })
    expect(own?.isUnbounded).toBeUndefined()
    expect(fleet.highest.consumers["azurerm_container_app.web"]?.pooler).toBeUndefined()
    expect(fleet.lowest.consumers["azurerm_container_app.web"]).toBeUndefined()
    const { maxConnections = 0 } = fleet
    expect(fleet.highest.poolers?.[main]?.maxClientConnections).toBe(5_000 - Math.ceil(maxConnections * 1.25))
    // In session mode it may hold a connection that a client which is seen then waits for.
    const session = configuration("pgbouncer.pool_mode", "session")
    const held = read(postgres(), on, session, containerApp({}, {}, {}, at(6432)), { ...other(6432), values })
    expect(held.unknowns.find(({ name }) => name === `${main}.poolMode`)?.isUnbounded).toBe(true)
  })

  test("but not where it is off, and no other port", () => {
    const off = configuration("pgbouncer.enabled", "false")
    expect(of(off, containerApp({}, {}, {}, at(5432)), other(6432))).toEqual([
      2,
      ["host"],
      [undefined, undefined],
    ])
    expect(of(on, containerApp({}, {}, {}, at(5432)), other(6433))).toEqual([
      2,
      ["host"],
      [undefined, undefined],
    ])
  })
})

import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { firstPlan, refersTo } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { configuration, containerApp, postgres } from "./azure-resources.ts"
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

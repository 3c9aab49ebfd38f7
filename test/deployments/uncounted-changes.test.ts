import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { firstPlan, refersTo } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { containerApp, containerJob, GROUP, servicePlan, webApp } from "./azure-resources.ts"

const app = containerApp({}, { id: `${GROUP}/Microsoft.App/containerApps/api` })
const job = containerJob(
  { manual_trigger_config: [{ parallelism: 1 }] },
  { id: `${GROUP}/Microsoft.App/jobs/sync` },
)
const pointing = (address: string, attribute: string, id: unknown): PlannedResource => ({
  address,
  values: { [attribute]: id, type: "Microsoft.App/containerApps@2024-03-01", body: { properties: {} } },
})

const unknowns = (resources: readonly PlannedResource[], options: DeploymentOptions = {}) =>
  fleetFromTerraform(plan(resources), { maxConnections: 1_000, ...options }).unknowns.map(
    ({ name, isUnbounded }) => [name, isUnbounded],
  )

describe("a resource that is not read and refers to a counted one makes its number unknown:", () => {
  test.each([
    ["azapi_update_resource.scale", "resource_id"],
    ["acme_autoscaler.scale", "target_resource_id"],
    ["acme_autoscaler.scale", "scale_target_ref"],
  ])("%s by %s", (address, attribute) => {
    const patch = pointing(address, attribute, app.values?.["id"])
    expect(unknowns([app, patch])).toEqual([["azurerm_container_app.api.instances", true]])
    // In other letters it is the same.
    const upper = pointing(address, attribute, String(app.values?.["id"]).toUpperCase())
    expect(unknowns([app, upper])).toEqual([["azurerm_container_app.api.instances", true]])
  })

  test("of a job, its schedule", () => {
    const patch = pointing("azapi_update_resource.scale", "resource_id", job.values?.["id"])
    expect(unknowns([job, patch])).toEqual([["azurerm_container_app_job.sync.schedule", true]])
  })

  test("of the plan that an app runs on, the app's", () => {
    const patch = pointing("azapi_update_resource.scale", "resource_id", servicePlan().values?.["id"])
    expect(unknowns([webApp(), servicePlan(), patch])).toEqual([
      ["azurerm_linux_web_app.api.instances", true],
    ])
  })

  test("in a first plan, by its expression", () => {
    const { id: _, ...values } = app.values ?? {}
    const json = firstPlan([
      { address: app.address, values, unknown: { id: true }, expressions: {} },
      {
        address: "azapi_update_resource.scale",
        values: { type: "Microsoft.App/containerApps@2024-03-01" },
        unknown: { id: true, resource_id: true },
        expressions: { resource_id: refersTo("azurerm_container_app.api.id") },
      },
    ])
    const fleet = fleetFromTerraform(json, { maxConnections: 1_000 })
    expect(fleet.unknowns.map(({ name }) => name)).toEqual(["azurerm_container_app.api.instances"])
  })
})

describe("but not", () => {
  const patch = pointing("azapi_update_resource.scale", "resource_id", app.values?.["id"])

  test("where the number is stated, or the resource is left out", () => {
    const override = { [app.address]: { instances: 9, reason: "9 by the patch" } }
    expect(unknowns([app, patch], { override })).toEqual([])
    expect(unknowns([app, patch], { exclude: { [patch.address]: "patches an identity" } })).toEqual([])
  })

  test("of what does not connect", () => {
    const silent = containerApp({}, { id: app.values?.["id"] }, {}, { env: [] })
    expect(unknowns([silent, patch])).toEqual([])
  })

  test.each(["azurerm_monitor_diagnostic_setting.logs", "azurerm_monitor_metric_alert.cpu"])(
    "by %s, which only looks",
    (address) => {
      expect(unknowns([app, pointing(address, "target_resource_id", app.values?.["id"])])).toEqual([])
    },
  )
})

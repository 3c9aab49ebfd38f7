import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { firstPlan, refersTo } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { autoscale, functionApp, GROUP, SETTINGS, servicePlan, slot, webApp } from "./azure-resources.ts"
import { CORE, sizes } from "./resources.ts"

type Values = Readonly<Record<string, unknown>>

const api = "azurerm_linux_web_app.api"
const staging = "azurerm_linux_web_app_slot.staging"
const events = "azurerm_linux_function_app.events"

const read = (...resources: readonly PlannedResource[]) =>
  fleetFromTerraform(plan(resources), { maxConnections: 100_000 })

/** The least and the most instances of an app, and the attributes that are unknown or assumed. */
function instancesOf(address: string, resources: readonly PlannedResource[], json: object = plan(resources)) {
  const { lowest, highest, unknowns, assumptions } = fleetFromTerraform(json, { maxConnections: 100_000 })
  const [least, most] = [lowest, highest].map(({ consumers }) => consumers[address]?.instances)
  const names = [...unknowns, ...assumptions].map(({ name }) => name).filter((name) => name !== "surge")
  return [
    least === most ? most : `${least} to ${most}`,
    ...names.map((name) => name.slice(address.length + 1)),
  ]
}
const instances = (...resources: readonly PlannedResource[]) => instancesOf(api, resources)

describe("an app of App Service", () => {
  test("runs on each worker of its plan, and twice in a deploy", () => {
    expect(read(webApp(), servicePlan()).highest.consumers).toEqual({
      [api]: { instances: 2, surge: 2, poolSize: 10, poolsPerInstance: 1 },
    })
  })

  test("of a plan with an id in other letters is of it, and of one of the same name elsewhere is not", () => {
    const service_plan_id = `${GROUP.toLowerCase()}/microsoft.web/serverfarms/main`
    expect(instances(webApp({ service_plan_id }), servicePlan())).toEqual([2])
    const elsewhere = servicePlan({ id: `${GROUP.replace("shop", "stats")}/Microsoft.Web/serverFarms/main` })
    expect(instances(webApp(), elsewhere)).toEqual(["0 to 200", "service_plan_id"])
  })

  test.each<[what: string, values: Values, unknown: Values | undefined, expected: unknown[]]>([
    ["without a number: one, which is named", { worker_count: null }, undefined, [1, "worker_count"]],
    [
      "with an unknown number: as many as a plan has",
      { worker_count: undefined },
      { worker_count: true },
      ["0 to 100", "worker_count"],
    ],
    [
      "over zones without a number: as many as Azure chooses",
      { worker_count: null, zone_balancing_enabled: true },
      undefined,
      ["2 to 100", "worker_count"],
    ],
    [
      "that scales by itself: the most of it",
      { premium_plan_auto_scale_enabled: true, maximum_elastic_worker_count: 6 },
      undefined,
      [6],
    ],
    [
      "that scales by itself without a limit",
      { premium_plan_auto_scale_enabled: true, maximum_elastic_worker_count: null },
      undefined,
      ["1 to 100", "maximum_elastic_worker_count"],
    ],
    [
      "that does not scale by itself, with a limit that has no effect",
      { maximum_elastic_worker_count: 6 },
      undefined,
      [2],
    ],
  ])("of a plan %s", (_, values, unknown, expected) => {
    expect(instances(webApp(), servicePlan(values, "main", unknown ? { unknown } : {}))).toEqual(expected)
  })

  test("that scales alone has its own workers, where the plan allows it", () => {
    const own = webApp({ site_config: [{ worker_count: 1 }] })
    expect(instances(own, servicePlan({ per_site_scaling_enabled: true, worker_count: 3 }))).toEqual([1])
    expect(instances(own, servicePlan({ worker_count: 3 }))).toEqual([3])
  })

  describe("of a plan that is scaled has", () => {
    const profile = (maximum: number) => ({ capacity: [{ default: 1, minimum: 1, maximum }] })

    test("the most of all profiles, and no less than the plan begins with", () => {
      expect(instances(webApp(), servicePlan(), autoscale())).toEqual([5])
      expect(instances(webApp(), servicePlan(), autoscale({ profile: [profile(3), profile(9)] }))).toEqual([
        9,
      ])
      expect(instances(webApp(), servicePlan({ worker_count: 7 }), autoscale())).toEqual([7])
      expect(instances(webApp(), servicePlan({ worker_count: null }), autoscale())).toEqual([5])
    })

    test("nothing of what is off, or scales something else", () => {
      expect(instances(webApp(), servicePlan(), autoscale({ enabled: false }))).toEqual([2])
      const target_resource_id = `${GROUP}/Microsoft.Compute/virtualMachineScaleSets/main`
      expect(instances(webApp(), servicePlan(), autoscale({ target_resource_id }))).toEqual([2])
    })

    test("what is known only after apply", () => {
      const unknown = { profile: [{ capacity: [{ maximum: true }] }] }
      const open = autoscale({ profile: [{ capacity: [{ minimum: 1 }] }] }, { unknown })
      expect(instances(webApp(), servicePlan(), open)).toEqual(["0 to 1000", "capacity.maximum"])
    })
  })

  test("that is switched off is none", () => {
    expect(instances(webApp({ enabled: false }), servicePlan())).toEqual([0])
  })

  test("in a first plan is of the plan that the code says", () => {
    const { id: _, ...planned } = servicePlan().values ?? {}
    const { service_plan_id: __, ...values } = webApp().values ?? {}
    const { target_resource_id: ___, ...scaling } = autoscale().values ?? {}
    const other = { ...servicePlan({ worker_count: 50 }, "other"), unknown: { id: true } }
    const first = (references: ReturnType<typeof refersTo>) =>
      instancesOf(
        api,
        [],
        firstPlan([
          { ...servicePlan(), values: planned, unknown: { id: true }, expressions: {} },
          { ...other, values: { ...other.values, id: undefined } },
          {
            address: api,
            values,
            unknown: { service_plan_id: true },
            expressions: { service_plan_id: references },
          },
          {
            address: autoscale().address,
            values: scaling,
            unknown: { target_resource_id: true },
            expressions: { target_resource_id: refersTo("azurerm_service_plan.main.id") },
          },
        ]),
      )
    expect(first(refersTo("azurerm_service_plan.main.id"))).toEqual([5])
    expect(first(refersTo("azurerm_service_plan.other.id"))).toEqual([50])
    expect(first(refersTo("local.plan_id"))).toEqual(["5 to 50", "service_plan_id"])
  })

  test("among the instances of a plan is of the one with its key, or of the one that the code names", () => {
    const { id: _, ...main } = servicePlan().values ?? {}
    const { service_plan_id: __, ...app } = webApp().values ?? {}
    const of = (...references: string[]) =>
      instancesOf(
        'azurerm_linux_web_app.api["b"]',
        [],
        firstPlan([
          ...[3, 7].map((worker_count, index) => ({
            address: `azurerm_service_plan.main["${"ab"[index]}"]`,
            values: { ...main, worker_count },
            unknown: { id: true },
            expressions: {},
          })),
          {
            address: 'azurerm_linux_web_app.api["b"]',
            values: app,
            unknown: { service_plan_id: true },
            expressions: { service_plan_id: { references } },
          },
        ]),
      )
    expect(of("azurerm_service_plan.main", "each.key")).toEqual([7])
    expect(of('azurerm_service_plan.main["a"].id', 'azurerm_service_plan.main["a"]', "each.key")).toEqual([3])
    expect(of("azurerm_service_plan.main", "each.value")).toEqual(["3 to 7", "service_plan_id"])
  })

  test("connects by its settings, but for references to a vault", () => {
    const settings = (app_settings: Values) => sizes(read(webApp({ app_settings }), servicePlan()))
    const vault = "@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/core)"
    expect(settings({ DATABASE_URL_CORE: vault })).toEqual({ [api]: "1 to 10000" })
    expect(settings({ ...SETTINGS, DATABASE_URL_CORE: vault })).toEqual({ [api]: 10 })
    expect(settings({ NODE_ENV: "production" })).toEqual({})
    const unknown = { app_settings: { DATABASE_URL_CORE: true } }
    const open = webApp({ app_settings: { PRISMA_POOL_SIZE_CORE: "10" } }, "api", { unknown })
    expect(sizes(read(open, servicePlan()))).toEqual({ [api]: 10 })
    const closed = webApp({ app_settings: undefined }, "api", { unknown: { app_settings: true } })
    expect(sizes(read(closed, servicePlan()))).toEqual({ [api]: "nothing to 10000" })
  })

  test("may have a second pool by a connection string", () => {
    const connection_string = [{ name: "Reports", type: "PostgreSQL", value: `${CORE}_reports` }]
    const { unknowns } = read(webApp({ connection_string }), servicePlan())
    expect(unknowns).toMatchObject([{ cause: "variable", attribute: "POSTGRESQLCONNSTR_Reports" }])
  })

  test("reads what its command sets, and what a share may have", () => {
    const site_config = [{ app_command_line: "PRISMA_POOL_SIZE_CORE=40 node main.js" }]
    expect(sizes(read(webApp({ site_config }), servicePlan()))).toEqual({ [api]: "1 to 10000" })
    const storage_account = [{ name: "env", mount_path: "/env", type: "AzureFiles" }]
    expect(sizes(read(webApp({ app_settings: {}, storage_account }), servicePlan()))).toEqual({
      [api]: "nothing to 10000",
    })
  })
})

describe("a slot", () => {
  test("is a second app on the same workers", () => {
    const { highest } = read(webApp(), slot(), servicePlan())
    expect(highest.consumers).toMatchObject({ [api]: { instances: 2 }, [staging]: { instances: 2 } })
  })

  test("has a plan of its own, where it says so", () => {
    const own = slot({ service_plan_id: `${GROUP}/Microsoft.Web/serverFarms/slots` })
    const plans = [servicePlan(), servicePlan({ worker_count: 9 }, "slots")]
    expect(instancesOf(staging, [webApp({ app_settings: {} }), own, ...plans])).toEqual([9])
  })

  test("of an app in no plan has as many as there may be", () => {
    expect(instancesOf(staging, [slot(), servicePlan()])).toEqual(["0 to 200", "service_plan_id"])
  })
})

describe("an app of Functions", () => {
  const consumption = servicePlan({ sku_name: "Y1", worker_count: null })
  const elastic = servicePlan({ sku_name: "EP1", worker_count: null, maximum_elastic_worker_count: 7 })
  const limited = { site_config: [{ app_scale_limit: 3 }] }

  test.each<[what: string, resources: PlannedResource[], expected: unknown[]]>([
    ["on a consumption plan", [functionApp(), consumption], [100, "app_scale_limit"]],
    ["on a consumption plan, with a limit", [functionApp(limited), consumption], [3]],
    [
      "on a consumption plan, with a limit among its settings",
      [
        functionApp({ app_settings: { ...SETTINGS, WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT: "4" } }),
        consumption,
      ],
      [4],
    ],
    ["on an elastic plan", [functionApp(), elastic], [7]],
    ["on an elastic plan, with a limit", [functionApp(limited), elastic], [3]],
    ["on a plan of workers, where a limit has no effect", [functionApp(limited), servicePlan()], [2]],
  ])("%s", (_, resources, expected) => {
    expect(instancesOf(events, resources)).toEqual(expected)
  })

  test("of Windows on a consumption plan", () => {
    const windows = servicePlan({ sku_name: "Y1", worker_count: null, os_type: "Windows" })
    expect(instancesOf("azurerm_windows_function_app.events", [functionApp({}, "windows"), windows])).toEqual(
      [200, "app_scale_limit"],
    )
  })

  test("has a pool in each of its processes", () => {
    const app_settings = { ...SETTINGS, FUNCTIONS_WORKER_PROCESS_COUNT: "4" }
    const { highest } = read(functionApp({ app_settings }), servicePlan())
    expect(highest.consumers[events]).toMatchObject({ instances: 2, poolsPerInstance: 4 })
  })

  test("of the flex consumption plan has its own number", () => {
    const flex = "azurerm_function_app_flex_consumption.events"
    const of = (values: Values, more = {}) => ({ ...functionApp(values), address: flex, ...more })
    expect(instancesOf(flex, [of({ maximum_instance_count: 40 })])).toEqual([40])
    expect(instancesOf(flex, [of({ maximum_instance_count: null })])).toEqual([100, "maximum_instance_count"])
    const unknown = { maximum_instance_count: true }
    expect(instancesOf(flex, [of({}, { unknown })])).toEqual(["0 to 1000", "maximum_instance_count"])
  })
})

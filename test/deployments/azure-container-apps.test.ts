import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { containerApp, containerJob, ENV } from "./azure-resources.ts"
import { CORE, sizes, unknownNames } from "./resources.ts"

type Values = Readonly<Record<string, unknown>>

const api = "azurerm_container_app.api"
const sync = "azurerm_container_app_job.sync"

const read = (...resources: readonly PlannedResource[]) =>
  fleetFromTerraform(plan(resources), { maxConnections: 100_000 })

const SIZE = { name: "PRISMA_POOL_SIZE_CORE", value: "10", secret_name: "" }
const SECRET = { name: "DATABASE_URL_CORE", value: "", secret_name: "core" }

describe("a Container App", () => {
  test("has max_replicas, and as many again in a deploy", () => {
    const { highest, unknowns } = read(containerApp())
    expect(highest.consumers).toEqual({
      [api]: { instances: 3, surge: 3, poolSize: 10, poolsPerInstance: 1 },
    })
    expect(unknowns).toEqual([])
  })

  test("without it 10, which is named", () => {
    const fleet = read(containerApp({ max_replicas: null }))
    expect(fleet.highest.consumers[api]?.instances).toBe(10)
    expect(fleet.assumptions).toContainEqual({
      name: `${api}.max_replicas`,
      assumed: "omitted: 10, Azure Container Apps's default",
      remedy: "Set max_replicas, or override instances",
    })
  })

  test("with one that is known only after apply up to the most that Azure runs", () => {
    const unknown = { template: [{ max_replicas: true }] }
    const { lowest, highest } = read(containerApp({ max_replicas: undefined }, {}, { unknown }))
    expect([lowest, highest].map(({ consumers }) => consumers[api]?.instances)).toEqual([0, 1_000])
  })

  test.each([
    ["Multiple", {}],
    [undefined, { unknown: { revision_mode: true } }],
  ])("with revisions in mode %s any number, for each active one has its own", (revision_mode, more) => {
    const fleet = read(containerApp({}, { revision_mode }, more))
    expect(fleet.unknowns).toMatchObject([{ name: `${api}.revision_mode`, isUnbounded: true }])
    expect(fleet.lowest.consumers[api]?.instances).toBe(3)
    const override = { [api]: { instances: 6, reason: "two revisions" } }
    expect(
      fleetFromTerraform(plan([containerApp({}, { revision_mode }, more)]), { override, maxConnections: 9 })
        .unknowns,
    ).toEqual([])
  })

  test("connects with what is in a secret of its own, which a plan has in plain text", () => {
    const withSecret = (secret: Values, unknown: object = {}) =>
      sizes(read(containerApp({}, { secret: [secret] }, { unknown: unknown as Values }, { env: [SECRET] })))
    expect(withSecret({ name: "core", value: `${CORE}?connection_limit=7` })).toEqual({ [api]: 7 })
    const vault = {
      name: "core",
      value: "",
      key_vault_secret_id: "https://shop.vault.azure.net/secrets/core",
    }
    expect(withSecret(vault)).toEqual({ [api]: "1 to 10000" })
    expect(withSecret({ name: "core" }, { secret: [{ value: true }] })).toEqual({ [api]: "1 to 10000" })
    expect(withSecret({ name: "other", value: "x" })).toEqual({ [api]: "1 to 10000" })
  })

  test("has the size of a plain variable beside a secret, and of secrets as a whole", () => {
    const env = [SECRET, SIZE]
    expect(
      sizes(read(containerApp({}, { secret: undefined }, { unknown: { secret: true } }, { env }))),
    ).toEqual({
      [api]: 10,
    })
  })

  test.each<[what: string, unknown: Values]>([
    ["an unknown name", { template: [{ container: [{ env: [{ name: true }] }] }] }],
    ["unknown variables", { template: [{ container: [{ env: true }] }] }],
    ["unknown containers", { template: [{ container: true }] }],
    ["an unknown template", { template: true }],
  ])("connects perhaps with %s", (_, unknown) => {
    const { template: __, ...values } = containerApp().values ?? {}
    const template = [{ max_replicas: 3, container: [{ env: [null] }] }]
    expect(sizes(read({ address: api, values: { ...values, template }, unknown }))).toEqual({
      [api]: "nothing to 10000",
    })
  })

  test("connects perhaps with a mounted share or secret, and not with memory", () => {
    const mounted = (storage_type: string, secret: Values[] = []) =>
      sizes(
        read(
          containerApp(
            { volume: [{ name: "x", storage_type }] },
            { secret },
            {},
            {
              env: [],
              volume_mounts: [{ name: "x", path: "/x" }],
            },
          ),
        ),
      )
    expect(mounted("AzureFile")).toEqual({ [api]: "nothing to 10000" })
    expect(mounted("Secret", [{ name: "dotenv", value: "x" }])).toEqual({ [api]: "nothing to 10000" })
    expect(mounted("EmptyDir")).toEqual({})
  })

  test("counts init containers by what they have more than those that follow", () => {
    const large = { name: "migrate", env: [ENV[1], { ...SIZE, value: "30" }] }
    const { highest } = read(containerApp({ init_container: [large] }))
    expect(checkFleet({ maxConnections: 1_000, ...highest }).total).toBe(3 * 30)
  })

  test("names a rule that asks PostgreSQL itself, on connections that nobody counts", () => {
    const rule = (custom_rule_type: string) => [
      { name: "queue", custom_rule_type, metadata: { query: "SELECT 1" } },
    ]
    const named = (resource: PlannedResource) =>
      read(resource)
        .assumptions.filter(({ assumed }) => assumed.startsWith("asks PostgreSQL"))
        .map(({ name }) => name)
    expect(named(containerApp({ custom_scale_rule: rule("postgresql") }))).toEqual([
      `${api}.custom_scale_rule`,
    ])
    expect(named(containerApp({ custom_scale_rule: rule("cpu") }))).toEqual([])
    const scale = [{ max_executions: 5, rules: rule("postgresql") }]
    expect(named(containerJob({ event_trigger_config: [{ parallelism: 1, scale }] }))).toEqual([
      `${sync}.rules`,
    ])
  })

  test("without the variable is none", () => {
    expect(sizes(read(containerApp({}, {}, {}, { env: [] })))).toEqual({})
  })
})

describe("a job of Container Apps", () => {
  const own = (...args: Parameters<typeof containerJob>) => read(containerJob(...args)).highest.jobs[0]
  const total = (trigger: Values, values: Values = {}) =>
    checkFleet({ maxConnections: 100_000, ...read(containerJob(trigger, values)).highest }).total

  test("by a schedule runs by the clock of UTC, and its executions may overlap", () => {
    const trigger = {
      schedule_trigger_config: [
        { cron_expression: "*/15 * * * *", parallelism: 1, replica_completion_count: 1 },
      ],
    }
    expect(own(trigger)).toEqual({
      name: sync,
      schedule: "*/15 * * * *",
      timezone: "UTC",
      timeout: "1800s",
      retries: 0,
      replicas: 1,
      poolSize: 10,
      poolsPerInstance: 1,
    })
    // Half an hour each, every quarter of an hour.
    expect(total(trigger)).toBe(20)
    // And twice as long with one retry.
    expect(total(trigger, { replica_retry_limit: 1 })).toBe(40)
  })

  test("by hand runs once at a time, with as many replicas as are parallel", () => {
    expect(total({ manual_trigger_config: [{ parallelism: 4, replica_completion_count: 4 }] })).toBe(40)
  })

  test("by events has as many executions as may be at once", () => {
    const event = (scale: Values[]) => ({
      event_trigger_config: [{ parallelism: 2, replica_completion_count: 1, scale }],
    })
    expect(total(event([{ min_executions: 0, max_executions: 5 }]))).toBe(5 * 2 * 10)
    expect(total(event([]))).toBe(100 * 2 * 10)
    const { assumptions } = read(containerJob(event([])))
    expect(assumptions.map(({ name }) => name)).toContain(`${sync}.max_executions`)
  })

  test("takes longer with replicas that follow each other", () => {
    const trigger = {
      schedule_trigger_config: [
        { cron_expression: "0 * * * *", parallelism: 2, replica_completion_count: 6 },
      ],
    }
    expect(own(trigger)).toMatchObject({ timeout: "5400s", replicas: 2 })
  })

  test("whose schedule is not known, or no schedule, starts each minute at most", () => {
    const trigger = { schedule_trigger_config: [{}] }
    const unknown = { schedule_trigger_config: [{ cron_expression: true }] }
    expect(unknownNames(read(containerJob(trigger, {}, { unknown })))).toEqual([`${sync}.schedule`])
    const bad = { schedule_trigger_config: [{ cron_expression: "@sometimes" }] }
    expect(unknownNames(read(containerJob(bad)))).toEqual([`${sync}.schedule`])
  })

  test("whose limit is not known may run for any time", () => {
    const unknown = { replica_timeout_in_seconds: true }
    const fleet = read(
      containerJob({ manual_trigger_config: [{}] }, { replica_timeout_in_seconds: undefined }, { unknown }),
    )
    expect(fleet.unknowns).toMatchObject([{ name: `${sync}.replica_timeout_in_seconds`, isUnbounded: true }])
  })
})

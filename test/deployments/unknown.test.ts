import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { plan } from "../support/terraform-plan.ts"
import {
  CORE,
  connecting,
  consumer,
  container,
  job,
  namespace,
  reading,
  sizes,
  unknownNames,
} from "./resources.ts"

const api = "scaleway_container.api"
const sync = "scaleway_job_definition.sync"
const maps = ["environment_variables", "secret_environment_variables"]

describe("one unknown value takes its name out of the planned values, and it is still a consumer:", () => {
  test.each(maps)("%s", (map) => {
    const other = { [map]: { NODE_ENV: "production" } }
    const fleet = reading([container("api", other, { unknown: { [map]: { DATABASE_URL_CORE: true } } })])
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
    expect(fleet.unknowns[0]).toMatchObject({
      name: `${api}.DATABASE_URL_CORE`,
      problem: "is known only after apply, and may have a connection_limit in it",
    })
  })

  test("a job's env", () => {
    const fleet = reading([job("sync", { env: {} }, { unknown: { env: { DATABASE_URL_CORE: true } } })])
    expect(sizes(fleet)).toEqual({ [sync]: "1 to 10000" })
  })

  test("the only value of the map, which is then not there at all", () => {
    const fleet = reading([
      container("api", {}, { unknown: { secret_environment_variables: { DATABASE_URL_CORE: true } } }),
    ])
    expect(connecting(fleet)).toEqual([api])
  })

  test("with its size known, nothing is unknown", () => {
    const fleet = reading([
      container(
        "api",
        { environment_variables: { PRISMA_POOL_SIZE_CORE: "20" } },
        { unknown: { secret_environment_variables: { DATABASE_URL_CORE: true } } },
      ),
    ])
    expect(sizes(fleet)).toEqual({ [api]: 20 })
    expect(fleet.unknowns).toEqual([])
  })

  test("and so with its size unknown: that may be any", () => {
    const fleet = reading([
      container(
        "api",
        { environment_variables: { DATABASE_URL_CORE: CORE } },
        { unknown: { environment_variables: { PRISMA_POOL_SIZE_CORE: true } } },
      ),
    ])
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
    expect(unknownNames(fleet)).toEqual([`${api}.PRISMA_POOL_SIZE_CORE`])
  })

  test("false is what Terraform writes of a known one", () => {
    const fleet = reading([
      container("widget", {}, { unknown: { environment_variables: { DATABASE_URL_CORE: false } } }),
    ])
    expect(connecting(fleet)).toEqual([])
  })
})

describe("a wholly unknown map is perhaps a consumer:", () => {
  test.each(maps)("%s", (map) => {
    const fleet = reading([container("api", {}, { unknown: { [map]: true } })])
    expect(sizes(fleet)).toEqual({ [api]: "nothing to 10000" })
    expect(fleet.unknowns).toMatchObject([
      {
        name: `${api}.DATABASE_URL_CORE`,
        problem: "may be set: its environment is known only after apply",
        between: "0 to 10000 connections a pool",
        remedy: "Exclude it if it does not connect, or override its poolSize",
      },
    ])
  })

  test.each<[what: string, unknown: true | Readonly<Record<string, unknown>>]>([
    ["a job's env", { env: true }],
    ["all of a job's secret references", { secret_reference: true }],
    ["one secret reference", { secret_reference: [{}, true] }],
    ["the variable of one secret reference", { secret_reference: [{ environment: true }] }],
    ["the resource, all of it", true],
  ])("%s", (_, unknown) => {
    const fleet = reading([job("sync", { env: {}, secret_reference: [null, null] }, { unknown })])
    expect(sizes(fleet)[sync]).toMatch(/^nothing to /)
  })

  test("with the size that is plain beside it", () => {
    const fleet = reading([
      container(
        "api",
        { environment_variables: { PRISMA_POOL_SIZE_CORE: "12" } },
        { unknown: { secret_environment_variables: true } },
      ),
    ])
    expect(sizes(fleet)).toEqual({ [api]: "nothing to 12" })
    expect(fleet.unknowns[0]?.between).toBe("0 to 12 connections a pool")
  })

  test("a consumer for certain, where the variable is plain beside it", () => {
    const fleet = reading([
      container(
        "api",
        { environment_variables: { DATABASE_URL_CORE: CORE } },
        { unknown: { secret_environment_variables: true } },
      ),
    ])
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
    expect(unknownNames(fleet)).toEqual([`${api}.PRISMA_POOL_SIZE_CORE`])
  })

  test("write-only variables, which no plan has", () => {
    const values = { secret_environment_variables_wo: null, secret_environment_variables_wo_version: 1 }
    const size = { environment_variables: { PRISMA_POOL_SIZE_CORE: "9" } }
    expect(sizes(reading([container("api", values)]))).toEqual({ [api]: "nothing to 10000" })
    const fleet = reading([container("api", { ...values, ...size })])
    expect(sizes(fleet)).toEqual({ [api]: "nothing to 9" })
    expect(fleet.unknowns[0]?.problem).toBe("may be set: its environment is write-only, and so in no plan")
  })
})

describe("what the code leaves out is the provider's to fill in, and not unknown:", () => {
  const configured = (expressions: object) => ({
    configuration: {
      root_module: {
        resources: [{ address: api, mode: "managed", type: "scaleway_container", name: "api", expressions }],
      },
    },
  })
  const created = container(
    "api",
    { max_scale: undefined },
    {
      unknown: { id: true, environment_variables: true, max_scale: true },
    },
  )

  test("an environment that a new container has not", () => {
    const fleet = fleetFromTerraform(
      plan([namespace, created], configured({ namespace_id: { references: ["var.ns"] } })),
    )
    expect(connecting(fleet)).toEqual([])
    expect(unknownNames(fleet)).toEqual(["max_connections"])
  })

  test("but one that the code has is unknown", () => {
    const fields = configured({ environment_variables: { references: ["local.environment"] } })
    expect(connecting(fleetFromTerraform(plan([created], fields)))).toEqual([api])
  })

  test("and so it is where the code cannot be seen", () => {
    expect(connecting(fleetFromTerraform(plan([created])))).toEqual([api])
  })
})

test("unknown things that decide nothing are not asked for", () => {
  const unknown = { id: true, domain_name: true, status: true, environment_variables: { SENTRY_DSN: true } }
  const fleet = reading([consumer("api", {}, { unknown }), container("widget", {}, { unknown })])
  expect(fleet.unknowns).toEqual([])
  expect(connecting(fleet)).toEqual([api])
})

import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CORE, container, job, namespace, reading, sizes, unknownNames } from "./resources.ts"

const api = "scaleway_container.api"
const legacy = `${api} (DATABASE_URL_ANALYTICS)`
const sized = { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "20" }
const withAnalytics = (url: string, hosts: readonly string[] = []) =>
  reading([container("api", { environment_variables: { ...sized, DATABASE_URL_ANALYTICS: url } })], { hosts })
/** In a plan whose server has no address yet. */
const unaddressed = (resources: readonly PlannedResource[]) =>
  fleetFromTerraform(plan([namespace, ...resources]))

describe("an Analytics database counts with the driver's 10", () => {
  test.each([
    "postgresql://other:pw@db.example.org:5432/analytics",
    "postgres://other@DB.EXAMPLE.ORG/analytics?schema=x",
    "postgresql://other@/analytics?host=db.example.org",
  ])("on Core's own server: %s", (url) => {
    const fleet = withAnalytics(url)
    expect(sizes(fleet)).toEqual({ [api]: 20, [legacy]: 10 })
    expect(fleet.unknowns).toEqual([])
  })

  test("on the server of another container's Core", () => {
    const fleet = reading([
      container("core", {
        environment_variables: { ...sized, DATABASE_URL_CORE: "postgresql://u@two/core" },
      }),
      container("api", {
        environment_variables: { ...sized, DATABASE_URL_ANALYTICS: "postgresql://u@two/x" },
      }),
    ])
    expect(sizes(fleet)).toMatchObject({ [legacy]: 10 })
  })

  test("on the server of a Core in another plan", () => {
    const core = plan([namespace, container("core", { environment_variables: sized })])
    const analytics = plan([
      namespace,
      container("api", { environment_variables: { DATABASE_URL_ANALYTICS: CORE } }),
      container("web", { environment_variables: { DATABASE_URL_ANALYTICS: "postgresql://u@elsewhere/x" } }),
    ])
    expect(sizes(fleetFromTerraform([core, analytics]))).toEqual({
      "plans[0]: scaleway_container.core": 20,
      [`plans[1]: ${legacy}`]: 10,
    })
  })

  test("in what has no Core", () => {
    const fleet = reading([
      container("core", { environment_variables: sized }),
      container("api", { environment_variables: { DATABASE_URL_ANALYTICS: CORE } }),
    ])
    expect(sizes(fleet)).toEqual({ "scaleway_container.core": 20, [legacy]: 10 })
  })

  test("in each process of an instance", () => {
    const environment_variables = { ...sized, DATABASE_URL_ANALYTICS: CORE, WEB_CONCURRENCY: "4" }
    expect(reading([container("api", { environment_variables })]).highest.consumers).toMatchObject({
      [api]: { poolsPerInstance: 4 },
      [legacy]: { poolsPerInstance: 4 },
    })
    const alone = container("api", {
      environment_variables: { DATABASE_URL_ANALYTICS: CORE, WEB_CONCURRENCY: "many" },
    })
    const widget = container("widget", { environment_variables: { WEB_CONCURRENCY: "many" } })
    const core = container("core", { environment_variables: sized })
    expect(unknownNames(reading([core, alone, widget]))).toEqual([`${api}.WEB_CONCURRENCY`])
  })

  test("whatever an override says of Core's pool", () => {
    const values = { environment_variables: { ...sized, DATABASE_URL_ANALYTICS: CORE } }
    const fleet = reading([container("api", values)], {
      override: { [api]: { poolSize: 5, reason: "measured" } },
    })
    expect(sizes(fleet)).toEqual({ [api]: 5, [legacy]: 10 })
  })

  test("which no plan of sizes can change", () => {
    const { open } = withAnalytics(CORE)
    expect(open.consumers[api]).not.toHaveProperty("poolSize")
    expect(open.consumers[legacy]).toMatchObject({ poolSize: 10 })
  })
})

test("an Analytics database on another server does not count, and is taken for that with a word", () => {
  const fleet = withAnalytics("postgresql://u@other.example.org/x")
  expect(sizes(fleet)).toEqual({ [api]: 20 })
  expect(fleet.assumptions).toContainEqual({
    name: legacy,
    assumed: "leads to another host than the counted URLs; assumed to be another server",
    remedy: "If it is the same server, add its host to deployments.hosts",
  })
  expect(sizes(withAnalytics("postgresql://u@named.example.org/x", ["named.example.org"]))).toEqual({
    [api]: 20,
    [legacy]: 10,
  })
})

describe("an Analytics database perhaps counts", () => {
  const perhaps = [`${api} (DATABASE_URL_ANALYTICS)`]

  test("on another port of the server, which may be a pooler's", () => {
    const fleet = withAnalytics("postgresql://u@db.example.org:5433/x")
    expect(sizes(fleet)).toEqual({ [api]: 20, [legacy]: "nothing to 10" })
    expect(unknownNames(fleet)).toEqual(perhaps)
  })

  test("whose URL is not one", () => {
    const fleet = withAnalytics("not a URL")
    expect(sizes(fleet)).toEqual({ [api]: 20, [legacy]: "nothing to 10" })
    expect(unknownNames(fleet)).toEqual(perhaps)
  })

  test("whose URL is a secret", () => {
    const reference = [{ secret_id: "x", environment: "DATABASE_URL_ANALYTICS" }]
    const fleet = reading([job("sync", { secret_reference: reference })])
    expect(sizes(fleet)).toEqual({
      "scaleway_job_definition.sync": 10,
      "scaleway_job_definition.sync (DATABASE_URL_ANALYTICS)": "nothing to 10",
    })
  })

  test("on a server that is no Core's, while there is a Core whose server cannot be seen", () => {
    const seen = { ...sized, DATABASE_URL_ANALYTICS: "postgresql://u@elsewhere/x" }
    const unseen = { secret_environment_variables: { DATABASE_URL_CORE: "$argon2id$v=19" } }
    const api = container("api", { environment_variables: seen })
    expect(sizes(reading([api]))).toEqual({ "scaleway_container.api": 20 })
    const fleet = unaddressed([api, container("web", unseen)])
    expect(sizes(fleet)).toMatchObject({ [legacy]: "nothing to 10" })
    expect(unknownNames(fleet)).toContain(legacy)
  })

  test("where a Core's URL is a secret", () => {
    const secret = { secret_environment_variables: { DATABASE_URL_CORE: "$argon2id$v=19" } }
    const values = { environment_variables: { PRISMA_POOL_SIZE_CORE: "20", DATABASE_URL_ANALYTICS: CORE } }
    const resources = [container("api", { ...secret, ...values })]
    const fleet = unaddressed(resources)
    expect(sizes(fleet)).toEqual({ [api]: 20, [legacy]: "nothing to 10" })
    expect(unknownNames(fleet)).toEqual([...perhaps, "max_connections"])
    // The server's own host says more than nothing.
    expect(sizes(reading(resources))).toEqual({ [api]: 20, [legacy]: 10 })
  })
})

test("as the variable that is asked for, it has the driver's 10 all the same: its client takes no size", () => {
  const keys = ["DATABASE_URL_ANALYTICS"]
  const values = { environment_variables: { DATABASE_URL_ANALYTICS: CORE } }
  const fleet = reading([container("api", values)], { keys })
  expect(sizes(fleet)).toEqual({ [api]: 10 })
  expect(fleet.open.consumers[api]).toMatchObject({ poolSize: 10 })
})

test("as the variable that is asked for, in an unknown environment, it is perhaps there", () => {
  const unknown = { environment_variables: true } as const
  const fleet = reading([container("api", {}, { unknown })], { keys: ["DATABASE_URL_ANALYTICS"] })
  expect(sizes(fleet)).toEqual({ [api]: "nothing to 10" })
  expect(unknownNames(fleet)).toEqual([`${api}.DATABASE_URL_ANALYTICS`])
})

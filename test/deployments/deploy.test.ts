import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { names, refusal } from "../support/bad-values.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CORE, connecting, consumer, container, job, reading, server, unknownNames } from "./resources.ts"

const api = "scaleway_container.api"
const sync = "scaleway_job_definition.sync"

const ELSEWHERE = "postgresql://app:pw@old.example.org:5432/core"

const environment = (size: number | undefined) => ({
  DATABASE_URL_CORE: CORE,
  ...(size === undefined ? {} : { PRISMA_POOL_SIZE_CORE: String(size) }),
})
const service = (instances: number, size?: number) => ({
  max_scale: instances,
  environment_variables: environment(size),
})
const values = (resource: PlannedResource) => resource.values ?? {}

/** The sums, with every unknown at its highest. */
function sums(resources: readonly PlannedResource[], options?: DeploymentOptions) {
  const { total, deploy } = checkFleet({ maxConnections: 100, ...reading(resources, options).highest })
  return { steady: total, deploy: deploy.total }
}

describe("a service counts twice while a deploy rolls,", () => {
  test.each<[what: string, resource: PlannedResource, steady: number, deploy: number]>([
    ["created: in the next one", container("api", service(3, 10)), 30, 60],
    ["as it was", container("api", service(3, 10), { before: service(3, 10), actions: ["no-op"] }), 30, 60],
    ["grown: in the next one", container("api", service(3, 20), { before: service(3, 10) }), 60, 120],
    ["shrunk: the old beside the new", container("api", service(3, 10), { before: service(3, 20) }), 30, 90],
    ["with fewer instances", container("api", service(1, 10), { before: service(4, 10) }), 10, 50],
    [
      "with fewer instances, and larger pools",
      container("api", service(1, 30), { before: service(2, 20) }),
      30,
      70,
    ],
    ["scaled to nothing", container("api", service(0, 10), { before: service(3, 10) }), 0, 30],
    [
      "replaced",
      container("api", service(2, 10), { before: service(2, 10), actions: ["delete", "create"] }),
      20,
      40,
    ],
    [
      "replaced the other way round, by a smaller one",
      container("api", service(2, 10), { before: service(2, 15), actions: ["create", "delete"] }),
      20,
      50,
    ],
    ["deleted: until it is gone", { address: api, before: service(3, 10), actions: ["delete"] }, 0, 30],
    ["no consumer any more", container("api", { max_scale: 3 }, { before: service(3, 10) }), 0, 30],
    ["a consumer from now on", container("api", service(3, 10), { before: { max_scale: 3 } }), 30, 60],
  ])("%s", (_, resource, steady, deploy) => {
    expect(sums([resource])).toEqual({ steady, deploy })
  })

  test("and is named as assumed, by platform", () => {
    const services = Array.from({ length: 7 }, (_, index) => consumer(`s${index}`))
    const [surge, ...others] = reading([...services, job("sync")]).assumptions
    expect(others).toEqual([])
    expect(surge?.name).toBe("surge")
    expect(surge?.assumed).toMatch(
      /Scaleway.*: scaleway_container\.s0, .*scaleway_container\.s4, and 2 more$/,
    )
  })

  test("unless an override says what a deploy adds", () => {
    const override = { [api]: { surge: 1, reason: "the platform replaces one by one" } }
    const shrunk = container("api", service(3, 10), { before: service(3, 20) })
    expect(sums([shrunk], { override })).toEqual({ steady: 30, deploy: 40 })
    expect(reading([shrunk], { override }).assumptions).toEqual([])
  })

  test("which says nothing of what is deleted", () => {
    const override = { [api]: { surge: 0, reason: "stops before it starts" } }
    expect(sums([{ address: api, before: service(3, 10), actions: ["delete"] }], { override })).toEqual({
      steady: 0,
      deploy: 30,
    })
  })
})

describe("what a replacement left over (deposed)", () => {
  const deposed = (key: unknown, size: number): PlannedResource => ({
    address: api,
    before: service(2, size),
    actions: ["delete"],
    change: { deposed: key },
  })
  const current = container("api", service(2, 10), { before: service(2, 10), actions: ["no-op"] })

  test("counts beside the resource until it is deleted, each of them", () => {
    const all = [current, deposed("0a1b2c3d", 10), deposed("4e5f6a7b", 5)]
    expect(sums(all)).toEqual({ steady: 20, deploy: 70 })
    expect(connecting(reading(all))).toEqual([
      api,
      `${api} (deposed 0a1b2c3d) (before this plan)`,
      `${api} (deposed 4e5f6a7b) (before this plan)`,
    ])
  })

  test("is excluded with its resource", () => {
    expect(sums([current, deposed("0a1b2c3d", 10)], { exclude: { [api]: "runs something else" } })).toEqual({
      steady: 0,
      deploy: 0,
    })
  })

  test("is there in a state too", () => {
    const resource = {
      address: api,
      mode: "managed",
      type: "scaleway_container",
      name: "api",
      values: service(2, 10),
    }
    const resources = [resource, { ...resource, deposed_key: "0a1b2c3d" }]
    const fleet = fleetFromTerraform({ format_version: "1.0", values: { root_module: { resources } } })
    expect(connecting(fleet)).toEqual([api, `${api} (deposed 0a1b2c3d)`])
  })
})

describe("what is forgotten goes on running, out of Terraform's sight:", () => {
  test("a service", () => {
    const forgotten: PlannedResource = { address: api, before: service(3, 10), actions: ["forget"] }
    const fleet = reading([forgotten])
    expect(fleet.highest.consumers).toEqual({
      [`${api} (forgotten)`]: { instances: 3, surge: 0, poolSize: 10, poolsPerInstance: 1 },
    })
    expect(fleet.warnings).toEqual([`${api}: is removed from the state, but keeps running`])
  })

  test("a service that another takes the place of", () => {
    const replaced = container("api", service(2, 10), {
      before: service(3, 10),
      actions: ["create", "forget"],
    })
    expect(sums([replaced])).toEqual({ steady: 50, deploy: 70 })
  })

  test("a job", () => {
    const fleet = reading([{ address: sync, before: values(job("sync")), actions: ["forget"] }])
    expect(fleet.highest.jobs).toMatchObject([{ name: `${sync} (forgotten)`, schedule: "0 3 * * *" }])
  })
})

test("what is not known of a service that is forgotten is not of the deploy alone", () => {
  const unseen = { ...service(1, 10), secret_environment_variables_wo_version: 1 }
  const own = { ...unseen, environment_variables: { DATABASE_URL: CORE } }
  const gone: PlannedResource = { address: api, before: own, actions: ["forget"] }
  const replaced = container("api", service(1, 10), { before: own, actions: ["create", "forget"] })
  const keys = ["DATABASE_URL_CORE"]
  const surge = { keys, override: { [api]: { surge: 0, reason: "the old one stops first" } } }
  for (const { unknowns } of [
    reading([gone], { keys }),
    reading([replaced], { keys }),
    reading([replaced], surge),
  ]) {
    const ofVariable = unknowns.find(({ attribute }) => attribute === "DATABASE_URL")
    expect(ofVariable).toMatchObject({ cause: "variable", isUnbounded: true })
    expect(ofVariable).not.toHaveProperty("isOfDeploy")
  }
  const [deleted] = reading([{ ...gone, actions: ["delete"] }]).unknowns
  expect(deleted).toMatchObject({ isOfDeploy: true })
})

test("where a service leads that ends with the deploy decides nothing, and it counts here until then", () => {
  const moved = environment(10)
  const before = { ...service(2, 10), environment_variables: { ...moved, DATABASE_URL_CORE: ELSEWHERE } }
  const gone: PlannedResource = { address: api, before, actions: ["delete"] }
  expect(unknownNames(reading([gone]))).toEqual([])
  expect(sums([gone])).toEqual({ steady: 0, deploy: 20 })
  const shrunk = container("api", service(1, 10), { before })
  expect(unknownNames(reading([shrunk]))).toEqual([])
  expect(sums([shrunk])).toEqual({ steady: 10, deploy: 30 })
})

describe("a job", () => {
  const hourly = { cron: [{ schedule: "0 * * * *", timezone: "UTC" }], timeout: "2h" }

  test("that stays is there once", () => {
    expect(sums([job("sync", {}, { before: values(job("sync")) })])).toEqual({ steady: 10, deploy: 10 })
  })

  test("that is deleted counts in the deploy, with the most of its runs", () => {
    const deleted: PlannedResource = {
      address: sync,
      before: values(job("sync", hourly)),
      actions: ["delete"],
    }
    expect(sums([deleted])).toEqual({ steady: 0, deploy: 20 })
  })

  test("that is replaced counts with the runs of both", () => {
    const replaced = job("sync", {}, { before: values(job("sync", hourly)), actions: ["delete", "create"] })
    expect(sums([replaced])).toEqual({ steady: 10, deploy: 30 })
  })

  test("that was started by hand counts one run", () => {
    const deleted: PlannedResource = {
      address: sync,
      before: values(job("sync", { cron: [] })),
      actions: ["delete"],
    }
    expect(sums([deleted])).toEqual({ steady: 0, deploy: 10 })
  })

  test("that is deleted with a schedule that no cron has is refused by its path", () => {
    const before = values(job("sync", { cron: [{ schedule: "0 0 31 2 *", timezone: "UTC" }] }))
    const error = refusal(() => reading([{ address: sync, before, actions: ["delete"] }]))
    expect(names(error)).toEqual([`jobs.${sync}.schedule`])
  })
})

describe("the environment before this plan", () => {
  test("that no client starts with opens nothing, and the plan that mends it passes", () => {
    const broken = {
      max_scale: 3,
      environment_variables: { ...environment(undefined), PRISMA_POOL_SIZE_CORE: "15abc" },
    }
    expect(sums([container("api", service(3, 10), { before: broken })])).toEqual({ steady: 30, deploy: 60 })
  })

  test("whose size cannot be seen is named, since the deploy depends on it", () => {
    const hash = { max_scale: 3, secret_environment_variables: { DATABASE_URL_CORE: "$argon2id$v=19" } }
    const sized = { ...hash, environment_variables: { PRISMA_POOL_SIZE_CORE: "10" } }
    const fleet = reading([container("api", sized, { before: hash })])
    expect(unknownNames(fleet)).toEqual([`${api}.DATABASE_URL_CORE (before this plan)`])
    expect(fleet.unknowns[0]?.remedy).toContain("Override surge")
    expect(checkFleet({ maxConnections: 100, ...fleet.highest })).toMatchObject({
      total: 30,
      deploy: { total: 30 + 3 * 10_000 },
    })
    const override = { [api]: { surge: 3, reason: "it had the default of 15, as the next plan has" } }
    expect(unknownNames(reading([container("api", sized, { before: hash })], { override }))).toEqual([])
  })

  test("is not named twice where it stays as it is", () => {
    const hash = { max_scale: 3, secret_environment_variables: { DATABASE_URL_CORE: "$argon2id$v=19" } }
    const fleet = reading([container("api", hash, { before: hash })])
    expect(unknownNames(fleet)).toEqual([`${api}.DATABASE_URL_CORE`])
  })

  test("of what is deleted is named like any other", () => {
    const hash = { max_scale: 3, secret_environment_variables: { DATABASE_URL_CORE: "$argon2id$v=19" } }
    const fleet = reading([{ address: api, before: hash, actions: ["delete"] }])
    expect(unknownNames(fleet)).toEqual([`${api}.DATABASE_URL_CORE`])
  })
})

test("terraform destroy leaves nothing, and all of it counts until it is gone", () => {
  const resources: PlannedResource[] = [
    { address: api, before: service(3, 10), actions: ["delete"] },
    { address: sync, before: values(job("sync")), actions: ["delete"] },
    { address: "scaleway_rdb_instance.main", before: values(server("main")), actions: ["delete"] },
  ]
  const fleet = fleetFromTerraform(plan(resources))
  expect(fleet.servers).toEqual([])
  expect(checkFleet({ maxConnections: 100, ...fleet.highest })).toMatchObject({
    total: 0,
    deploy: { total: 40 },
  })
})

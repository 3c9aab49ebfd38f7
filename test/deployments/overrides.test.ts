import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { badValues, names, notObjects, refusal, title } from "../support/bad-values.ts"
import { plan } from "../support/terraform-plan.ts"
import { CORE, connecting, consumer, container, job, reading, sizes, unknownNames } from "./resources.ts"

const api = "scaleway_container.api"
const sync = "scaleway_job_definition.sync"
const reason = "it inherits the variable, and runs something else"
const instances = ["a", "b"].map((key) => ({
  ...job("jobs"),
  address: `scaleway_job_definition.jobs["${key}"]`,
}))

describe("what is excluded does not count, with its reason:", () => {
  test("a resource by its address", () => {
    const fleet = reading([consumer("api"), consumer("web")], { exclude: { [api]: reason } })
    expect(connecting(fleet)).toEqual(["scaleway_container.web"])
    expect(fleet.excluded).toEqual([{ address: api, reason }])
    expect(fleet.warnings).toEqual([])
  })

  test("one instance", () => {
    const fleet = reading(instances, { exclude: { 'scaleway_job_definition.jobs["a"]': reason } })
    expect(connecting(fleet)).toEqual(['scaleway_job_definition.jobs["b"]'])
  })

  test("all instances, by the address without the index", () => {
    const fleet = reading(instances, { exclude: { "scaleway_job_definition.jobs": reason } })
    expect(connecting(fleet)).toEqual([])
    expect(fleet.excluded.map(({ address }) => address)).toEqual(instances.map(({ address }) => address))
  })

  test("an instance whose key has brackets and quotes in it", () => {
    const odd = { ...consumer("api"), address: String.raw`scaleway_container.api["a]b\"c"]` }
    expect(connecting(reading([odd], { exclude: { [api]: reason } }))).toEqual([])
  })

  test("not the same name in a module", () => {
    const inModule = { ...consumer("api"), address: `module.x.${api}` }
    expect(connecting(reading([inModule], { exclude: { [api]: reason } }))).toEqual([inModule.address])
  })

  test("with what it leaves unknown, or has wrong", () => {
    const values = { environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "15abc" } }
    const resources = [
      container("api", values),
      container("web", {}, { unknown: { environment_variables: true } }),
    ]
    const fleet = reading(resources, { exclude: { [api]: reason, "scaleway_container.web": reason } })
    expect(fleet.unknowns).toEqual([])
  })

  test("what it was before, and what is deleted", () => {
    const { values = {} } = consumer("api")
    for (const resource of [
      { ...consumer("api"), before: values },
      { address: api, before: values, actions: ["delete"] },
    ]) {
      expect(connecting(reading([resource], { exclude: { [api]: reason } }))).toEqual([])
    }
  })
})

test("an address that no resource has is a warning: it was misspelt, or is of the past", () => {
  const options = {
    exclude: { "scaleway_container.apii": reason },
    override: { [`${api}[0]`]: { poolSize: 5, reason } },
  }
  expect(reading([consumer("api")], options).warnings).toEqual([
    "exclude: no resource has the address scaleway_container.apii",
    `override: no resource has the address ${api}[0]`,
  ])
})

describe("what is overridden counts as stated, and is shown:", () => {
  test("every field of a service", () => {
    const override = { [api]: { instances: 2, surge: 1, poolSize: 8, poolsPerInstance: 3, reason } }
    const fleet = reading([consumer("api", { max_scale: null })], { override })
    expect(fleet.highest.consumers).toEqual({
      [api]: { instances: 2, surge: 1, poolSize: 8, poolsPerInstance: 3 },
    })
    expect(fleet.explicit).toEqual([
      { name: `${api}.instances`, value: 2, reason },
      { name: `${api}.surge`, value: 1, reason },
      { name: `${api}.poolSize`, value: 8, reason },
      { name: `${api}.poolsPerInstance`, value: 3, reason },
    ])
    expect(fleet.assumptions).toEqual([])
  })

  test("every field of a job", () => {
    const times = {
      schedule: "0 * * * *",
      timezone: "UTC",
      timeout: "3h",
      retries: 1,
      maxRuns: 4,
      replicas: 2,
    }
    const override = { [sync]: { ...times, poolSize: 3, reason } }
    const { highest, explicit } = reading([job("sync")], { override })
    expect(highest.jobs).toEqual([{ name: sync, ...times, poolSize: 3, poolsPerInstance: 1 }])
    expect(checkFleet({ maxConnections: 100, ...highest }).total).toBe(12)
    expect(explicit.map(({ name }) => name)).toEqual(
      [...Object.keys(times), "poolSize"].map((field) => `${sync}.${field}`),
    )
  })

  describe("several schedules of one job", () => {
    const schedule = ["0 3 * * *", "30 3 * * *", "0 15 * * *"]

    test("each as a job of its own, with the same other fields", () => {
      const override = { [sync]: { schedule, maxRuns: 2, reason } }
      const { highest, lowest, open, explicit } = reading([job("sync")], { override })
      const shared = { timeout: "1h0m0s", timezone: "Europe/Paris", maxRuns: 2, poolsPerInstance: 1 }
      const jobs = [sync, `${sync} (schedule 2)`, `${sync} (schedule 3)`].map((name, index) => ({
        ...shared,
        name,
        schedule: schedule[index],
      }))
      expect(highest.jobs).toEqual(jobs.map((each) => ({ ...each, poolSize: 10 })))
      expect(lowest.jobs).toEqual(highest.jobs)
      expect(open.jobs).toEqual(jobs)
      expect(explicit).toEqual([
        ...schedule.map((value, index) => ({ name: `${sync}.schedule[${index}]`, value, reason })),
        { name: `${sync}.maxRuns`, value: 2, reason },
      ])
      // Those of 03:00 and 03:30 are at work together.
      expect(checkFleet({ maxConnections: 100, ...highest }).total).toBe(20)
    })

    test("of each instance, and in place of one that is unknown", () => {
      const override = { "scaleway_job_definition.jobs": { schedule: schedule.slice(0, 2), reason } }
      const [a, b] = instances.map(({ address }) => address)
      expect(connecting(reading(instances, { override }))).toEqual([
        a,
        `${a} (schedule 2)`,
        b,
        `${b} (schedule 2)`,
      ])
      const unknown = reading([job("sync", {}, { unknown: { cron: true } })], {
        override: { [sync]: { schedule, timezone: "UTC", reason } },
      })
      expect(unknownNames(unknown)).toEqual([])
      expect(unknown.lowest.jobs).toEqual(unknown.highest.jobs)
    })

    test("and count in the deploy that replaces it", () => {
      const { values = {} } = job("sync")
      const replaced = job("sync", {}, { before: values, actions: ["delete", "create"] })
      const { highest } = reading([replaced], { override: { [sync]: { schedule, reason } } })
      expect(Object.keys(highest.consumers)).toEqual([
        `${sync} (before this plan)`,
        `${sync} (schedule 2) (before this plan)`,
        `${sync} (schedule 3) (before this plan)`,
      ])
    })
  })

  test("how many starts by hand, and how long", () => {
    const override = { [sync]: { concurrent: 3, duration: "5m", reason } }
    const { highest } = reading([job("sync", { cron: [] })], { override })
    expect(checkFleet({ maxConnections: 100, ...highest }).total).toBe(30)
  })

  test("all instances, and one of them by its own entry", () => {
    const fleet = reading(instances, {
      override: {
        "scaleway_job_definition.jobs": { poolSize: 2, reason },
        'scaleway_job_definition.jobs["b"]': { poolSize: 4, reason },
      },
    })
    expect(Object.values(sizes(fleet))).toEqual([2, 4])
    expect(fleet.warnings).toEqual([])
  })

  test("a size that cannot be seen, which is then known", () => {
    const secret = [{ secret_id: "x", environment: "DATABASE_URL_CORE" }]
    const resources = [
      job("sync", { env: {}, secret_reference: secret }),
      container("api", {}, { unknown: { environment_variables: true } }),
    ]
    const override = { [sync]: { poolSize: 3, reason }, [api]: { poolSize: 4, reason } }
    const fleet = reading(resources, { override })
    expect(sizes(fleet)).toEqual({ [sync]: 3, [api]: 4 })
    expect(fleet.unknowns).toEqual([])
  })

  test("a schedule that is unknown, which is then known", () => {
    const override = { [sync]: { schedule: "0 5 * * *", timezone: "UTC", reason } }
    const fleet = reading([job("sync", {}, { unknown: { cron: true } })], { override })
    expect(unknownNames(fleet)).toEqual([])
    expect(fleet.lowest.jobs).toEqual(fleet.highest.jobs)
    expect(fleet.highest.jobs).toMatchObject([{ schedule: "0 5 * * *", timezone: "UTC" }])
  })

  test("not what does not connect", () => {
    const fleet = reading([container("widget")], {
      override: { "scaleway_container.widget": { poolSize: 3, reason } },
    })
    expect(connecting(fleet)).toEqual([])
    expect(fleet.explicit).toEqual([])
  })

  test("what has a field of the other kind is refused", () => {
    const override = {
      [api]: { schedule: "0 3 * * *", maxRuns: 1, reason },
      [sync]: { instances: 3, surge: 1, reason },
    }
    const error = refusal(() => reading([consumer("api"), job("sync")], { override }))
    expect(error.issues.map(({ name, problem }) => `${name} ${problem}`)).toEqual([
      `override.${api}.schedule is not a field of this resource, a service`,
      `override.${api}.maxRuns is not a field of this resource, a service`,
      `override.${sync}.instances is not a field of this resource, a job`,
      `override.${sync}.surge is not a field of this resource, a job`,
    ])
  })
})

describe("bad options are refused by name", () => {
  const refused = (options: unknown) =>
    names(refusal(() => fleetFromTerraform(plan([consumer("api")]), options as DeploymentOptions)))

  test.each(notObjects.map((value) => [title(value), value]))("%s in their place", (_, value) => {
    expect(refused(value)).toEqual(["options"])
    expect(refused({ exclude: value })).toEqual(["exclude"])
    expect(refused({ override: value })).toEqual(["override"])
    expect(refused({ override: { [api]: value } })).toEqual([`override.${api}`])
  })

  test.each(badValues.map((value) => [title(value), value]))("%s for a number", (_, value) => {
    expect(refused({ maxConnections: value })).toEqual(["maxConnections"])
    for (const field of ["instances", "surge", "poolSize", "poolsPerInstance"]) {
      expect(refused({ override: { [api]: { [field]: value, reason } } })).toEqual([
        `override.${api}.${field}`,
      ])
    }
  })

  test.each<[schedule: unknown, places: string[]]>([
    [[], [""]],
    [15, [""]],
    [{}, [""]],
    ["@daily", [""]],
    [["0 3 * * *", ""], ["[1]"]],
    [
      ["0 3 * * *", 15, null, "0 0 31 2 *"],
      ["[1]", "[2]", "[3]"],
    ],
    [[["0 3 * * *"]], ["[0]"]],
  ])("%j for a schedule", (schedule, places) => {
    expect(refused({ override: { [api]: { schedule, reason } } })).toEqual(
      places.map((place) => `override.${api}.schedule${place}`),
    )
  })

  test.each([undefined, null, "", " ", 15, {}])("%j for a reason", (value) => {
    expect(refused({ override: { [api]: { poolSize: 5, reason: value } } })).toEqual([
      `override.${api}.reason`,
    ])
    expect(refused({ exclude: { [api]: value } })).toEqual([`exclude.${api}`])
  })

  test.each([[[]], ["DATABASE_URL"], [null], [{}]])("%j for keys", (keys) => {
    expect(refused({ keys })).toEqual(["keys"])
  })

  test.each(["", "DATABASE-URL", "A B", 15])("%j for one of the keys, by its place", (key) => {
    expect(refused({ keys: ["DATABASE_URL", key] })).toEqual(["keys[1]"])
  })

  test.each(["", 15, null])("%j for the server", (server) => {
    expect(refused({ server })).toEqual(["server"])
  })

  test("what is misspelt, all of it at once", () => {
    expect(
      refused({ maxConection: 5, override: { [api]: { poolsize: 5, reason } }, maxConnections: 0 }),
    ).toEqual(["maxConection", `override.${api}.poolsize`, "maxConnections"])
  })
})

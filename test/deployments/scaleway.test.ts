import { describe, expect, test } from "vitest"
import { checkFleet } from "../../src/sizing/index.ts"
import type { PlannedResource } from "../support/terraform-plan.ts"
import { consumer, job, reading } from "./resources.ts"

const api = "scaleway_container.api"
const sync = "scaleway_job_definition.sync"

const instances = (resource: PlannedResource) => {
  const { highest, assumptions } = reading([resource])
  const assumed = assumptions
    .filter(({ name }) => name !== "surge")
    .map(({ name, assumed }) => `${name} ${assumed}`)
  return [highest.consumers[api]?.instances, ...assumed]
}

describe("max_scale", () => {
  test.each([0, 1, 50])("%i is what it is", (max_scale) => {
    expect(instances(consumer("api", { max_scale }))).toEqual([max_scale])
  })

  test("omitted is 5, and named", () => {
    const omitted = [5, `${api}.max_scale omitted: 5, Scaleway's default`]
    expect(instances(consumer("api", { max_scale: null }))).toEqual(omitted)
    expect(instances(consumer("api", { max_scale: undefined }))).toEqual(omitted)
  })

  test("known only after apply is anything up to Scaleway's most", () => {
    const resource = consumer("api", { max_scale: undefined }, { unknown: { max_scale: true } })
    const { lowest, highest, unknowns } = reading([resource])
    expect(lowest.consumers[api]).toMatchObject({ instances: 0, surge: 0 })
    expect(highest.consumers[api]).toMatchObject({ instances: 50, surge: 50 })
    expect(unknowns).toMatchObject([
      {
        name: `${api}.max_scale`,
        problem: "is known only after apply",
        between: "0 to 50",
        remedy: "Set max_scale to a value that the plan shows, or override instances",
      },
    ])
  })

  test("known only after apply, and stated by an override", () => {
    const resource = consumer("api", { max_scale: undefined }, { unknown: { max_scale: true } })
    const override = { [api]: { instances: 3, reason: "the variable of production" } }
    const fleet = reading([resource], { override })
    expect(fleet.lowest.consumers[api]).toMatchObject({ instances: 3, surge: 3 })
    expect(fleet.unknowns).toEqual([])
  })

  test("is no less than what is kept warm", () => {
    expect(instances(consumer("api", { min_scale: 20, max_scale: 1 }))).toEqual([20])
  })

  test("is not asked of what does not connect", () => {
    const widget = consumer("api", { max_scale: null, environment_variables: {} })
    expect(reading([widget]).assumptions).toEqual([])
  })
})

const jobOf = (values: object, unknown: Readonly<Record<string, unknown>> = {}) => {
  const { lowest, highest, unknowns, assumptions } = reading([job("sync", { ...values }, { unknown })])
  const [own] = highest.jobs
  const { jobs } = lowest
  return { own, lowest: jobs[0], unknowns, assumptions }
}

/** What the sizes make of the jobs, with the assumptions that they name. */
const peak = (values: object, unknown?: Readonly<Record<string, unknown>>) => {
  const { highest } = reading([job("sync", { ...values }, unknown ? { unknown } : {})])
  const check = checkFleet({ maxConnections: 100_000, ...highest })
  return { total: check.total, jobs: highest.jobs }
}

describe("a job", () => {
  test("has its schedule, zone and timeout", () => {
    expect(jobOf({})).toEqual({
      own: {
        name: sync,
        schedule: "0 3 * * *",
        timezone: "Europe/Paris",
        timeout: "1h0m0s",
        poolSize: 10,
        poolsPerInstance: 1,
      },
      lowest: expect.objectContaining({ name: sync }),
      unknowns: [],
      assumptions: [],
    })
  })

  test("without a timeout counts 24 h, as checkFleet says: an hourly one 24 runs", () => {
    const hourly = [{ schedule: "0 * * * *", timezone: "UTC" }]
    expect(peak({ timeout: null, cron: hourly }).total).toBe(240)
    expect(peak({ timeout: undefined, cron: hourly }, { timeout: true }).total).toBe(240)
  })

  test("without a cron is started by hand", () => {
    for (const cron of [[], null, undefined]) {
      const { own } = jobOf({ cron })
      expect(own).not.toHaveProperty("schedule")
      expect(own).not.toHaveProperty("timezone")
      expect(peak({ cron }).total).toBe(10)
    }
  })

  test.each<[what: string, cron: unknown, unknown: unknown]>([
    ["schedule", [{ timezone: "Europe/Paris" }], [{ schedule: true }]],
    ["zone", [{ schedule: "0 3 * * *" }], [{ timezone: true }]],
    ["cron", undefined, true],
    ["block of cron", [null], [true]],
  ])("with an unknown %s is between one run and one every minute", (_, cron, unknown) => {
    const { own, lowest, unknowns } = jobOf({ cron }, { cron: unknown })
    expect(own?.schedule).toBe("* * * * *")
    expect(lowest).toMatchObject({ concurrent: 1 })
    expect(lowest).not.toHaveProperty("schedule")
    expect(unknowns).toMatchObject([
      {
        name: `${sync}.schedule`,
        problem: "is known only after apply",
        between: "one run or a start every minute",
        remedy: "Set it to a value that the plan shows, or override schedule",
      },
    ])
  })

  describe("retries as its policy says:", () => {
    test.each<
      [policy: string, values: object, unknown: object, retries: number | undefined, assumed: string[]]
    >([
      ["twice", { retry_policy: [{ max_retries: 2 }] }, {}, 2, []],
      ["never", { retry_policy: [{ max_retries: 0 }] }, {}, 0, []],
      ["without one, never", {}, {}, undefined, []],
      ["without a number, never, and named", { retry_policy: [{}] }, {}, 0, [`${sync}.max_retries`]],
    ])("%s", (_, values, unknown, retries, assumed) => {
      const { own, assumptions } = jobOf(values, { ...unknown })
      expect(own?.retries).toBe(retries)
      expect(assumptions.map(({ name }) => name)).toEqual(assumed)
    })
  })

  test.each<[what: string, values: object, unknown: Readonly<Record<string, unknown>>]>([
    ["an unknown number of retries", { retry_policy: [{}] }, { retry_policy: [{ max_retries: true }] }],
    ["an unknown policy", {}, { retry_policy: true }],
  ])("with %s nobody can tell", (_, values, unknown) => {
    const { unknowns } = jobOf(values, unknown)
    expect(unknowns).toMatchObject([{ name: `${sync}.max_retries`, isUnbounded: true }])
  })

  test("that connects to nothing leaves nothing unknown", () => {
    const { unknowns, assumptions } = jobOf({ env: {} }, { cron: true, retry_policy: true })
    expect(unknowns).toEqual([])
    expect(assumptions).toEqual([])
  })
})

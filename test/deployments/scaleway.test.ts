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

  test("unknown is 5, and named", () => {
    expect(instances(consumer("api", { max_scale: undefined }, { unknown: { max_scale: true } }))).toEqual([
      5,
      `${api}.max_scale known only after apply: 5, Scaleway's default`,
    ])
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

  test("with an unknown zone counts in UTC", () => {
    const { own } = jobOf({ cron: [{ schedule: "0 3 * * *" }] }, { cron: [{ timezone: true }] })
    expect(own?.schedule).toBe("0 3 * * *")
    expect(own).not.toHaveProperty("timezone")
  })

  test.each<[what: string, cron: unknown, unknown: unknown]>([
    ["schedule", [{ timezone: "Europe/Paris" }], [{ schedule: true }]],
    ["cron", undefined, true],
    ["block of cron", [null], [true]],
  ])("with an unknown %s is between one run and one every minute", (_, cron, unknown) => {
    const { own, lowest, unknowns } = jobOf({ cron }, { cron: unknown })
    expect(own?.schedule).toBe("* * * * *")
    expect(lowest).toMatchObject({ concurrent: 1 })
    expect(lowest).not.toHaveProperty("schedule")
    expect(unknowns).toEqual([
      {
        name: `${sync}.schedule`,
        problem: "is known only after apply",
        between: "one run, and a start every minute",
        remedy: "Set it where the plan shows it, or override schedule",
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
      [
        "with an unknown number",
        { retry_policy: [{}] },
        { retry_policy: [{ max_retries: true }] },
        0,
        [`${sync}.max_retries`],
      ],
      ["an unknown one", {}, { retry_policy: true }, 0, [`${sync}.max_retries`]],
    ])("%s", (_, values, unknown, retries, assumed) => {
      const { own, assumptions } = jobOf(values, { ...unknown })
      expect(own?.retries).toBe(retries)
      expect(assumptions.map(({ name }) => name)).toEqual(assumed)
    })
  })

  test("that connects to nothing leaves nothing unknown", () => {
    const { unknowns, assumptions } = jobOf({ env: {} }, { cron: true, retry_policy: true })
    expect(unknowns).toEqual([])
    expect(assumptions).toEqual([])
  })
})

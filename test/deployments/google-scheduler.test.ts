import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { constant, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { job, runOf, scheduler, service, sql } from "./google-resources.ts"
import { unknownNames } from "./resources.ts"

const sync = "google_cloud_run_v2_job.sync"

const read = (...resources: readonly PlannedResource[]) =>
  fleetFromTerraform(plan(resources), { maxConnections: 1_000 })

const jobsOf = (...resources: readonly PlannedResource[]) => {
  const { highest, unknowns } = read(...resources)
  return [
    highest.jobs.map(
      ({ schedule, timezone, concurrent }) =>
        (schedule && [schedule, timezone]) || (concurrent ?? "on demand"),
    ),
    unknowns.map(({ attribute }) => attribute),
  ]
}
const HOURLY = ["0 * * * *", "Europe/Paris"]
const ON_DEMAND = [["on demand"], []]

describe("a job has the schedule of what starts it by", () => {
  test.each([
    ["the path of the second version", runOf("sync")],
    [
      "the path of the first version",
      "https://europe-west1-run.googleapis.com/apis/run.googleapis.com/v1/namespaces/shop/jobs/sync:run",
    ],
    ["the number of its project", runOf("sync", "europe-west1", "123456789")],
  ])("%s", (_, uri) => {
    expect(jobsOf(job("sync"), scheduler("hourly", uri))).toEqual([[HOURLY], []])
  })

  test.each([
    ["another job", runOf("export")],
    ["the job of that name elsewhere", runOf("sync", "us-east1")],
    ["the job of that name in another project", runOf("sync", "europe-west1", "stats")],
    ["a service", "https://api-abc.a.run.app/jobs/sync"],
  ])("but not of what starts %s", (_, uri) => {
    expect(jobsOf(job("sync"), scheduler("hourly", uri))).toEqual(ON_DEMAND)
  })

  test("nor of what is paused, or publishes a message", () => {
    expect(jobsOf(job("sync"), scheduler("hourly", runOf("sync"), { paused: true }))).toEqual(ON_DEMAND)
    const topic = { http_target: [], pubsub_target: [{ topic_name: "x", data: "e30=" }] }
    expect(jobsOf(job("sync"), scheduler("hourly", "", topic))).toEqual(ON_DEMAND)
  })
})

test("a job has the schedule of what starts it in another plan", () => {
  const { highest, unknowns } = fleetFromTerraform(
    [plan([job("sync")]), plan([scheduler("hourly", runOf("sync"))])],
    { maxConnections: 100 },
  )
  expect(highest.jobs.map(({ schedule }) => schedule)).toEqual(["0 * * * *"])
  expect(unknowns).toEqual([])
})

test("a job has each of several schedules, and runs of all of them at once", () => {
  const fleet = read(
    job("sync"),
    scheduler("hourly", runOf("sync")),
    scheduler("daily", runOf("sync"), { schedule: "0 3 * * *" }),
  )
  expect(fleet.highest.jobs.map(({ name, schedule }) => [name, schedule])).toEqual([
    [sync, "0 * * * *"],
    [`${sync} (schedule 2)`, "0 3 * * *"],
  ])
  expect(fleet.unknowns).toEqual([])
  // At three both start a run of half an hour.
  expect(checkFleet({ maxConnections: 100, ...fleet.highest }).total).toBe(20)
  const override = { [sync]: { schedule: "0 5 * * *", reason: "paused by hand" } }
  const stated = fleetFromTerraform(
    plan([job("sync"), scheduler("a", runOf("sync")), scheduler("b", runOf("sync"))]),
    {
      override,
    },
  )
  expect(stated.highest.jobs.map(({ schedule }) => schedule)).toEqual(["0 5 * * *"])
})

test("tasks that follow each other make a run longer", () => {
  // Ten tasks, four at a time, of half an hour: an hour and a half, so that two runs of four overlap.
  const long = job("sync", { task_count: 10, parallelism: 4 })
  const { highest } = read(long, scheduler("hourly", runOf("sync")))
  expect(highest.jobs).toMatchObject([{ timeout: "5400s", replicas: 4 }])
  expect(checkFleet({ maxConnections: 100, ...highest }).total).toBe(80)
})

describe("a schedule of", () => {
  test("an interval has as many runs as its length allows", () => {
    // Half an hour, and a little more, every ten minutes.
    const every = scheduler("often", runOf("sync"), { schedule: "every 10 minutes" })
    expect(jobsOf(job("sync"), every)).toEqual([[4], []])
  })

  test("days that five fields cannot say has all that they can be, and says so", () => {
    const monthly = { schedule: "1st monday of month 09:00" }
    const { highest, assumptions } = read(job("sync"), scheduler("monthly", runOf("sync"), monthly))
    expect(highest.jobs).toMatchObject([{ schedule: "0 9 * * 1" }])
    expect(assumptions).toContainEqual({
      name: `${sync}.schedule of google_cloud_scheduler_job.monthly`,
      assumed: "1st monday counts in every week, because five fields of cron cannot say it",
      remedy: "Override schedule",
    })
  })

  test("no time zone has UTC", () => {
    const utc = scheduler("hourly", runOf("sync"), { time_zone: null })
    expect(jobsOf(job("sync"), utc)).toEqual([[["0 * * * *", "Etc/UTC"]], []])
  })

  test.each([
    ["an unknown time", undefined, { schedule: true }],
    ["no notation of Cloud Scheduler", "whenever", undefined],
  ])("%s is the densest, and is named", (_, schedule, unknown) => {
    const open = { ...scheduler("hourly", runOf("sync"), { schedule }), ...(unknown ? { unknown } : {}) }
    const fleet = read(job("sync"), open)
    expect(unknownNames(fleet)).toEqual([`${sync}.schedule`])
    expect(checkFleet({ maxConnections: 1_000, ...fleet.highest }).total).toBe(300)
    expect(checkFleet({ maxConnections: 1_000, ...fleet.lowest }).total).toBe(10)
  })
})

describe("what starts a job may start more:", () => {
  const totals = (...resources: readonly PlannedResource[]) => {
    const { lowest, highest, unknowns } = read(...resources)
    const total = (fleet: typeof lowest) => checkFleet({ maxConnections: 1_000_000, ...fleet }).total
    return [total(lowest), total(highest), unknowns.map(({ attribute }) => attribute)]
  }

  test("by its retries", () => {
    const retrying = scheduler("hourly", runOf("sync"), { retry_config: [{ retry_count: 3 }] })
    expect(totals(job("sync"), retrying)).toEqual([10, 40, ["retry_config.retry_count"]])
    const none = scheduler("hourly", runOf("sync"), { retry_config: [{ retry_count: 0 }] })
    expect(totals(job("sync"), none)).toEqual([10, 10, []])
  })

  test("by the number of tasks, or the timeout, in its body", () => {
    const body = (json: object) =>
      scheduler("hourly", runOf("sync"), {}, { body: btoa(JSON.stringify(json)) })
    expect(totals(job("sync"), body({}))).toEqual([10, 10, []])
    expect(totals(job("sync"), body({ overrides: { taskCount: 5 } }))).toEqual([10, 100_000, ["task_count"]])
    // A week of runs that start each hour.
    expect(totals(job("sync"), body({ overrides: { timeout: "604800s" } }))).toEqual([10, 1_680, ["timeout"]])
  })

  test("when the plan is applied, by a token", () => {
    const { highest } = read(
      job("sync", {}, {}, { run_execution_token: "v2" }),
      scheduler("x", runOf("sync")),
    )
    expect(highest.consumers).toMatchObject({
      [`${sync} (started by the deploy)`]: { instances: 0, surge: 1 },
    })
  })
})

describe("where the address of the job is known only after apply,", () => {
  const code = (
    resource: PlannedResource,
    expressions: StackResource["expressions"] = {},
  ): StackResource => ({
    ...resource,
    expressions,
  })
  const target = (...references: readonly string[]) => ({
    schedule: constant("0 * * * *"),
    http_target: [{ uri: refersTo(...references) }],
  })
  const first = (...resources: readonly StackResource[]) => {
    const { lowest, highest, unknowns } = fleetFromTerraform(firstPlan(resources), { maxConnections: 1_000 })
    const schedules = ({ jobs }: typeof lowest) =>
      jobs.map(({ name, schedule = "on demand" }) => [name, schedule])
    return {
      lowest: schedules(lowest),
      highest: schedules(highest),
      unknowns: unknowns.map(({ name }) => name),
    }
  }
  const other = "google_cloud_run_v2_job.other"

  test("the expression says which one it is", () => {
    const own = code(
      scheduler("hourly", undefined),
      target("data.google_project.this.number", `${sync}.name`),
    )
    expect(first(code(job("sync")), code(job("other")), own)).toEqual({
      lowest: [
        [sync, "0 * * * *"],
        [other, "on demand"],
      ],
      highest: [
        [sync, "0 * * * *"],
        [other, "on demand"],
      ],
      unknowns: [],
    })
  })

  test("it is that of the same key, among the instances of one block", () => {
    const each = (resource: PlannedResource, key: string, expressions = {}) => ({
      ...resource,
      address: `${resource.address.replace(/\.[^.]+$/, ".this")}["${key}"]`,
      expressions,
    })
    const code = target("google_cloud_run_v2_job.this", "each.key")
    const { highest, unknowns } = first(
      each(job("a"), "a"),
      each(job("b"), "b"),
      each(scheduler("b", undefined), "b", code),
    )
    expect(highest.map(([, schedule]) => schedule)).toEqual(["on demand", "0 * * * *"])
    expect(unknowns).toEqual([])
  })

  test("it is none, where that leads to a service", () => {
    const ping = code(scheduler("ping", undefined), target("google_cloud_run_v2_service.api.uri"))
    const { highest, unknowns } = first(code(job("sync")), code(service()), ping)
    expect([highest, unknowns]).toEqual([[[sync, "on demand"]], []])
  })

  test("it may be each, where a local value has it", () => {
    const own = code(scheduler("hourly", undefined), target("local.target"))
    const { lowest, highest, unknowns } = first(code(job("sync")), code(job("other")), own)
    expect(lowest.map(([, schedule]) => schedule)).toEqual(["on demand", "on demand"])
    expect(highest.map(([, schedule]) => schedule)).toEqual(["0 * * * *", "0 * * * *"])
    expect(unknowns).toContain(`${sync}.schedule`)
    expect(unknowns).toContain(`${other}.schedule`)
  })

  test("it may be any number of runs, where more than a few may start each job", () => {
    const many = Array.from({ length: 6 }, (_, index) =>
      code(scheduler(`s${index}`, undefined), target("local.target")),
    )
    const { highest, unknowns } = fleetFromTerraform(
      firstPlan([code(job("sync")), code(job("other")), ...many]),
      { maxConnections: 1_000 },
    )
    expect(highest.jobs.map(({ name }) => name)).toEqual([sync, other])
    expect(unknowns.filter(({ isUnbounded, cause }) => isUnbounded && cause === "schedule")).toHaveLength(2)
  })

  test("it may be one more schedule of a job that has one for certain", () => {
    const certain = code(scheduler("daily", runOf("sync"), { schedule: "0 3 * * *" }))
    const own = code(scheduler("hourly", undefined), target("local.target"))
    const { lowest, highest, unknowns } = first(code(job("sync")), code(job("other")), certain, own)
    expect(highest).toContainEqual([`${sync} (schedule 2)`, "0 * * * *"])
    expect(lowest).toContainEqual([sync, "0 3 * * *"])
    expect(lowest).toContainEqual([`${sync} (schedule 2)`, "on demand"])
    expect(unknowns).toContain(`${sync}.schedule`)
  })
})

test("a fleet of Google Cloud: its sums by hand, a deploy included", () => {
  const fleet = read(
    sql(),
    service(),
    {
      ...service(),
      address: "google_cloud_run_v2_worker_pool.mails",
      values: { ...service().values, scaling: [{ manual_instance_count: 2 }] },
    },
    job("sync"),
    job("report", { task_count: 3, parallelism: 0 }),
    scheduler("hourly", runOf("sync")),
    scheduler("nightly", runOf("report"), { schedule: "15 3 * * *" }),
  )
  expect(fleet.unknowns).toEqual([])
  const { total, deploy, usable } = checkFleet({ maxConnections: 400, ...fleet.highest })
  // 4 instances and 2 workers, with 10 each; from 3:15 to 3:30 one run of sync, and three tasks of the report.
  expect(total).toBe(4 * 10 + 2 * 10 + 10 + 3 * 10)
  // A deploy starts as many instances and workers again.
  expect(deploy?.total).toBe(total + 4 * 10 + 2 * 10)
  expect(usable).toBe(397)
})

import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { connecting, sizes, unknownNames } from "./resources.ts"
import {
  connects,
  ecsCluster,
  ecsContainer,
  ecsService,
  ruledTask,
  scheduledTask,
  taskDefinition,
} from "./stacks/aws.ts"

type Override = NonNullable<DeploymentOptions["override"]>[string]

const sync = "aws_scheduler_schedule.sync"
const byRule = "aws_cloudwatch_event_target.sync"

const definition = taskDefinition("sync", [ecsContainer("sync", connects(10))])

const read = (resources: readonly StackResource[], options: DeploymentOptions = {}) =>
  fleetFromTerraform(firstPlan([ecsCluster(), definition, ...resources]), {
    maxConnections: 1_000,
    ...options,
  })

const lasting = (address: string, override: Omit<Override, "reason">): DeploymentOptions => ({
  override: { [address]: { ...override, reason: "measured" } },
})

/** The connections at the worst instant. */
const peak = (resources: readonly StackResource[], options?: DeploymentOptions) =>
  checkFleet({ maxConnections: 1_000, ...read(resources, options).highest }).total

describe.each<[what: string, address: string, of: (expression: string) => readonly StackResource[]]>([
  ["a schedule of EventBridge Scheduler", sync, (expression) => [scheduledTask("sync", expression)]],
  ["a rule of EventBridge", byRule, (expression) => ruledTask("sync", expression)],
])("%s", (_, address, of) => {
  test("starts a task, which nothing ends: its duration must be stated", () => {
    expect(read(of("cron(0 3,15 * * ? *)")).unknowns).toMatchObject([
      {
        cause: "count",
        name: `${address}.duration`,
        problem: "has no limit: ECS ends no task, so runs that take long pile up",
        between: "1 run or any number of runs",
        remedy:
          "Override duration with the longest time that a run takes, or maxRuns if a lock allows only so many",
        isUnbounded: true,
      },
    ])
    expect(read(of("cron(0 3,15 * * ? *)"), lasting(address, { duration: "1h" })).unknowns).toEqual([])
    expect(read(of("cron(0 3,15 * * ? *)"), lasting(address, { maxRuns: 1 })).unknowns).toEqual([])
  })

  test.each(["cron(0 3 * * ? *)", "cron(0 3 1 * ? *)", "rate(1 day)", "rate(24 hours)"])(
    "%s starts once a day or less: a run is assumed to end before the next one, and is no unknown",
    (expression) => {
      const { unknowns, assumptions } = read(of(expression))
      expect(unknowns).toEqual([])
      expect(assumptions).toContainEqual({
        name: `${address}.duration`,
        assumed:
          "without a limit, because ECS ends no task: a run is assumed to end before the next one starts",
        remedy:
          "Override duration with the longest time that a run takes, or maxRuns if a lock allows only so many",
      })
      expect(peak(of(expression))).toBe(10)
      expect(read(of(expression), lasting(address, { duration: "1h" })).assumptions).toEqual([])
    },
  )

  test.each(["rate(23 hours)", "cron(0 3 1,2 * ? *)"])("%s is told apart", (expression) => {
    expect(read(of(expression)).unknowns).toHaveLength(expression.startsWith("rate") ? 1 : 0)
  })

  test.each<[expression: string, duration: string, runs: number]>([
    ["cron(0 3 * * ? *)", "1h", 1],
    ["cron(0/10 * * * ? *)", "25m", 3],
    ["cron(0 12 ? * 2 *)", "24h", 1],
    ["cron(0 3 L * ? *)", "24h", 1],
    ["rate(5 minutes)", "5m", 1],
    ["rate(5 minutes)", "12m", 3],
    ["rate(1 hour)", "90m", 2],
    ["rate(7 days)", "1h", 1],
  ])("%s with runs of %s has %i at a time", (expression, duration, runs) => {
    expect(peak(of(expression), lasting(address, { duration }))).toBe(10 * runs)
  })

  test("of a fixed distance has no more runs than a lock allows", () => {
    expect(peak(of("rate(1 minute)"), lasting(address, { duration: "1h", maxRuns: 2 }))).toBe(20)
    expect(peak(of("rate(1 minute)"), lasting(address, { maxRuns: 3 }))).toBe(30)
  })

  test("that never comes starts nothing", () => {
    expect(peak(of("cron(0 3 * * ? 1999)"))).toBe(0)
  })

  test("that cannot be is refused by its path", () => {
    expect(() => read(of("cron(0 3 * * *)"))).toThrow(/schedule_expression/)
  })

  test("is what runs the task definition, which then is not started by hand", () => {
    expect(connecting(read(of("rate(1 day)")))).toEqual([address])
  })
})

describe("EventBridge Scheduler", () => {
  test("has a time zone", () => {
    const paris = scheduledTask("sync", "cron(0 3 * * ? *)", { schedule_expression_timezone: "Europe/Paris" })
    const { jobs } = read([paris], lasting(sync, { duration: "1h" })).highest
    expect(jobs[0]).toMatchObject({ schedule: "0 3 * * *", timezone: "Europe/Paris" })
  })

  test("starts once with at()", () => {
    const fleet = read([scheduledTask("sync", "at(2027-01-05T03:00:00)")])
    expect(fleet.highest.jobs).toMatchObject([{ concurrent: 1 }])
    expect(fleet.unknowns).toEqual([])
  })

  test("starts nothing while it is off", () => {
    const fleet = read([scheduledTask("sync", "rate(1 minute)", { state: "DISABLED" })])
    expect(fleet.highest.jobs).toMatchObject([{ concurrent: 0 }])
    expect(fleet.unknowns).toEqual([])
  })

  test("starts several tasks at once", () => {
    const three = scheduledTask("sync", "rate(1 hour)", {}, { ecs_parameters: [{ task_count: 3 }] })
    expect(peak([three], lasting(sync, { duration: "1h" }))).toBe(30)
  })

  test("with an expression that is known only after apply may start one every minute", () => {
    const { values, unknown, ...rest } = scheduledTask("sync", "rate(1 hour)")
    const { schedule_expression: _, ...known } = values ?? {}
    const later = { ...rest, values: known, unknown: { ...(unknown as object), schedule_expression: true } }
    expect(unknownNames(read([later]))).toEqual([`${sync}.duration`, `${sync}.schedule`])
    expect(peak([later], lasting(sync, { duration: "10m" }))).toBe(100)
  })

  test("names days that five fields cannot", () => {
    const { assumptions } = read([scheduledTask("sync", "cron(0 3 15W * ? *)")])
    expect(assumptions).toContainEqual({
      name: `${sync}.schedule_expression`,
      assumed: "day of month 15W counts on 14-16, because five fields of cron cannot say it",
      remedy: "Override schedule",
    })
  })

  test("starts what is no task of ECS without a connection", () => {
    const lambda = scheduledTask("sync", "rate(1 minute)", {}, { ecs_parameters: [] })
    const fleet = read([{ ...lambda, unknown: { id: true, target: [{ arn: true }] } }, ecsService("sync")])
    expect(connecting(fleet)).toEqual(["aws_ecs_service.sync"])
  })

  test("starts a task by the whole API, which is not counted", () => {
    const arn = "arn:aws:scheduler:::aws-sdk:ecs:runTask"
    const { unknown: _, ...own } = scheduledTask("sync", "rate(1 hour)", {}, { arn, ecs_parameters: [] })
    const { unknowns } = read([own], { exclude: { [definition.address]: "see its schedule" } })
    expect(unknowns.map(({ problem }) => problem)).toContain(
      "may be set: its environment is in a task that its input names",
    )
  })

  test("may replace the variables and the command of containers", () => {
    const of = (input: unknown) =>
      read([scheduledTask("sync", "rate(1 hour)", {}, { input: JSON.stringify(input) })])
    const size = (value: string) => ({
      containerOverrides: [{ name: "sync", environment: [{ name: "PRISMA_POOL_SIZE_CORE", value }] }],
    })
    expect(sizes(of(size("2")))).toEqual({ [sync]: 2 })
    expect(sizes(of({ containerOverrides: [{ name: "other", environment: [] }] }))).toEqual({ [sync]: 10 })
    const command = ["sh", "-c", "PRISMA_POOL_SIZE_CORE=$N node sync.js"]
    expect(unknownNames(of({ containerOverrides: [{ name: "sync", command }] }))).toContain(
      `${sync}.PRISMA_POOL_SIZE_CORE`,
    )
    expect(unknownNames(of("x"))).toContain(`${sync}.DATABASE_URL_CORE`)
  })

  test("may replace them with what is known only after apply", () => {
    const own = scheduledTask("sync", "rate(1 hour)")
    const unknown = { target: [{ arn: true, input: true, ecs_parameters: [{ task_definition_arn: true }] }] }
    const target = [
      {
        input: refersTo("aws_s3_bucket.files.id"),
        ecs_parameters: [{ task_definition_arn: refersTo(`${definition.address}.arn`) }],
      },
    ]
    expect(unknownNames(read([{ ...own, unknown, expressions: { target } }]))).toContain(
      `${sync}.DATABASE_URL_CORE`,
    )
  })
})

describe("a rule", () => {
  test("has no time zone but UTC", () => {
    const { jobs } = read(ruledTask("sync", "cron(0 3 * * ? *)"), lasting(byRule, { duration: "1h" })).highest
    expect(jobs[0]).toMatchObject({ schedule: "0 3 * * *", timezone: "UTC" })
  })

  test.each([{ state: "DISABLED" }, { is_enabled: false, state: null }])(
    "starts nothing while it is %o",
    (off) => {
      const fleet = read(ruledTask("sync", "rate(1 minute)", off))
      expect(fleet.highest.jobs).toMatchObject([{ concurrent: 0 }])
      expect(fleet.unknowns).toEqual([])
    },
  )

  test("starts several tasks at once", () => {
    const two = ruledTask("sync", "rate(1 hour)", {}, { ecs_target: [{ task_count: 2 }] })
    expect(peak(two, lasting(byRule, { duration: "2h" }))).toBe(40)
  })

  test("starts a task for each event, of which there may be any number", () => {
    const events = ruledTask("sync", null, { event_pattern: '{"source":["aws.s3"]}' })
    expect(read(events).unknowns).toMatchObject([
      {
        name: `${byRule}.rule`,
        problem: "is aws_cloudwatch_event_rule.sync, which starts a task for each event",
        isUnbounded: true,
      },
    ])
    expect(peak(events, lasting(byRule, { concurrent: 4 }))).toBe(40)
    expect(read(events, lasting(byRule, { concurrent: 4 })).unknowns).toEqual([])
  })

  test("in no document may start one every minute", () => {
    const [, target] = ruledTask("sync", "rate(1 hour)")
    expect(unknownNames(read([target as StackResource]))).toEqual([
      `${byRule}.duration`,
      `${byRule}.schedule`,
    ])
  })

  test("of another target starts nothing that connects", () => {
    const [rule, target] = ruledTask("sync", "rate(1 minute)", {}, { ecs_target: [] })
    const queue = { ...(target as StackResource), unknown: { id: true, arn: true, target_id: true } }
    const fleet = read([rule as StackResource, queue, ecsService("sync")])
    expect(fleet.unknowns).toEqual([])
    expect(connecting(fleet)).toEqual(["aws_ecs_service.sync"])
  })

  test("may replace variables by what an event has", () => {
    const own = ruledTask("sync", "rate(1 hour)", {}, { input_transformer: [{ input_template: "{}" }] })
    expect(unknownNames(read(own))).toContain(`${byRule}.DATABASE_URL_CORE`)
  })
})

test("a task definition may serve a service and schedules, each with pools of its own", () => {
  const schedules = [scheduledTask("sync", "cron(0 3 * * ? *)"), ...ruledTask("sync", "cron(30 3 * * ? *)")]
  const override = {
    [sync]: { duration: "1h", reason: "measured" },
    [byRule]: { duration: "1h", reason: "measured" },
  }
  const { highest } = read([ecsService("sync", { desired_count: 1 }), ...schedules], { override })
  const check = checkFleet({ maxConnections: 1_000, ...highest })
  // One task of the service, and two runs from 3:30 to 4:00.
  expect(check.total).toBe(30)
  // A second task in a deploy.
  expect(check.deploy.total).toBe(40)
})

test("a schedule of another module's task definition is found by its ARN", () => {
  const arn = "arn:aws:ecs:eu-west-3:1:task-definition/sync:4"
  const known = { ...definition, values: { ...definition.values, arn, revision: 4 } }
  const own = scheduledTask(
    "sync",
    "rate(1 hour)",
    {},
    {
      ecs_parameters: [{ task_count: 1, task_definition_arn: arn }],
    },
  )
  const { unknown: _, ...schedule } = own
  const fleet = fleetFromTerraform(firstPlan([known, schedule]), { maxConnections: 1_000 })
  expect(sizes(fleet)).toEqual({ [sync]: 10 })
})

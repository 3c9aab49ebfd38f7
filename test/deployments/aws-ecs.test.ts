import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { type Calls, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { plan, state } from "../support/terraform-plan.ts"
import { connecting, server, sizes, unknownNames } from "./resources.ts"
import {
  connects,
  ecsCluster,
  ecsContainer,
  ecsService,
  scalingTarget,
  taskDefinition,
  URL,
  unseenTaskDefinition,
} from "./stacks/aws.ts"

const api = "aws_ecs_service.api"
const task = "aws_ecs_task_definition.api"
const stated: DeploymentOptions = { maxConnections: 1_000 }

const read = (resources: readonly StackResource[], options: DeploymentOptions = stated, calls?: Calls) =>
  fleetFromTerraform(firstPlan([ecsCluster(), ...resources], calls), options)

const definition = (size = 10) => taskDefinition("api", [ecsContainer("api", connects(size))])

/** The tasks of the service and what a deploy adds, at both ends. */
function tasks(resources: readonly StackResource[], options?: DeploymentOptions) {
  const { lowest, highest } = read(resources, options)
  return [lowest, highest].map(({ consumers }) => [consumers[api]?.instances, consumers[api]?.surge])
}

const service = (more: Readonly<Record<string, unknown>> = {}, unknown: object = {}): StackResource => {
  const whole = ecsService("api", more)
  return { ...whole, unknown: { ...(whole.unknown as object), ...unknown } }
}

describe("a service counts", () => {
  test("its desired tasks, with the pool of its task definition", () => {
    const fleet = read([definition(), service()])
    expect(fleet.highest.consumers).toEqual({
      [api]: { instances: 2, surge: 2, poolSize: 10, poolsPerInstance: 1 },
    })
    expect(fleet.highest.jobs).toEqual([])
    expect(fleet.unknowns).toEqual([])
  })

  test("in a state, by the ARN of its task definition's revision", () => {
    const arn = "arn:aws:ecs:eu-west-3:1:task-definition/api:7"
    const other = "arn:aws:ecs:eu-west-3:1:task-definition/other:7"
    const values = (resource: StackResource, more: object) => ({
      ...resource,
      values: { ...resource.values, ...more },
    })
    const json = state([
      values(definition(7), { arn, revision: 7 }),
      values(taskDefinition("other", [ecsContainer("other", connects(3))]), { arn: other, revision: 7 }),
      values(service(), { task_definition: arn, cluster: "arn:aws:ecs:eu-west-3:1:cluster/main" }),
    ])
    const fleet = fleetFromTerraform(json, stated)
    expect(sizes(fleet)).toEqual({ [api]: 7, "aws_ecs_task_definition.other": 3 })
  })

  test.each(["api", "api:7"])("by %s as well", (name) => {
    const whole = definition(7)
    const revision = { ...whole, values: { ...whole.values, revision: 7 } }
    const { unknown, ...own } = service({ task_definition: name })
    const { task_definition: _, ...rest } = unknown as Record<string, unknown>
    expect(sizes(read([revision, { ...own, unknown: rest }]))).toEqual({ [api]: 7 })
  })

  test("what its healthcheck connects to as unknown", () => {
    const checked = (command: string) => {
      const container = {
        ...ecsContainer("api", connects(7)),
        healthCheck: { command: ["CMD-SHELL", command] },
      }
      return unknownNames(read([taskDefinition("api", [container]), service()]))
    }
    expect(checked(`psql ${URL}?application_name=check`)).toEqual([`${api}.URL 1 of its command`])
    expect(checked("curl -f http://localhost/health || exit 1")).toEqual([])
  })

  test("its old revision beside its new one while it is deployed", () => {
    const before = {
      ...definition(20).values,
      arn: "arn:aws:ecs:eu-west-3:1:task-definition/api:6",
      revision: 6,
    }
    const changed = { ...definition(10), before, actions: ["create", "delete"] }
    const former = { ...service().values, desired_count: 2, task_definition: before.arn }
    const fleet = read([changed, { ...service(), before: former, actions: ["update"] }])
    expect(fleet.highest.consumers).toMatchObject({
      [api]: { instances: 2, surge: 0, poolSize: 10 },
      [`${api} (before this plan)`]: { instances: 0, surge: 2, poolSize: 20 },
    })
    expect(fleet.unknowns).toEqual([])
  })

  test("as unknown where something else registers its revisions", () => {
    const stale = { ...definition(7), before: { ...definition(7).values, revision: 6 }, actions: ["no-op"] }
    const { unknown, ...own } = service({
      task_definition: "arn:aws:ecs:eu-west-3:1:task-definition/api:57",
    })
    const { task_definition: _, ...rest } = unknown as Record<string, unknown>
    const existing = { ...own, unknown: rest, before: own.values ?? {}, actions: ["no-op"] }
    const fleet = read([stale, existing])
    expect(fleet.unknowns).toMatchObject([
      {
        name: `${api}.DATABASE_URL_CORE`,
        problem:
          "may be set: its environment is that of a revision of its task definition which is not in these documents",
      },
    ])
    expect(connecting(fleet)).toEqual([api])
    const override = { [api]: { poolSize: 7, reason: "CI changes the image alone" } }
    expect(read([stale, existing], { ...stated, override }).unknowns).toEqual([])
  })

  test("as unknown where its task definition is in no document", () => {
    const { unknown, ...own } = service({ task_definition: "worker:3" })
    const { task_definition: _, ...rest } = unknown as Record<string, unknown>
    const { unknowns } = read([{ ...own, unknown: rest }])
    expect(unknowns[0]?.problem).toBe(
      "may be set: its environment is in a task definition that is not in these documents",
    )
  })

  test("as unknown where only task sets have its task definition", () => {
    const { expressions, unknown, ...own } = service({ deployment_controller: [{ type: "EXTERNAL" }] })
    const { task_definition: _, ...rest } = unknown as Record<string, unknown>
    const { task_definition: __, ...code } = expressions as Record<string, unknown>
    expect(unknownNames(read([{ ...own, unknown: rest, expressions: code }]))).toEqual([
      `${api}.DATABASE_URL_CORE`,
    ])
  })

  test("the instance of the same key, of a task definition for each", () => {
    const of = (key: string, size: number) => [
      taskDefinition("api", [ecsContainer("api", connects(size))], { family: key }, `["${key}"]`),
      ecsService(
        "api",
        { name: key },
        { key: `["${key}"]`, task: ["aws_ecs_task_definition.api", "each.key"] },
      ),
    ]
    expect(sizes(read([...of("a", 3), ...of("b", 4)]))).toEqual({ [`${api}["a"]`]: 3, [`${api}["b"]`]: 4 })
  })

  test("as unknown where a local says which task definition it has, if one of them connects", () => {
    const own = ecsService("api", {}, { task: ["local.task"] })
    const others = [definition(), taskDefinition("web", [ecsContainer("web")])]
    expect(read([own, ...others]).unknowns).toMatchObject([
      {
        name: `${api}.DATABASE_URL_CORE`,
        problem: "may be set: its environment is in a task definition that is known only after apply",
      },
      { name: `${task}.concurrent`, problem: `depends on whether ${api} runs it`, between: "0 to 1" },
    ])
    expect(connecting(read([own, others[1] as StackResource]))).toEqual([])
  })

  test("that of the data source that reads its latest revision", () => {
    const data: StackResource = {
      address: "data.aws_ecs_task_definition.api",
      mode: "data",
      values: { task_definition: "api", family: "api", revision: 6, arn_without_revision: "x" },
    }
    const own = ecsService(
      "api",
      {},
      { task: [`${task}.revision`, "data.aws_ecs_task_definition.api.revision"] },
    )
    expect(sizes(read([own, definition(7), data]))).toEqual({ [api]: 7 })
  })
})

describe("the number of tasks is", () => {
  test.each([0, 1, 30])("%i, as it is desired", (desired_count) => {
    expect(tasks([definition(), service({ desired_count })])[1]?.[0]).toBe(desired_count)
  })

  test("unknown if it is omitted and nothing scales the service", () => {
    expect(read([definition(), service({ desired_count: null })]).unknowns).toMatchObject([
      {
        name: `${api}.desired_count`,
        problem: "is omitted, and nothing in these documents scales the service",
        isUnbounded: true,
      },
    ])
  })

  test("unknown if it is known only after apply", () => {
    const own = service({ desired_count: undefined }, { desired_count: true })
    expect(unknownNames(read([definition(), own]))).toEqual([`${api}.desired_count`])
  })

  test("as many as the cluster has machines, which no plan says, for a daemon", () => {
    const own = service({ scheduling_strategy: "DAEMON", desired_count: null })
    const { unknowns, highest } = read([definition(), own])
    expect(unknowns).toMatchObject([{ name: `${api}.scheduling_strategy`, isUnbounded: true }])
    expect(highest.consumers[api]).toMatchObject({ instances: 1, surge: 1 })
    const override = { [api]: { instances: 4, surge: 0, reason: "four machines" } }
    expect(read([definition(), own], { ...stated, override }).unknowns).toEqual([])
  })

  describe("what scaling allows:", () => {
    const scaled = (target: StackResource | StackResource[], more = {}) =>
      tasks([definition(), service(more), target].flat())

    test.each<[what: string, more: object, expected: number]>([
      ["more than is desired", { desired_count: 2 }, 6],
      ["less than is desired, which counts until it is lowered", { desired_count: 8 }, 8],
      ["in place of an omitted number", { desired_count: null }, 6],
    ])("%s", (_, more, expected) => {
      expect(scaled(scalingTarget("api"), more)).toEqual([
        [expected, expected],
        [expected, expected],
      ])
    })

    test("by an expression, before the name of the service is known", () => {
      expect(scaled(scalingTarget("api", {}, { resource_id: true }))[1]?.[0]).toBe(6)
    })

    test("for each service, by its name", () => {
      const of = (key: string): StackResource => ({
        ...scalingTarget("default", { resource_id: `service/main/${key}` }),
        address: `aws_appautoscaling_target.default["${key}"]`,
      })
      const web = { ...ecsService("web", { desired_count: 1 }), expressions: service().expressions ?? {} }
      const { highest } = read([definition(), service(), web, of("api"), of("web")])
      expect(Object.values(highest.consumers).map(({ instances }) => instances)).toEqual([6, 6])
    })

    test.each<[what: string, target: object]>([
      ["of another cluster", { resource_id: "service/other/api" }],
      ["of another service", { resource_id: "service/main/web" }],
      ["of another kind", { resource_id: "table/api", service_namespace: "dynamodb" }],
    ])("and not %s", (_, target) => {
      expect(scaled(scalingTarget("api", { ...target }))[1]?.[0]).toBe(2)
    })

    test("to 2 or 6 if a local says which service it scales", () => {
      const target = {
        ...scalingTarget("api", {}, { resource_id: true }),
        expressions: { resource_id: refersTo("local.id") },
      }
      expect(scaled(target)).toEqual([
        [2, 2],
        [6, 6],
      ])
      const resources = [definition(), service(), target]
      expect(read(resources).unknowns).toMatchObject([{ name: `${api}.desired_count`, between: "2 to 6" }])
    })

    test("to any number if the maximum is known only after apply", () => {
      const target = scalingTarget("api", { max_capacity: undefined }, { max_capacity: true })
      expect(unknownNames(read([definition(), service(), target]))).toEqual([`${api}.max_capacity`])
    })

    describe("at the time of a scheduled action", () => {
      const action = (max_capacity: number | null, values: object, unknown: object, expression: object) => ({
        ...scalingTarget("x"),
        address: "aws_appautoscaling_scheduled_action.evening",
        values: {
          name: "evening",
          schedule: "cron(0 18 * * ? *)",
          scalable_dimension: "ecs:service:DesiredCount",
          service_namespace: "ecs",
          scalable_target_action: [{ max_capacity, min_capacity: 1 }],
          ...values,
        },
        unknown: { id: true, arn: true, ...unknown },
        expressions: { resource_id: expression },
      })
      const byTarget = refersTo("aws_appautoscaling_target.api.resource_id")

      test.each<[what: string, action: StackResource, expected: number]>([
        ["raised", action(9, { resource_id: "service/main/api" }, {}, byTarget), 9],
        ["raised before names are known", action(9, {}, { resource_id: true }, byTarget), 9],
        ["lowered, which does not last", action(3, { resource_id: "service/main/api" }, {}, byTarget), 6],
        ["left", action(null, { resource_id: "service/main/api" }, {}, byTarget), 6],
        ["another service's", action(9, { resource_id: "service/main/web" }, {}, byTarget), 6],
      ])("%s", (what, own, expected) => {
        const isNamed = !what.includes("before")
        const target = isNamed ? scalingTarget("api") : scalingTarget("api", {}, { resource_id: true })
        expect(scaled([target, own])[1]?.[0]).toBe(expected)
      })
    })
  })
})

describe("a deploy", () => {
  test.each<[percent: number | null, desired: number, lowest: number]>([
    [200, 4, 4],
    [null, 4, 4],
    [150, 4, 2],
    [150, 3, 1],
    [125, 3, 0],
    [100, 4, 0],
    [300, 4, 4],
  ])(
    "up to %s %% of %i tasks adds %i, and at the most as many as are stopping",
    (percent, desired, lowest) => {
      const own = service({ deployment_maximum_percent: percent, desired_count: desired })
      expect(tasks([definition(), own])).toEqual([
        [desired, lowest],
        [desired, desired],
      ])
    },
  )

  test("that may add fewer is named, with what decides", () => {
    const { unknowns } = read([definition(), service({ deployment_maximum_percent: 150 })])
    expect(unknowns).toMatchObject([
      {
        cause: "surge",
        problem: "depends on how long instances that are ending keep their connections",
        between: "1 to 2 more instances during a deploy",
        isOfDeploy: true,
      },
    ])
  })

  test.each<[what: string, more: object]>([
    ["CODE_DEPLOY", { deployment_controller: [{ type: "CODE_DEPLOY" }] }],
    ["BLUE_GREEN", { deployment_configuration: [{ strategy: "BLUE_GREEN", bake_time_in_minutes: "5" }] }],
    ["CANARY", { deployment_configuration: [{ strategy: "CANARY" }] }],
    ["LINEAR", { deployment_configuration: [{ strategy: "LINEAR" }] }],
  ])("%s runs two sets of tasks, whatever the percentage says", (_, more) => {
    const { lowest, assumptions } = read([
      definition(),
      service({ deployment_maximum_percent: 100, ...more }, { deployment_configuration: [{}] }),
    ])
    expect(lowest.consumers[api]).toMatchObject({ instances: 2, surge: 2 })
    expect(assumptions.map(({ name }) => name)).toEqual(["surge"])
  })
})

describe("a container", () => {
  const of = (container: object, more: object = {}) =>
    read([taskDefinition("api", [container], { ...more }), service()])

  test("has names in any case", () => {
    const container = {
      Name: "api",
      Image: "api:1",
      Environment: [
        { Name: "DATABASE_URL_CORE", Value: URL },
        { NAME: "PRISMA_POOL_SIZE_CORE", VALUE: "6" },
      ],
    }
    expect(sizes(of(container))).toEqual({ [api]: 6 })
  })

  test("has secrets, whose value cannot be seen", () => {
    const secrets = [{ name: "DATABASE_URL_CORE", valueFrom: "arn:aws:ssm:eu-west-3:1:parameter/core" }]
    const hidden = of(ecsContainer("api", {}, { secrets }))
    expect(hidden.unknowns).toMatchObject([
      { cause: "size", problem: "is a reference to a secret, and may have a connection_limit in it" },
    ])
    expect(sizes(of(ecsContainer("api", { PRISMA_POOL_SIZE_CORE: "6" }, { secrets })))).toEqual({ [api]: 6 })
  })

  test("may read a file on S3, behind its own variables", () => {
    const environmentFiles = [{ type: "s3", value: "arn:aws:s3:::files/api.env" }]
    expect(sizes(of(ecsContainer("api", connects(6), { environmentFiles })))).toEqual({ [api]: 6 })
    expect(of(ecsContainer("api", {}, { environmentFiles })).unknowns).toMatchObject([
      { problem: "may be set: its environment is in a file on S3" },
    ])
  })

  test("may have its URL from its command", () => {
    const command = ["-c", 'export DATABASE_URL_CORE="postgres://$U:$(token)@$H/core" && node main.js']
    const made = (variables: Readonly<Record<string, string>>) =>
      of(ecsContainer("api", variables, { entryPoint: ["bash"], command }))
    expect(made({}).unknowns).toMatchObject([
      { cause: "size", problem: "is set in its command, and may have a connection_limit in it" },
    ])
    expect(sizes(made({ PRISMA_POOL_SIZE_CORE: "6" }))).toEqual({ [api]: 6 })
  })

  test("may read a file of a share", () => {
    const mountPoints = [{ sourceVolume: "files", containerPath: "/app" }]
    const volume = (own: object) => ({ volume: [{ name: "files", ...own }] })
    const container = ecsContainer("api", {}, { mountPoints })
    const efs = { efs_volume_configuration: [{ file_system_id: "fs-1" }] }
    expect(unknownNames(of(container, volume(efs)))).toEqual([`${api}.DATABASE_URL_CORE`])
    expect(unknownNames(of(container, volume({ host_path: "/etc/api" })))).toHaveLength(1)
    expect(unknownNames(of(container, volume({ host_path: null })))).toEqual([])
    expect(sizes(of(ecsContainer("api", connects(6), { mountPoints }), volume(efs)))).toEqual({ [api]: 6 })
  })

  test("of a pooler opens connections that are not counted", () => {
    const pooler = ecsContainer("pgbouncer", {}, { image: "edoburu/pgbouncer:1" })
    expect(unknownNames(of(pooler))).toEqual([`${api}.DATABASE_URL_CORE`])
  })

  test("that connects to MySQL drops out", () => {
    const mysql = "mysql://root:pw@db.example.org:3306/core"
    const fleet = of(ecsContainer("api", { DATABASE_URL_CORE: mysql }))
    expect(connecting(fleet)).toEqual([])
    expect(unknownNames(fleet)).toEqual([])
  })

  test("cannot be seen where anything in container_definitions is known only after apply", () => {
    const fleet = read([unseenTaskDefinition("api"), service()])
    expect(fleet.unknowns).toMatchObject([
      {
        name: `${api}.DATABASE_URL_CORE`,
        problem:
          "may be set: its environment is in container_definitions, which is known only after apply as a whole",
        remedy: "Exclude it if it does not connect, or override its poolSize",
      },
    ])
  })

  test.each(["", "[", '{"name":"api"}', "null"])("cannot be seen in %o", (container_definitions) => {
    const whole = taskDefinition("api", [])
    const broken = { ...whole, values: { ...whole.values, container_definitions } }
    expect(unknownNames(read([broken, service()]))).toEqual([`${api}.DATABASE_URL_CORE`])
  })
})

describe("several containers", () => {
  const of = (...containers: readonly object[]) => read([taskDefinition("api", containers), service()])

  test("have a pool each, and a sidecar without the variable none", () => {
    const fleet = of(
      ecsContainer("proxy", {}, { image: "envoyproxy/envoy:1" }),
      ecsContainer("api", connects(6)),
      ecsContainer("worker", connects(4)),
    )
    expect(sizes(fleet)).toEqual({ [`${api} (container 2)`]: 6, [`${api} (container 3)`]: 4 })
  })

  const migrate = (size: number) => ecsContainer("migrate", connects(size), { essential: false })
  const waiting = (name: string, condition: string, size = 6) =>
    ecsContainer(name, connects(size), { dependsOn: [{ containerName: "migrate", condition }] })

  test.each(["SUCCESS", "COMPLETE"])(
    "one that ends before the others start (%s) is no second pool",
    (condition) => {
      expect(sizes(of(waiting("api", condition), migrate(6)))).toEqual({ [api]: 6 })
    },
  )

  test("one that ends first may hold more than the others do", () => {
    const fleet = of(waiting("api", "SUCCESS"), migrate(10))
    expect(sizes(fleet)).toEqual({ [api]: 6, [`${api} (init container)`]: "nothing to 4" })
  })

  test("one that ends first counts beside those that do not wait for it", () => {
    const fleet = of(waiting("api", "SUCCESS"), migrate(6), ecsContainer("worker", connects(4)))
    expect(sizes(fleet)).toEqual({ [api]: 6, [`${api} (container 2)`]: 4 })
    const more = of(waiting("api", "SUCCESS", 3), migrate(6), ecsContainer("worker", connects(4)))
    expect(sizes(more)[`${api} (init container)`]).toBe("nothing to 3")
  })

  test("one that those before it wait for, through another", () => {
    const seed = ecsContainer("seed", connects(6), {
      essential: false,
      dependsOn: [{ containerName: "migrate", condition: "SUCCESS" }],
    })
    const last = ecsContainer("api", connects(6), {
      dependsOn: [{ containerName: "seed", condition: "COMPLETE" }],
    })
    expect(sizes(of(last, seed, migrate(6)))).toEqual({ [api]: 6 })
  })

  test.each<[what: string, containers: readonly object[]]>([
    ["only has to be started", [waiting("api", "START"), migrate(6)]],
    ["is essential", [waiting("api", "SUCCESS"), ecsContainer("migrate", connects(6))]],
    ["is not waited for", [ecsContainer("api", connects(6)), migrate(6)]],
  ])("one that %s runs beside the others", (_, containers) => {
    expect(Object.keys(sizes(of(...containers)))).toHaveLength(2)
  })
})

describe("a task definition that nothing runs", () => {
  test("is started by hand, one run at a time", () => {
    const fleet = read([definition()])
    expect(fleet.highest.jobs).toEqual([{ name: task, poolSize: 10, poolsPerInstance: 1 }])
    expect(checkFleet({ maxConnections: 1_000, ...fleet.highest }).total).toBe(10)
  })

  test("may never be started, which an override says", () => {
    const override = { [task]: { concurrent: 0, reason: "of the migration last year" } }
    const { highest } = read([definition()], { ...stated, override })
    expect(checkFleet({ maxConnections: 1_000, ...highest }).total).toBe(0)
  })

  test("is quiet if it does not connect", () => {
    const fleet = read([taskDefinition("web", [ecsContainer("web", { PORT: "3000" })])])
    expect(connecting(fleet)).toEqual([])
    expect(fleet.assumptions).toEqual([])
  })
})

test("a fleet on ECS, added up by hand", () => {
  const worker = taskDefinition("worker", [
    ecsContainer("worker", connects(5)),
    ecsContainer("mails", connects(3)),
  ])
  const resources = [
    ecsCluster(),
    definition(8),
    service({ deployment_maximum_percent: 150 }),
    scalingTarget("api"),
    worker,
    ecsService("worker", { desired_count: 1, deployment_controller: [{ type: "CODE_DEPLOY" }] }),
    taskDefinition("seed", [ecsContainer("seed", connects(4))]),
    taskDefinition("web", [ecsContainer("web")]),
    ecsService("web"),
  ]
  const { lowest, highest, maxConnections } = fleetFromTerraform(
    { ...plan([server("main")]), ...firstPlan([{ ...server("main"), expressions: {} }, ...resources]) },
    { hosts: ["core.c1.eu-west-3.rds.amazonaws.com"] },
  )
  expect(maxConnections).toBe(100)
  const [low, high] = [lowest, highest].map((fleet) => checkFleet({ maxConnections: 200, ...fleet }))
  // Steady: 6 tasks × 8 + 1 × (5 + 3), and one run of the seed by hand with 4.
  expect([low?.total, high?.total]).toEqual([60, 60])
  // A deploy adds floor(6 × 1.5) − 6 = 3 tasks × 8 at the least and 6 × 8 at the most, and a second worker with 8.
  expect([low?.deploy.total, high?.deploy.total]).toEqual([60 + 24 + 8, 60 + 48 + 8])
})

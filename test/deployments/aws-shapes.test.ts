import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { command } from "../support/command.ts"
import { constant, created, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { connecting, unknownNames } from "./resources.ts"
import {
  DATABASE,
  ecsCluster,
  ecsContainer,
  ecsService,
  rdsInstance,
  scalingTarget,
  taskDefinition,
} from "./stacks/aws.ts"

const LOGS = ["api", "web", "seed"].map((name) =>
  created(
    `aws_cloudwatch_log_group.tasks["${name}"]`,
    { name },
    { arn: true },
    { name: refersTo("each.key") },
  ),
)

const RIGHTS = [
  created(
    "aws_iam_role.task",
    { name: "task" },
    { arn: true, assume_role_policy: true, unique_id: true },
    { assume_role_policy: refersTo("data.aws_iam_policy_document.task.json") },
  ),
  created(
    "aws_iam_role_policy.connect",
    { name: "connect" },
    { policy: true, role: true },
    { policy: refersTo("aws_db_instance.core.resource_id"), role: refersTo("aws_iam_role.task.id") },
  ),
  created(
    "aws_security_group.api",
    { name: "api" },
    { arn: true, egress: true, ingress: true, owner_id: true, vpc_id: true },
    { vpc_id: refersTo("aws_vpc.main.id") },
  ),
  created(
    "aws_lb.main",
    { name: "main", internal: false },
    { arn: true, dns_name: true, subnets: true, zone_id: true },
    { subnets: refersTo("aws_subnet.public") },
  ),
]

/** A URL that the container makes from parts and a token of IAM, with the migrations in front of the application. */
const MADE =
  'export DATABASE_URL="postgres://$DB_USER:$(node token.mjs)@$DB_HOST:$DB_PORT/$DB_NAME" && yarn migrate && yarn start'

describe("Fargate with a URL that the command makes, a token of IAM in place of a password, and a default group", () => {
  const parts = { DB_HOST: DATABASE, DB_PORT: "5432", DB_USER: "api", DB_NAME: "shop" }
  const capitalised = (name: string, command: string, more: Readonly<Record<string, string>> = {}) => {
    const { name: _, ...rest } = ecsContainer(name, { ...parts, ...more })
    return { Name: name, ...rest, entryPoint: ["bash"], command: ["-c", command] }
  }
  const stack = (more: Readonly<Record<string, string>> = {}): readonly StackResource[] => [
    ...rdsInstance(undefined, { instance_class: "db.t4g.small", iam_database_authentication_enabled: true }),
    ecsCluster(),
    ...LOGS,
    ...RIGHTS,
    taskDefinition("api", [capitalised("api", MADE, more)]),
    ecsService("api", {
      availability_zone_rebalancing: "ENABLED",
      deployment_configuration: [{ bake_time_in_minutes: null, lifecycle_hook: [], strategy: "ROLLING" }],
      deployment_controller: [{ type: "ECS" }],
      desired_count: 2,
    }),
    taskDefinition("seed", [capitalised("seed", MADE.replace("yarn start", "yarn seed"), more)]),
    taskDefinition("web", [ecsContainer("web", { API_URL: "http://api:3100" })]),
    ecsService("web", { desired_count: 2 }),
    created(
      "null_resource.seed",
      {},
      { triggers: { task: true } },
      { triggers: refersTo("aws_ecs_task_definition.seed.arn") },
      { provisioners: [{ type: "local-exec", expressions: { command: constant("./run-task.sh seed") } }] },
    ),
  ]
  const api = "aws_ecs_service.api"
  const seed = "aws_ecs_task_definition.seed"

  test("is counted, and its size is what the command cannot say", () => {
    const fleet = fleetFromTerraform(firstPlan(stack()))
    expect(connecting(fleet)).toEqual([api, seed])
    expect(unknownNames(fleet)).toEqual([
      `${api}.DATABASE_URL`,
      `${seed}.DATABASE_URL`,
      "aws_db_instance.core",
    ])
    expect(fleet.maxConnectionsAtMost).toBe(225)
  })

  test("with a size has a sum, added up by hand", () => {
    const fleet = fleetFromTerraform(firstPlan(stack({ PRISMA_POOL_SIZE: "9" })), { maxConnections: 180 })
    expect(unknownNames(fleet)).toEqual([])
    const check = checkFleet({ maxConnections: 180, ...fleet.highest })
    // 2 tasks × 9, and one run of the seed with 9; a deploy adds 2 × 9, for 200 % of 2 tasks are 4.
    expect([check.total, check.deploy.total]).toEqual([27, 45])
  })

  test("is unknown until the server is asked, and red where even its memory has no room", async () => {
    const check = async (size: string, ...flags: string[]) => {
      const files = { "plan.json": firstPlan(stack({ PRISMA_POOL_SIZE: size })) }
      return (await command(["check", "--terraform", "plan.json", ...flags], { files })).code
    }
    expect(await check("9")).toBe(2)
    expect(await check("9", "--max-connections", "180")).toBe(0)
    expect(await check("80")).toBe(1)
  })
})

describe("Fargate with scaling targets for each service, a container that migrates first, and MySQL", () => {
  const url = "mysql://root:pw@shop.c1.eu-west-3.rds.amazonaws.com:3306/shop"
  const backend = (databaseUrl: string) =>
    taskDefinition("backend", [
      ecsContainer(
        "backend",
        { DATABASE_URL: databaseUrl },
        {
          dependsOn: [{ containerName: "backend-migrate", condition: "SUCCESS" }],
        },
      ),
      ecsContainer(
        "backend-migrate",
        { DATABASE_URL: databaseUrl },
        {
          essential: false,
          command: ["yarn", "prisma", "migrate", "deploy"],
        },
      ),
    ])
  const scaled = (key: string): StackResource => ({
    ...scalingTarget("default", { max_capacity: 3, min_capacity: 1, resource_id: `service/main/${key}` }),
    address: `aws_appautoscaling_target.default["${key}"]`,
    expressions: { resource_id: refersTo("aws_ecs_cluster.main.name", "each.value") },
  })
  const policy = (key: string) =>
    created(
      `aws_appautoscaling_policy.cpu["${key}"]`,
      { name: `${key}-cpu`, policy_type: "TargetTrackingScaling", resource_id: `service/main/${key}` },
      { alarm_arns: true, arn: true },
      { resource_id: refersTo("aws_appautoscaling_target.default", "each.key") },
    )
  const stack = (databaseUrl: string): readonly StackResource[] => [
    ecsCluster(),
    ...RIGHTS,
    ...LOGS,
    backend(databaseUrl),
    ecsService("backend", { name: "Backend", desired_count: 1 }),
    taskDefinition("frontend", [ecsContainer("frontend", { API_URL: "https://api.example.org" })]),
    ecsService("frontend", { name: "Frontend", desired_count: 1 }),
    ...["Backend", "Frontend"].flatMap((key) => [scaled(key), policy(key)]),
  ]
  const mysql = rdsInstance("100", { engine: "mysql", engine_version: "8.0" })

  test("drops out, server and services", () => {
    const fleet = fleetFromTerraform(firstPlan([...mysql, ...stack(url)]))
    expect(connecting(fleet)).toEqual([])
    expect(fleet.servers).toEqual([])
    expect(fleet.unknowns.map(({ cause }) => cause)).toEqual(["ceiling"])
  })

  test("drops out beside a fleet on PostgreSQL", () => {
    const postgres = [
      ...rdsInstance("100"),
      taskDefinition("core", [
        ecsContainer("core", { DATABASE_URL: `postgresql://app:pw@${DATABASE}/core?connection_limit=5` }),
      ]),
      ecsService("core"),
    ]
    const [shop] = mysql
    const other = { ...(shop as StackResource), address: "aws_db_instance.shop" }
    const fleet = fleetFromTerraform(firstPlan([...postgres, other, ...stack(url)]))
    expect(connecting(fleet)).toEqual(["aws_ecs_service.core"])
    expect(fleet.unknowns).toEqual([])
  })

  test("on PostgreSQL has a sum, added up by hand", () => {
    const own = `postgresql://app:pw@${DATABASE}:5432/core?connection_limit=6`
    const fleet = fleetFromTerraform(firstPlan([...rdsInstance("100"), ...stack(own)]))
    expect(unknownNames(fleet)).toEqual([])
    const check = checkFleet({ maxConnections: 100, ...fleet.highest })
    // Up to 3 tasks × 6, whose migrations have ended when they start; a deploy adds 3 × 6.
    expect([check.total, check.deploy.total]).toEqual([18, 36])
  })
})

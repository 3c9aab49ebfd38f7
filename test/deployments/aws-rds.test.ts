import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { highestOfFormula } from "../../src/deployments/platforms/aws-memory-formula.ts"
import { command } from "../support/command.ts"
import { constant, created, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { state } from "../support/terraform-plan.ts"
import {
  connects,
  DATABASE,
  ecsCluster,
  ecsContainer,
  ecsService,
  lambdaFunction,
  rdsInstance,
  taskDefinition,
} from "./stacks/aws.ts"

const core = "aws_db_instance.core"

function ceiling(resources: readonly StackResource[], options?: DeploymentOptions) {
  const { maxConnections, maxConnectionsAtMost, servers, unknowns, assumptions } = fleetFromTerraform(
    firstPlan(resources),
    options,
  )
  return {
    maxConnections,
    atMost: maxConnectionsAtMost,
    servers: servers.map(({ address }) => address),
    problems: unknowns.filter(({ cause }) => cause === "ceiling").map(({ problem }) => problem),
    assumed: assumptions.map(({ assumed }) => assumed),
  }
}

const COMPUTED = "is computed from the memory of the instance, because its parameter group does not set it"

describe("an instance of RDS", () => {
  test("has the number of its parameter group, its class and its host", () => {
    const { maxConnections, servers, unknowns } = fleetFromTerraform(firstPlan(rdsInstance("350")))
    expect(maxConnections).toBe(350)
    expect(servers).toEqual([{ address: core, maxConnections: 350, nodeType: "db.t4g.medium" }])
    expect(unknowns).toEqual([])
  })

  test("is found by its address", () => {
    const service = [taskDefinition("api", [ecsContainer("api", connects(10))]), ecsService("api")]
    expect(fleetFromTerraform(firstPlan([...rdsInstance("350"), ...service])).unknowns).toEqual([])
    const [other, ...group] = rdsInstance("350", {
      address: "other.c1.eu-west-3.rds.amazonaws.com",
      endpoint: "other.c1.eu-west-3.rds.amazonaws.com:5432",
    })
    const fleet = fleetFromTerraform(firstPlan([other as StackResource, ...group, ...service]))
    expect(fleet.unknowns).toMatchObject([{ cause: "host", name: "aws_ecs_service.api" }])
  })

  test("has at most what its class has the memory for, where its group does not say", () => {
    expect(ceiling(rdsInstance(undefined))).toMatchObject({
      maxConnections: undefined,
      atMost: 450,
      problems: [COMPUTED],
    })
  })

  test.each<[instanceClass: string, most: number]>([
    ["db.t4g.micro", 112],
    ["db.t3.small", 225],
    ["db.t4g.large", 901],
    ["db.m6g.large", 901],
    ["db.m7i.xlarge", 1_802],
    ["db.r6g.large", 1_802],
    ["db.r4.large", 1_802],
    ["db.c6gd.large", 450],
    ["db.x2g.large", 3_604],
    ["db.r8g.48xlarge", 5_000],
    ["db.x1e.xlarge", 5_000],
    ["db.unheard", 5_000],
  ])("of class %s has at most %i", (instance_class, most) => {
    expect(ceiling(rdsInstance(undefined, { instance_class })).atMost).toBe(most)
  })

  test.each<[formula: string, most: number | undefined]>([
    ["LEAST({DBInstanceClassMemory/9531392},5000)", 450],
    ["least( {DBInstanceClassMemory/9531392} , 300 )", 300],
    ["{DBInstanceClassMemory/16777216}", 256],
    ["GREATEST({DBInstanceClassMemory/16777216},400)", 400],
    ["SUM({DBInstanceClassMemory/16777216},10)", 266],
    ["{DBInstanceClassMemory*3/50331648}", 256],
    ["{DBInstanceVCPU*100}", undefined],
    ["{1000000/DBInstanceClassMemory}", undefined],
    ["LEAST({DBInstanceClassMemory/9531392},5000", undefined],
    ["{DBInstanceClassMemory/0}", undefined],
    ["many", undefined],
    ["0", undefined],
  ])("with the formula %s has at most %s", (formula, most) => {
    expect(ceiling(rdsInstance(formula))).toMatchObject({ maxConnections: undefined, atMost: most })
  })

  test("a formula as long as it likes is read in time", () => {
    expect(highestOfFormula("LEAST(".repeat(100_000), 1)).toBeUndefined()
  })

  describe("that is created", () => {
    const own = (values: object, unknown: object, expressions: object) =>
      created(
        core,
        { engine: "postgres", identifier: "core", instance_class: "db.t4g.medium", ...values },
        { address: true, arn: true, endpoint: true, parameter_group_name: true, ...unknown },
        { identifier: constant("core"), ...expressions },
      )
    const group = (parameter: object, unknown: object = {}) =>
      created(
        "aws_db_parameter_group.core",
        { family: "postgres17", parameter: [parameter] },
        { arn: true, name: true, name_prefix: true, ...unknown },
        { parameter: [{ name: constant("max_connections"), value: refersTo("var.max") }] },
      )
    const named = { parameter_group_name: refersTo("aws_db_parameter_group.core.name") }

    test("has the default group, if it names none", () => {
      expect(ceiling([own({}, {}, {})])).toMatchObject({ atMost: 450, problems: [COMPUTED] })
    })

    test("has the group of its expression", () => {
      const parameter = { name: "max_connections", value: "200", apply_method: "pending-reboot" }
      expect(ceiling([own({}, {}, named), group(parameter)]).maxConnections).toBe(200)
    })

    test("has an unknown number where that of its group is known only after apply", () => {
      const later = group({ name: "max_connections" }, { parameter: [{ value: true }] })
      expect(ceiling([own({}, {}, named), later])).toMatchObject({
        atMost: undefined,
        problems: ["max_connections of its parameter group is known only after apply"],
      })
    })

    test("has an unknown number where its group is in no document", () => {
      expect(ceiling([own({ parameter_group_name: "shared" }, {}, named)])).toMatchObject({
        atMost: undefined,
        problems: ["has a parameter group that is not in these documents"],
      })
    })

    test("has the default of a group that sets something else", () => {
      expect(ceiling([own({}, {}, named), group({ name: "work_mem", value: "4096" })]).atMost).toBe(450)
    })
  })

  test("keeps its number until it is restarted, if a plan raises it", () => {
    const [server, group] = rdsInstance("400")
    const before = {
      ...group?.values,
      parameter: [{ apply_method: "pending-reboot", name: "max_connections", value: "100" }],
    }
    const raised = { ...(group as StackResource), before, actions: ["update"] }
    expect(ceiling([server as StackResource, raised])).toMatchObject({
      maxConnections: 100,
      assumed: ["100, as before this plan: the new value 400 counts after a restart"],
    })
    const lowered = {
      ...raised,
      before: { ...before, parameter: [{ name: "max_connections", value: "900" }] },
    }
    expect(ceiling([server as StackResource, lowered]).maxConnections).toBe(400)
  })

  test.each(["mysql", "mariadb", "oracle-se2", "sqlserver-ex"])("of %s is no PostgreSQL server", (engine) => {
    expect(ceiling(rdsInstance("100", { engine })).servers).toEqual([])
  })

  test("has replicas, which are not where a database is written to", () => {
    const replica = (engine?: string): StackResource => ({
      address: "aws_db_instance.replica",
      values: {
        identifier: "replica",
        replicate_source_db: "core",
        instance_class: "db.t4g.micro",
        ...(engine === undefined ? {} : { engine }),
      },
    })
    expect(ceiling([...rdsInstance("350"), replica()])).toMatchObject({
      maxConnections: 350,
      servers: [core, "aws_db_instance.replica"],
    })
    expect(ceiling([...rdsInstance("350"), replica()], { server: "aws_db_instance.replica" }).atMost).toBe(
      112,
    )
    expect(ceiling([...rdsInstance("350", { engine: "mysql" }), replica()]).servers).toEqual([])
  })

  test("that one plan creates and another reads is one", () => {
    const arn = "arn:aws:rds:eu-west-3:1:db:core"
    const read: StackResource = {
      address: `data.${core}`,
      mode: "data",
      values: {
        id: "core",
        db_instance_arn: arn,
        engine: "postgres",
        db_instance_class: "db.t4g.medium",
        db_parameter_groups: ["core-17"],
        address: DATABASE,
      },
    }
    const plans = [firstPlan(rdsInstance("350", { arn })), firstPlan([read])]
    const { maxConnections, servers } = fleetFromTerraform(plans)
    expect([maxConnections, servers.length]).toEqual([350, 1])
    expect(ceiling([read]).problems).toEqual(["has a parameter group that is not in these documents"])
    const byDefault = { ...read, values: { ...read.values, db_parameter_groups: ["default.postgres17"] } }
    expect(ceiling([byDefault]).atMost).toBe(450)
  })

  test("of a state has what it has now", () => {
    expect(fleetFromTerraform(state(rdsInstance("350"))).maxConnections).toBe(350)
  })
})

describe("a cluster of Aurora", () => {
  const main = "aws_rds_cluster.main"
  const cluster = (values: object = {}, unknown: object = {}): StackResource =>
    created(
      main,
      {
        cluster_identifier: "main",
        engine: "aurora-postgresql",
        engine_mode: "provisioned",
        endpoint: "main.cluster-x.rds.amazonaws.com",
        reader_endpoint: "main.cluster-ro-x.rds.amazonaws.com",
        ...values,
      },
      { arn: true, db_cluster_parameter_group_name: true, ...unknown },
      { cluster_identifier: constant("main") },
    )
  const member = (name: string, instance_class: string, values: object = {}, expressions: object = {}) =>
    created(
      `aws_rds_cluster_instance.${name}`,
      {
        identifier: name,
        engine: "aurora-postgresql",
        instance_class,
        endpoint: `${name}.x.rds.amazonaws.com`,
        ...values,
      },
      { arn: true, cluster_identifier: true, db_parameter_group_name: true, writer: true },
      { cluster_identifier: refersTo(`${main}.id`), ...expressions },
    )
  const group = (type: string, value: string) =>
    created(
      `${type}.main`,
      { name: "custom", parameter: [{ name: "max_connections", value }] },
      { arn: true },
    )

  test("with one instance has that instance's ceiling", () => {
    const single = ceiling([cluster(), member("a", "db.r6g.large")])
    expect(single).toMatchObject({ servers: [main], atMost: 1_802, problems: [COMPUTED] })
  })

  test("with readers has the lowest of all, for each may become the writer", () => {
    const several = ceiling([cluster(), member("a", "db.r6g.large"), member("b", "db.t4g.medium")])
    expect(several.servers).toEqual([main, "aws_rds_cluster_instance.a", "aws_rds_cluster_instance.b"])
    expect(several.atMost).toBe(450)
  })

  test("has readers with a ceiling of their own", () => {
    const resources = [cluster(), member("a", "db.r6g.large"), member("b", "db.t4g.medium")]
    expect(ceiling(resources, { server: "aws_rds_cluster_instance.a" }).atMost).toBe(1_802)
    expect(ceiling(resources, { server: "aws_rds_cluster_instance.b" }).atMost).toBe(450)
  })

  test("has the number of its parameter group, unless an instance has its own", () => {
    const all = [
      cluster({ db_cluster_parameter_group_name: "custom" }),
      group("aws_rds_cluster_parameter_group", "600"),
      member("a", "db.r6g.large"),
    ]
    expect(ceiling(all).maxConnections).toBe(600)
    const own = member("b", "db.r6g.large", { db_parameter_group_name: "custom" })
    expect(ceiling([...all, own, group("aws_db_parameter_group", "300")]).maxConnections).toBe(300)
  })

  test.each<[min: number, max: number, most: number]>([
    [1, 4, 901],
    [2, 16, 3_604],
    [1, 64, 5_000],
    [0.5, 64, 2_000],
    [0, 64, 2_000],
    [0.5, 4, 901],
  ])("of serverless v2 with %d to %d units has at most %i", (min_capacity, max_capacity, most) => {
    const serverlessv2_scaling_configuration = [{ min_capacity, max_capacity }]
    const own = cluster({ serverlessv2_scaling_configuration })
    expect(ceiling([own, member("a", "db.serverless")]).atMost).toBe(most)
    const stated = cluster({ serverlessv2_scaling_configuration, db_cluster_parameter_group_name: "custom" })
    const parameters = group("aws_rds_cluster_parameter_group", "3000")
    expect(ceiling([stated, parameters, member("a", "db.serverless")]).maxConnections).toBe(
      min_capacity <= 0.5 ? 2_000 : 3_000,
    )
  })

  test("without instances is unknown, unless its class is its own", () => {
    expect(ceiling([cluster()])).toMatchObject({
      atMost: undefined,
      problems: ["has no instances in these documents"],
    })
    expect(
      ceiling([cluster({ engine: "postgres", db_cluster_instance_class: "db.m6gd.large" })]).atMost,
    ).toBe(901)
  })

  test("of MySQL is no PostgreSQL server, nor are its instances", () => {
    const engine = "aurora-mysql"
    const members = [member("a", "db.r6g.large", { engine }), member("b", "db.r6g.large", { engine })]
    expect(ceiling([cluster({ engine }), ...members]).servers).toEqual([])
  })
})

test.each<[tasks: number, code: number]>([
  [2, 2],
  [30, 1],
])("%i tasks of 10 on a server of at most 450 are %i", async (desired_count, code) => {
  const resources = [
    ...rdsInstance(undefined),
    ecsCluster(),
    taskDefinition("api", [ecsContainer("api", connects(10))]),
    ecsService("api", { desired_count }),
  ]
  const files = { "plan.json": firstPlan(resources) }
  const checked = await command(["check", "--terraform", "plan.json"], { files })
  expect(checked.code).toBe(code)
  expect(checked.out).toContain(`${core}`)
  const asked = await command(["check", "--terraform", "plan.json", "--max-connections", "405"], { files })
  expect(asked.code).toBe(code === 2 ? 0 : 1)
})

test("RDS and Aurora keep 2 slots beyond those of PostgreSQL", () => {
  expect(fleetFromTerraform(firstPlan(rdsInstance("200"))).providerReserved).toBe(2)
})

describe("an RDS Proxy", () => {
  const PROXY = "core.proxy-x.eu-west-3.rds.amazonaws.com"
  const URL = `postgresql://app:pw@${PROXY}:5432/core`
  const proxy = (percent: number | null): readonly StackResource[] => [
    created(
      "aws_db_proxy.core",
      { name: "core", engine_family: "POSTGRESQL", endpoint: PROXY, auth: [{ iam_auth: "DISABLED" }] },
      { arn: true, role_arn: true, vpc_subnet_ids: true },
      { name: constant("core") },
    ),
    created(
      "aws_db_proxy_default_target_group.core",
      {
        db_proxy_name: "core",
        connection_pool_config: percent === null ? [] : [{ max_connections_percent: percent }],
      },
      { arn: true, name: true },
      { db_proxy_name: refersTo("aws_db_proxy.core.name") },
    ),
    created(
      "aws_db_proxy_target.core",
      { db_proxy_name: "core", db_instance_identifier: "core", target_group_name: "default" },
      { endpoint: true, rds_resource_id: true },
      { db_proxy_name: refersTo("aws_db_proxy.core.name") },
    ),
  ]
  const service = (url: string) => [
    taskDefinition("api", [ecsContainer("api", connects(10, { DATABASE_URL_CORE: url }))]),
    ecsService("api", { desired_count: 50 }),
  ]
  const read = (resources: readonly StackResource[], options?: DeploymentOptions) =>
    fleetFromTerraform(firstPlan(resources), options)

  test.each<[percent: number | null, connections: number]>([
    [60, 120],
    [1, 2],
    // No more than ordinary roles may use.
    [100, 195],
    [null, 195],
  ])("with max_connections_percent %s holds %i of 200, whatever its clients open", (percent, connections) => {
    const fleet = read([...rdsInstance("200"), ...proxy(percent), ...service(URL)])
    expect(fleet.highest.consumers).toEqual({
      "aws_db_proxy.core": { instances: connections, surge: 0, poolSize: 1, poolsPerInstance: 1 },
    })
    expect(fleet.unknowns).toEqual([])
    expect(fleet.assumptions).toMatchObject([{ name: "aws_db_proxy.core" }])
  })

  test("and where an address in parts leads to it, the same", () => {
    const task = taskDefinition("api", [ecsContainer("api", { DB_HOST: PROXY, DB_NAME: "core" })])
    const fleet = read([...rdsInstance("200"), ...proxy(50), ecsCluster(), task, ecsService("api")], {
      markers: ["DB_HOST"],
    })
    expect(Object.keys(fleet.highest.consumers)).toEqual(["aws_db_proxy.core"])
    expect(fleet.highest.consumers["aws_db_proxy.core"]?.instances).toBe(100)
    // Two tasks, with 15 each by default.
    expect(fleet.lowest.consumers["aws_db_proxy.core"]?.instances).toBe(30)
  })

  test("holds at the least what its clients open, and at the most its share", () => {
    const few = [
      taskDefinition("api", [ecsContainer("api", connects(10, { DATABASE_URL_CORE: URL }))]),
      ecsService("api", { desired_count: 2 }),
    ]
    const { lowest, highest, unknowns } = read([...rdsInstance("200"), ...proxy(60), ...few])
    const at = ({ consumers }: typeof lowest) => consumers["aws_db_proxy.core"]?.instances
    expect([at(lowest), at(highest)]).toEqual([20, 120])
    expect(unknowns).toMatchObject([
      {
        name: "aws_db_proxy.core",
        problem: "holds as many connections as its clients use at a time, up to its share",
        between: "20 to 120 connections",
      },
    ])
    const any = lambdaFunction("mails", connects(1, { DATABASE_URL_CORE: URL }))
    expect(at(read([...rdsInstance("200"), ...proxy(60), any]).lowest)).toBe(0)
  })

  test("holds what an override says", () => {
    const override = { "aws_db_proxy.core": { instances: 40, reason: "the most in CloudWatch" } }
    const { lowest, highest, explicit, unknowns, warnings } = read(
      [...rdsInstance("200"), ...proxy(60), ...service(URL)],
      { override },
    )
    const at = ({ consumers }: typeof lowest) => consumers["aws_db_proxy.core"]?.instances
    expect([at(lowest), at(highest)]).toEqual([40, 40])
    expect(explicit).toEqual([
      { name: "aws_db_proxy.core.instances", value: 40, reason: "the most in CloudWatch" },
    ])
    expect([unknowns, warnings]).toEqual([[], []])
  })

  test("has no other field to override", () => {
    const override = { "aws_db_proxy.core": { poolSize: 40, reason: "x" } }
    expect(() => read([...rdsInstance("200"), ...proxy(60), ...service(URL)], { override })).toThrow(
      "override.aws_db_proxy.core.poolSize: is not a field of a pooler",
    )
  })

  test("that no counted URL leads to has nothing to override, and neither has a server", () => {
    const reason = "x"
    const override = { "aws_db_proxy.core": { instances: 1, reason }, [core]: { poolSize: 1, reason } }
    const { warnings } = read([...rdsInstance("200"), ...proxy(60)], { override })
    expect(warnings).toEqual(
      [core, "aws_db_proxy.core"].map(
        (address) => `override: ${address} opens no pool that is counted, so that nothing of it changes`,
      ),
    )
  })

  test("that is excluded is left out with its clients, and is listed", () => {
    const exclude = { "aws_db_proxy.core": "counted by hand" }
    const fleet = read([...rdsInstance("200"), ...proxy(60), ...service(URL)], { exclude })
    expect(fleet.highest.consumers).toEqual({})
    expect(fleet.excluded).toEqual([{ address: "aws_db_proxy.core", reason: "counted by hand" }])
  })

  test("holds its share of a ceiling that is given", () => {
    const { lowest } = read([...rdsInstance(undefined), ...proxy(50), ...service(URL)], {
      maxConnections: 300,
    })
    expect(lowest.consumers["aws_db_proxy.core"]?.instances).toBe(150)
  })

  test("holds at most its share of the most that the server may have", () => {
    const { lowest, highest } = read([...rdsInstance(undefined), ...proxy(50), ...service(URL)])
    const [low, high] = [lowest, highest].map(({ consumers }) => consumers["aws_db_proxy.core"]?.instances)
    expect([low, high]).toEqual([1, 225])
  })

  test("counts nothing where no URL is seen to lead to it", () => {
    const direct = read([
      ...rdsInstance("200"),
      ...proxy(60),
      ...service(`postgresql://app:pw@${DATABASE}/core`),
    ])
    expect(Object.keys(direct.highest.consumers)).toEqual(["aws_ecs_service.api"])
  })
})

import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { readFleetConfig } from "../../src/declaration/read-fleet-config.ts"
import { type Verdict, verdictOf } from "../../src/declaration/verdict.ts"
import { readCompose } from "../../src/deployments/compose/compose-reader.ts"
import { readKubernetes } from "../../src/deployments/kubernetes/kubernetes-reader.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { constant, created, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { container, namespace } from "./resources.ts"
import { connects, DATABASE, ecsContainer, ecsService, rdsInstance, taskDefinition } from "./stacks/aws.ts"

// What one reader finds, and another one uses.

/** Terraform plans, Kubernetes objects and compose files. */
interface Documents {
  readonly plans?: readonly object[]
  readonly objects?: readonly object[]
  readonly files?: readonly object[]
}

/** The verdict of each server, with its lowest and its highest steady total, and the names of what is unknown. */
function judged(config: FleetConfig, { plans = [], objects = [], files = [] }: Documents) {
  const count = plans.length + files.length + objects.length
  const named = (documents: readonly object[], format: string) =>
    documents.map((json, index) => ({
      name: count > 1 ? `${format}-${index}` : "",
      json,
    }))
  const terraform = readTerraform(named(plans, "plan"))
  const documents = objects.map((value) => ({ value, placeOf: (path: string) => path }))
  const readers = [
    ...(plans.length > 0 ? [terraform] : []),
    ...(objects.length > 0 ? [readKubernetes(documents, undefined, [], terraform.objects)] : []),
    ...(files.length > 0 ? [readCompose(named(files, "compose"))] : []),
  ]
  const bounds = findFleetBounds(readFleetConfig(config), readers)
  return bounds.map(([, range]): [Verdict["verdict"], lowest: number, highest: number, string[]] => {
    const { verdict, lowest, highest } = verdictOf(range, { deploy: "warn" })
    return [verdict, lowest.total, highest.total, range.unknowns.map(({ name }) => name)]
  })
}

const service = (name: string, variables: Readonly<Record<string, string>>, instances = 2) => [
  taskDefinition(name, [ecsContainer(name, variables)]),
  ecsService(name, { desired_count: instances }),
]

describe("an RDS Proxy", () => {
  const HOST = "core.proxy-x.eu-west-3.rds.amazonaws.com"
  const URL = `postgresql://app:pw@${HOST}:5432/core`
  const proxy = (percent: number) => [
    created(
      "aws_db_proxy.core",
      { name: "core", engine_family: "POSTGRESQL", endpoint: HOST, auth: [] },
      { arn: true },
      { name: constant("core") },
    ),
    created(
      "aws_db_proxy_default_target_group.core",
      { db_proxy_name: "core", connection_pool_config: [{ max_connections_percent: percent }] },
      { arn: true },
      { db_proxy_name: refersTo("aws_db_proxy.core.name") },
    ),
    created(
      "aws_db_proxy_target.core",
      { db_proxy_name: "core", db_instance_identifier: "core", target_group_name: "default" },
      { endpoint: true },
      { db_proxy_name: refersTo("aws_db_proxy.core.name") },
    ),
  ]
  const second = (): StackResource[] => {
    const host = "second.c1.eu-west-3.rds.amazonaws.com"
    const values = { address: host, endpoint: `${host}:5432`, id: "db-SECOND", identifier: "second" }
    return rdsInstance("200", values).flatMap((each) =>
      each.address === "aws_db_instance.core" ? [{ ...each, address: "aws_db_instance.second" }] : [],
    )
  }
  const through = (instances: number) => service("api", connects(10, { DATABASE_URL_CORE: URL }), instances)

  test.each<[what: string, resources: readonly StackResource[], unknown: string]>([
    ["variable", service("report", { REPORTS_URL: URL }), "aws_ecs_service.report.REPORTS_URL"],
    [
      "resource of a type that is not read",
      [created("aws_instance.report", { user_data: `run ${URL}` }, {})],
      "aws_instance.report",
    ],
  ])("to which only a URL in a %s leads is no other server", (_, resources, unknown) => {
    const direct = [...rdsInstance("100"), ...proxy(90), ...service("api", connects(10))]
    expect(judged({}, { plans: [firstPlan([...direct, ...resources])] })).toEqual([
      ["unknown", 20, 20, [unknown]],
    ])
  })

  test("that is counted holds what other variables open through it", () => {
    const both = [...through(2), ...service("report", { REPORTS_URL: URL })]
    expect(judged({}, { plans: [firstPlan([...rdsInstance("100"), ...proxy(50), ...both])] })).toEqual([
      ["fits", 20, 50, ["aws_db_proxy.core"]],
    ])
  })

  test("in front of one of several checked servers holds nothing on the others", () => {
    const direct = connects(10, {
      DATABASE_URL_CORE: `postgresql://u@second.c1.eu-west-3.rds.amazonaws.com/x`,
    })
    const resources = [
      ...rdsInstance("100"),
      ...proxy(50),
      ...second(),
      ...through(50),
      ...service("web", direct),
    ]
    const servers = { core: { server: "aws_db_instance.core" }, second: { server: "aws_db_instance.second" } }
    expect(judged({ servers }, { plans: [firstPlan(resources)] })).toEqual([
      ["fits", 50, 50, []],
      ["fits", 20, 20, []],
    ])
  })

  test("may be where a hidden URL leads, so that its clients are not too many for certain", () => {
    const { DATABASE_URL_CORE: _, ...variables } = connects(10)
    const secrets = [{ name: "DATABASE_URL_CORE", valueFrom: "arn:aws:ssm:eu-west-3:1:parameter/url" }]
    const hidden = (instances: number) => [
      taskDefinition("api", [ecsContainer("api", variables, { secrets })]),
      ecsService("api", { desired_count: instances }),
    ]
    const url = "aws_ecs_service.api.DATABASE_URL_CORE"
    const read = (...resources: StackResource[]) =>
      judged({}, { plans: [firstPlan([...rdsInstance("100"), ...resources])] })
    expect(read(...proxy(50), ...hidden(50))).toEqual([["unknown", 0, 500, [url]]])
    expect(read(...proxy(50), ...hidden(5))).toEqual([["fits", 0, 50, [url]]])
    expect(read(...hidden(50))).toEqual([["does not fit", 500, 500, []]])
  })

  test("in front of one of several servers, none of which is chosen, may hold nothing", () => {
    const resources = [...rdsInstance("100"), ...proxy(50), ...second(), ...through(50)]
    expect(judged({}, { plans: [firstPlan(resources)] })).toEqual([
      ["unknown", 0, 50, ["aws_db_proxy.core", "max_connections"]],
    ])
    // Its share is of the given ceiling.
    expect(judged({ maxConnections: 60 }, { plans: [firstPlan(resources)] })).toEqual([
      ["fits", 0, 30, ["aws_db_proxy.core"]],
    ])
    const direct = service("web", connects(20))
    expect(judged({ maxConnections: 60 }, { plans: [firstPlan([...resources, ...direct])] })).toEqual([
      ["unknown", 40, 70, ["aws_db_proxy.core"]],
    ])
  })
})

describe("a host name that two networks have", () => {
  const url = (host: string) => `postgresql://app:pw@${host}:5432/core`
  const variables = (host: string, size: number) => ({
    DATABASE_URL_CORE: url(host),
    PRISMA_POOL_SIZE_CORE: String(size),
  })
  const object = (apiVersion: string, kind: string, namespace: string, name: string, spec: object) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec,
  })
  const api = (namespace: string, host: string, size: number) =>
    object("apps/v1", "Deployment", namespace, "api", {
      replicas: 1,
      template: {
        spec: {
          containers: [
            {
              name: "api",
              image: "shop:1",
              env: Object.entries(variables(host, size)).map(([name, value]) => ({ name, value })),
            },
          ],
        },
      },
    })
  const database = (namespace: string, maxConnections: number) => [
    object("v1", "Service", namespace, "db", { selector: { app: "db" } }),
    object("apps/v1", "StatefulSet", namespace, "db", {
      replicas: 1,
      serviceName: "db",
      template: {
        metadata: { labels: { app: "db" } },
        spec: {
          containers: [
            { name: "db", image: "postgres:17", args: ["-c", `max_connections=${maxConnections}`] },
          ],
        },
      },
    }),
  ]
  const external = (namespace: string, name: string, externalName: string) =>
    object("v1", "Service", namespace, name, { type: "ExternalName", externalName })
  const server = "prod/statefulset/db"

  test.each(["db", "db.staging", "db.staging.svc", "db-0.db", "db.staging.svc.cluster.local."])(
    "leads from %s of a namespace to its own server",
    (host) => {
      const objects = [...database("prod", 100), ...database("staging", 300), api("prod", "db", 10)]
      const servers = { prod: { server }, staging: { server: "staging/statefulset/db" } }
      expect(judged({ servers }, { objects: [...objects, api("staging", host, 200)] })).toEqual([
        ["fits", 10, 10, []],
        ["fits", 200, 200, []],
      ])
    },
  )

  test("and that is no Service of the pod's namespace leads to no server of another", () => {
    const objects = [...database("prod", 500), api("prod", "db", 10), api("staging", "db", 200)]
    const b = { maxConnections: 100, consumers: { metabase: { instances: 1, poolSize: 1, surge: 0 } } }
    expect(judged({ servers: { a: { server }, b: { ...b, hosts: ["db.staging"] } } }, { objects })).toEqual([
      ["fits", 10, 10, []],
      ["does not fit", 201, 201, []],
    ])
    const perhaps = ["staging/deployment/api.DATABASE_URL_CORE", "staging/deployment/api"]
    expect(judged({ servers: { a: { server }, b: { ...b, hosts: ["10.0.0.5"] } } }, { objects })).toEqual([
      ["unknown", 10, 210, perhaps],
      ["unknown", 1, 201, perhaps],
    ])
    expect(judged({}, { objects })).toEqual([["unknown", 210, 210, ["staging/deployment/api"]]])
    // Whoever gives the name says whose it is.
    expect(judged({ deployments: { hosts: ["db"] } }, { objects })).toEqual([["fits", 210, 210, []]])
  })

  test("and that stands for another host leads to that host's server", () => {
    const plans = [firstPlan(rdsInstance("100"))]
    const objects = [...database("prod", 500), external("staging", "db", DATABASE), api("staging", "db", 96)]
    const servers = { cluster: { server }, rds: { server: "aws_db_instance.core" } }
    expect(judged({ servers }, { plans, objects: [...objects, api("prod", "db", 10)] })).toEqual([
      ["fits", 10, 10, []],
      ["does not fit", 96, 96, []],
    ])
  })

  test("follows names that stand for others, and gives up where they go round", () => {
    const alias = [external("web", "pg", "db.web"), external("web", "db", "db.prod.svc.cluster.local")]
    const objects = [...database("prod", 100), ...alias, api("web", "pg", 10)]
    expect(judged({}, { objects })).toEqual([["fits", 10, 10, []]])
    const round = [external("web", "pg", "db.web"), external("web", "db", "pg.web"), api("web", "pg", 10)]
    expect(judged({}, { objects: [...database("prod", 100), ...round] })).toEqual([
      ["unknown", 10, 10, ["web/deployment/api"]],
    ])
  })

  test("leads to the server of the pods' cluster where no namespace is known", () => {
    const { metadata: _, ...rest } = api("", "db", 10)
    const objects = [...database("prod", 100), { ...rest, metadata: { name: "api" } }]
    expect(judged({}, { objects })).toEqual([["fits", 10, 10, []]])
  })

  test("leads from an object of a kind that is not read to its own server", () => {
    const unread = (namespace: string) =>
      object("example.org/v1", "Report", namespace, "report", { url: url("db") })
    const objects = [...database("prod", 100), api("prod", "db", 10)]
    expect(judged({}, { objects: [...objects, unread("prod")] })).toEqual([
      ["unknown", 10, 10, ["prod/report/report"]],
    ])
    expect(judged({}, { objects: [...objects, unread("staging")] })).toEqual([["fits", 10, 10, []]])
  })

  describe("as services of compose files", () => {
    const file = (name: string, services: object) => ({ name, services })
    const app = (size: number) => ({ api: { image: "shop:1", environment: variables("db", size) } })
    const own = (maxConnections: number) => ({
      db: { image: "postgres:17", command: ["postgres", "-c", `max_connections=${maxConnections}`] },
    })

    test("leads to the server of its own file", () => {
      const files = [file("a", { ...own(100), ...app(10) }), file("b", { ...own(300), ...app(200) })]
      const servers = { a: { server: "compose-0: service/db" }, b: { server: "compose-1: service/db" } }
      expect(judged({ servers }, { files })).toEqual([
        ["fits", 10, 10, []],
        ["fits", 200, 200, []],
      ])
    })

    test("leads to the only server of that name, in a network that the files share", () => {
      const files = [file("a", own(100)), file("b", app(10))]
      expect(judged({}, { files })).toEqual([["fits", 10, 10, []]])
    })

    test("leads to no server in a cluster", () => {
      const files = [file("a", { ...own(300), ...app(200) })]
      const objects = [...database("prod", 100), api("prod", "db", 10)]
      expect(judged({ servers: { a: { server: "service/db" }, b: { server } } }, { files, objects })).toEqual(
        [
          ["fits", 200, 200, []],
          ["fits", 10, 10, []],
        ],
      )
      expect(judged({ deployments: { server } }, { files: [file("a", app(200))], objects })).toEqual([
        ["does not fit", 210, 210, ["compose-0: service/api"]],
      ])
    })
  })
})

describe("the slots that a provider keeps", () => {
  const AZURE = "main.postgres.database.azure.com"
  const GOOGLE = "10.1.1.1"
  const id = "/subscriptions/s/servers/main"
  // 12 more than PostgreSQL's own three.
  const azure = [
    { address: "azurerm_postgresql_flexible_server.main", values: { id, name: "main", fqdn: AZURE } },
    {
      address: "azurerm_postgresql_flexible_server_configuration.most",
      values: { id: `${id}/most`, name: "max_connections", value: "100", server_id: id },
    },
  ]
  const google = {
    address: "google_sql_database_instance.main",
    values: {
      id: "main",
      database_version: "POSTGRES_17",
      public_ip_address: GOOGLE,
      settings: [{ database_flags: [{ name: "max_connections", value: "100" }] }],
    },
  }
  const api = (size: number, host: string) =>
    container("api", {
      environment_variables: {
        DATABASE_URL_CORE: `postgresql://app@${host}/core`,
        PRISMA_POOL_SIZE_CORE: String(size),
      },
    })
  const given = { maxConnections: 100 }
  const both = [...azure, google]

  test.each<[config: FleetConfig, servers: readonly object[], host: string, size: number, verdict: string]>([
    // Which server it is decides, and nobody says.
    [{}, both, GOOGLE, 95, "unknown"],
    [{}, both, GOOGLE, 98, "does not fit"],
    // A given ceiling is that of the server that the URL leads to.
    [given, both, GOOGLE, 95, "fits"],
    [given, both, AZURE, 85, "fits"],
    [given, both, AZURE, 86, "does not fit"],
    [given, azure, AZURE, 86, "does not fit"],
    // A host of none of them: another server, or another name of this one.
    [given, azure, "db.example.org", 85, "fits"],
    [given, azure, "db.example.org", 95, "unknown"],
    [given, azure, "db.example.org", 98, "does not fit"],
    [{ ...given, providerReserved: 0 }, azure, "db.example.org", 95, "fits"],
    [{ ...given, deployments: { hosts: ["db.example.org"] } }, azure, "db.example.org", 86, "does not fit"],
    [{ deployments: { server: "google_sql_database_instance.main" } }, both, GOOGLE, 95, "fits"],
  ])("count at both ends, case %$", (config, servers, host, size, verdict) => {
    const resources = [namespace, api(size, host), ...(servers as PlannedResource[])]
    expect(judged(config, { plans: [plan(resources)] }).map(([each]) => each)).toEqual([verdict])
  })
})

import { describe, expect, test } from "vitest"
import { type DeployedFleet, fleetFromKubernetes } from "../../src/deployments/index.ts"
import { connecting, unknownNames } from "./resources.ts"

type Values = Readonly<Record<string, unknown>>

const pod = (containers: readonly Values[], values: Values = {}) => ({
  template: { metadata: { labels: { app: "db" } }, spec: { containers, ...values } },
})

const statefulSet = (containers: readonly Values[], values: Values = {}, spec: Values = {}) => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "db", namespace: "prod" },
  spec: { serviceName: "db-nodes", replicas: 1, ...pod(containers, values), ...spec },
})

const service = (name: string, selector: Values, namespace = "prod") => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace },
  spec: { selector, ports: [{ port: 5432 }] },
})

const postgres = (values: Values = {}) => ({ name: "db", image: "postgres:17", ...values })

const client = (values: Values = {}, host = "db") => ({
  name: "api",
  image: "shop:1",
  env: [
    { name: "DATABASE_URL", value: `postgresql://app:pw@${host}:5432/shop` },
    { name: "PRISMA_POOL_SIZE", value: "10" },
  ],
  ...values,
})

const api = (host: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api", namespace: "prod" },
  spec: { template: { spec: { containers: [client({}, host)] } } },
})

/** The ceiling of a server, or the reason why it is not known. */
function ceiling(...objects: readonly object[]) {
  const fleet = fleetFromKubernetes(objects)
  return fleet.maxConnections ?? fleet.unknowns.map(({ name, problem }) => `${name} ${problem}`).join("; ")
}

const servers = (fleet: DeployedFleet) => fleet.servers.map(({ address }) => address)

const db = "prod/statefulset/db"

describe("a PostgreSQL server is", () => {
  test("a StatefulSet of its image, and no consumer", () => {
    const env = client({}, "localhost")["env"]
    const fleet = fleetFromKubernetes([
      statefulSet([postgres({ env, envFrom: [{ secretRef: { name: "x" } }] })]),
    ])
    expect(fleet.servers).toEqual([{ address: db, maxConnections: 100, nodeType: undefined }])
    expect(fleet.assumptions).toContainEqual({
      name: `${db}.max_connections`,
      assumed: "omitted: 100, the image's default",
      remedy: "Set it in the command (postgres -c max_connections=100), or give maxConnections",
    })
    expect([connecting(fleet), unknownNames(fleet)]).toEqual([[], []])
  })

  test.each(["Deployment", "ReplicaSet"])("a %s of its image", (kind) => {
    const { spec } = statefulSet([postgres()])
    const { serviceName: _, ...rest } = spec
    const object = { ...statefulSet([postgres()]), kind, spec: rest }
    expect(servers(fleetFromKubernetes([object]))).toEqual([`prod/${kind.toLowerCase()}/db`])
  })

  test.each([
    { command: ["pg_dump", "-f", "/backup/db.sql"] },
    { command: ["sh", "-c"], args: ["pg_dump $DATABASE_URL > /backup/db.sql"] },
    { command: ["bash", "/scripts/backup.sh"] },
  ])("not the backup job that has its image: it connects, %j", (start) => {
    const job = {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "backup", namespace: "prod" },
      spec: {
        schedule: "0 3 * * *",
        concurrencyPolicy: "Forbid",
        jobTemplate: { spec: pod([client({ image: "postgres:17", ...start })]) },
      },
    }
    const fleet = fleetFromKubernetes([statefulSet([postgres()]), service("db", { app: "db" }), job])
    expect([servers(fleet), connecting(fleet)]).toEqual([[db], ["prod/cronjob/backup"]])
  })

  test("not what runs beside it in its pod", () => {
    const fleet = fleetFromKubernetes([statefulSet([postgres(), client({}, "127.0.0.1")])])
    expect([servers(fleet), connecting(fleet)]).toEqual([[db], [db]])
  })

  test("not one that does not run", () => {
    expect(servers(fleetFromKubernetes([statefulSet([postgres()], {}, { replicas: 0 })]))).toEqual([])
  })
})

describe("its max_connections is", () => {
  test.each<[string, Values, number]>([
    ["in its arguments", { args: ["-c", "max_connections=200"] }, 200],
    ["in its command", { command: ["postgres", "-N", "150"] }, 150],
    [
      "in Bitnami's variable",
      { image: "bitnami/postgresql:17", env: [{ name: "POSTGRESQL_MAX_CONNECTIONS", value: "300" }] },
      300,
    ],
  ])("%s", (_, container, expected) => {
    expect(ceiling(statefulSet([postgres(container)]))).toBe(expected)
  })

  test.each<[string, Values, Values, RegExp]>([
    [
      "Bitnami's variable is in a Secret",
      {
        image: "bitnami/postgresql:17",
        env: [{ name: "POSTGRESQL_MAX_CONNECTIONS", valueFrom: { secretKeyRef: { name: "x", key: "y" } } }],
      },
      {},
      /^prod\/statefulset\/db has a POSTGRESQL_MAX_CONNECTIONS that cannot be seen$/,
    ],
    [
      "a ConfigMap is mounted where its configuration is",
      { volumeMounts: [{ name: "conf", mountPath: "/etc/postgresql" }] },
      { volumes: [{ name: "conf", configMap: { name: "db" } }] },
      /configuration file, which cannot be seen$/,
    ],
    [
      "a file is named",
      { args: ["-c", "config_file=/config/db.conf"] },
      {},
      /configuration file, which cannot be seen$/,
    ],
    [
      "it is no number",
      { args: ["-c", "max_connections=$(MAX)"] },
      {},
      /is not a whole number from 1 to 262143$/,
    ],
  ])("not known where %s", (_, container, spec, expected) => {
    expect(ceiling(statefulSet([postgres(container)], spec))).toMatch(expected)
  })

  test("its image's default where an empty directory is mounted there, as charts do", () => {
    const mount = { name: "empty", mountPath: "/opt/bitnami/postgresql/conf", subPath: "app-conf-dir" }
    const container = postgres({ image: "bitnami/postgresql:17", volumeMounts: [mount] })
    expect(ceiling(statefulSet([container], { volumes: [{ name: "empty", emptyDir: {} }] }))).toBe(100)
  })
})

describe("an operator's object is a server with", () => {
  const cluster = (apiVersion: string, kind: string, spec: Values) => ({
    apiVersion,
    kind,
    metadata: { name: "main", namespace: "prod" },
    spec,
  })
  const parameters = { max_connections: "250" }
  const cloudNativePg = cluster("postgresql.cnpg.io/v1", "Cluster", {
    instances: 3,
    postgresql: { parameters },
  })

  test.each<[string, object, string]>([
    ["CloudNativePG", cloudNativePg, "main-rw"],
    ["Zalando", cluster("acid.zalan.do/v1", "postgresql", { postgresql: { parameters } }), "main.prod"],
    [
      "Crunchy",
      cluster("postgres-operator.crunchydata.com/v1beta1", "PostgresCluster", {
        patroni: { dynamicConfiguration: { postgresql: { parameters } } },
      }),
      "main-primary.prod.svc",
    ],
  ])("its parameters and its service: %s", (_, object, host) => {
    const fleet = fleetFromKubernetes([object, api(host)])
    expect([fleet.maxConnections, connecting(fleet), unknownNames(fleet)]).toEqual([
      250,
      ["prod/deployment/api"],
      [],
    ])
  })

  test("the slots that its parameters keep, beyond the three of PostgreSQL", () => {
    const parameters = {
      max_connections: "200",
      superuser_reserved_connections: "8",
      reserved_connections: 2,
    }
    const { maxConnections, providerReserved } = fleetFromKubernetes([
      {
        apiVersion: "postgresql.cnpg.io/v1",
        kind: "Cluster",
        metadata: { name: "db", namespace: "prod" },
        spec: { postgresql: { parameters } },
      },
    ])
    expect([maxConnections, providerReserved]).toEqual([200, 7])
  })

  test("PostgreSQL's default where none is set", () => {
    const fleet = fleetFromKubernetes([cluster("postgresql.cnpg.io/v1", "Cluster", { instances: 1 })])
    expect([fleet.maxConnections, fleet.assumptions.map(({ assumed }) => assumed)]).toEqual([
      100,
      expect.arrayContaining(["omitted: 100, PostgreSQL's default"]),
    ])
  })

  test("an unknown ceiling where it is no number", () => {
    const object = cluster("postgresql.cnpg.io/v1", "Cluster", {
      postgresql: { parameters: { max_connections: "many" } },
    })
    expect(ceiling(object)).toMatch(/^prod\/cluster.*has a max_connections in its parameters that is not/)
  })

  test("a pooler that holds connections of its own", () => {
    const pooler = cluster("postgresql.cnpg.io/v1", "Pooler", { cluster: { name: "main" }, instances: 2 })
    expect(unknownNames(fleetFromKubernetes([cloudNativePg, pooler, api("main-rw")]))).toEqual([
      "prod/pooler/main",
    ])
  })
})

describe("a URL leads to it by", () => {
  const objects = [
    statefulSet([postgres()]),
    service("db", { app: "db" }),
    service("db-nodes", { app: "db" }),
    service("cache", { app: "cache" }),
    service("db", { app: "db" }, "staging"),
  ]
  test.each([
    "db",
    "db.prod",
    "db.prod.svc",
    "db.prod.svc.cluster.local",
    "db-0.db-nodes",
    "db-0.db-nodes.prod.svc",
  ])("%s", (host) => {
    const fleet = fleetFromKubernetes([...objects, api(host)], { server: db })
    expect([connecting(fleet), unknownNames(fleet)]).toEqual([["prod/deployment/api"], []])
  })
})

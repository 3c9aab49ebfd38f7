import { describe, expect, test } from "vitest"
import { fleetFromKubernetes } from "../../src/deployments/index.ts"
import {
  client,
  deployment,
  env,
  object,
  SERVER,
  statefulSet,
  unknown,
  type Values,
  yaml,
} from "./manifests.ts"
import { connecting } from "./resources.ts"

const read = (objects: readonly unknown[]) => fleetFromKubernetes(yaml(objects), { keys: ["DATABASE_URL"] })
const db = (fields: Values = {}, more: Values = {}) =>
  statefulSet("db", {
    spec: { serviceName: "db" },
    labels: { labels: { app: "db" } },
    containers: [{ name: "db", image: "postgres:17", ...fields }],
    ...more,
  })
const api = (host: string, namespace?: string) =>
  deployment("api", {
    metadata: namespace === undefined ? {} : { namespace },
    containers: [
      client({ env: env({ DATABASE_URL: `postgresql://app@${host}/shop`, PRISMA_POOL_SIZE: "5" }) }),
    ],
  })

describe("a PostgreSQL of the manifests is", () => {
  test("the server, whose own pods are no consumers", () => {
    const fleet = read([...SERVER, api("db")])
    expect(fleet.servers).toEqual([{ address: "statefulset/db", maxConnections: 200, nodeType: undefined }])
    expect(fleet.maxConnections).toBe(200)
    expect(connecting(fleet)).toEqual(["deployment/api"])
  })

  test("of 100 connections unless something says otherwise, which is assumed", () => {
    const fleet = read([db(), api("db")])
    expect(fleet.maxConnections).toBe(100)
    expect(fleet.assumptions.map(({ name }) => name)).toContain("statefulset/db.max_connections")
  })

  test("unknown where the ceiling is a template", () => {
    const fleet = read([db({ args: ["-c", "max_connections={{ .Values.max }}"] }), api("db")])
    expect(fleet.maxConnections).toBeUndefined()
    expect(unknown(fleet)).toEqual(["statefulset/db: ceiling"])
  })

  test("named by its Services, in every form that a cluster resolves", () => {
    const service = (name: string, selector: Values) =>
      object("v1", "Service", name, { metadata: { namespace: "data" }, spec: { selector } })
    const objects = [
      db({}, { metadata: { namespace: "data" } }),
      service("pg", { app: "db" }),
      service("other", { app: "other" }),
    ]
    const unknownOf = (host: string) => unknown(read([...objects, api(host, "shop")]))
    for (const host of ["pg.data", "pg.data.svc", "pg.data.svc.cluster.local", "db-0.db.data.svc"]) {
      expect(unknownOf(host), host).toEqual([])
    }
    for (const host of ["other.data", "pg.elsewhere", "rds.example.org"]) {
      expect(unknownOf(host), host).toEqual(["shop/deployment/api: host"])
    }
  })

  test("made by an operator, as its object says", () => {
    const cluster = (spec: Values) => object("postgresql.cnpg.io/v1", "Cluster", "pg", { spec })
    const own = cluster({ postgresql: { parameters: { max_connections: "250" } } })
    expect(read([own, api("pg-rw")])).toMatchObject({ maxConnections: 250 })
    expect(unknown(read([own, api("pg-rw")]))).toEqual([])
    expect(read([cluster({}), api("pg-rw")]).maxConnections).toBe(100)
    const bad = cluster({ postgresql: { parameters: { max_connections: "{{ .x }}" } } })
    expect(unknown(read([bad, api("pg-rw")]))).toEqual(["cluster/pg: ceiling"])
    // Another group's Cluster is none.
    const other = object("cluster.x-k8s.io/v1beta1", "Cluster", "pg", { spec: {} })
    expect(read([other, api("pg-rw")]).servers).toEqual([])
  })

  test("one of several, of which none is chosen", () => {
    const second = statefulSet("db2", { containers: [{ name: "db", image: "postgres:17" }] })
    expect(unknown(read([db(), second, api("db")]))).toContain("max_connections: ceiling")
    const chosen = fleetFromKubernetes(yaml([...SERVER, second, api("db")]), { server: "statefulset/db" })
    expect([chosen.maxConnections, unknown(chosen)]).toEqual([200, []])
  })
})

test("a pooler opens connections that nothing here counts", () => {
  const bouncer = deployment("pgbouncer", { containers: [{ name: "p", image: "edoburu/pgbouncer:1.23" }] })
  const pooler = object("postgresql.cnpg.io/v1", "Pooler", "pooler", { spec: { instances: 2 } })
  const fleet = read([...SERVER, api("db"), bouncer, pooler])
  expect(unknown(fleet)).toEqual(["pooler/pooler: type", "deployment/pgbouncer: type"])
  expect(fleet.unknowns.find(({ cause }) => cause === "type")?.problem).toContain("is a pooler")
})

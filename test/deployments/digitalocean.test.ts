import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { firstPlan, type StackResource } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { unknownNames } from "./resources.ts"
import {
  app,
  bound,
  computedEnv,
  connectionPool,
  digitalOceanDatabase,
  env,
  pooled,
  service,
  size,
} from "./stacks/digitalocean.ts"

type Values = Readonly<Record<string, unknown>>

const first = (resources: readonly StackResource[], options?: DeploymentOptions) =>
  fleetFromTerraform(firstPlan([...digitalOceanDatabase("db-s-1vcpu-2gb"), ...resources]), options)

const api = (envs = [bound, size(5)], values: Values = {}) =>
  app({ service: [service("api", envs, { instance_count: 2, ...values })] })

const API = "digitalocean_app.shop.service.api"
const HOST = "main-do-user-1-0.db.ondigitalocean.com"

/** The cluster as it is there, with its hosts. */
const cluster = (values: Values = {}, more: Partial<PlannedResource> = {}): PlannedResource => ({
  address: "digitalocean_database_cluster.main",
  values: {
    id: "245bcfd0-7f31-4ce6-a2bc-475a116cca97",
    name: "main",
    engine: "pg",
    size: "db-s-1vcpu-2gb",
    host: HOST,
    private_host: `private-${HOST}`,
    port: 25060,
    ...values,
  },
  ...more,
})
const CLUSTER_ID = "245bcfd0-7f31-4ce6-a2bc-475a116cca97"

const envs = (url: string, connections = 5) => [env("DATABASE_URL", url), size(connections)]
const withUrl = (url: string, connections?: number) => api(envs(url, connections))
const there = (resources: readonly PlannedResource[], options?: DeploymentOptions) =>
  fleetFromTerraform(plan([cluster(), ...resources]), options)

describe("an app", () => {
  test("is read by component, each with an address of its own", () => {
    const fleet = first([api()])
    expect(fleet.highest.consumers).toEqual({
      [API]: { instances: 2, surge: 2, poolSize: 5, poolsPerInstance: 1 },
    })
    expect([fleet.maxConnections, unknownNames(fleet)]).toEqual([50, []])
    expect(fleet.notations).toEqual({ [API]: "keyed" })
    expect(fleet.formats).toEqual({ [API]: "terraform" })
    expect(fleet.resources).toContainEqual({ address: API, connects: true })
  })

  test("is excluded as a whole, or by component", () => {
    const two = app({ service: [service("api", [bound, size(5)]), service("web", [bound, size(3)])] })
    const left = (address: string) => first([two], { exclude: { [address]: "why" }, keys: ["DATABASE_URL"] })
    expect(Object.keys(left("digitalocean_app.shop").highest.consumers)).toEqual([])
    const other = left(API)
    expect([Object.keys(other.highest.consumers), other.warnings]).toEqual([
      ["digitalocean_app.shop.service.web"],
      [],
    ])
    const override = { [API]: { instances: 7, reason: "measured" } }
    expect(first([two], { override }).highest.consumers[API]?.instances).toBe(7)
  })

  test("with a URL of a new cluster has it, and its size is that of the other variable", () => {
    const url = computedEnv("DATABASE_URL", "digitalocean_database_cluster.main.private_uri")
    const fleet = first([api([url, size(5)])])
    expect([unknownNames(fleet), fleet.highest.consumers[API]?.poolSize]).toEqual([[], 5])
    expect(unknownNames(first([api([url])]))).toEqual([`${API}.DATABASE_URL`])
  })

  test("bound to a cluster whose name is known only after apply is on the server of the plan", () => {
    const shop = api()
    const [spec = {}] = (shop.values as Values)["spec"] as readonly Values[]
    const [unseen = {}] = (shop.unknown as Values)["spec"] as readonly Values[]
    const database = { engine: "PG", name: "db", production: true }
    const changed = {
      ...shop,
      values: { ...shop.values, spec: [{ ...spec, database: [database] }] },
      unknown: { ...(shop.unknown as Values), spec: [{ ...unseen, database: [{ cluster_name: true }] }] },
    }
    const fleet = first([changed])
    expect([fleet.highest.consumers[API]?.poolSize, unknownNames(fleet)]).toEqual([5, []])
  })

  test("whose components are known only after apply is not known", () => {
    const { values = {}, unknown = {}, ...hidden } = api()
    const [spec, unseen] = [values, unknown as Values].map((each) => (each["spec"] as readonly Values[])[0])
    const { service: _, ...others } = spec ?? {}
    const changed = {
      ...hidden,
      values: { ...values, spec: [others] },
      unknown: { ...(unknown as Values), spec: [{ ...unseen, service: true }] },
      // A `dynamic` block is not in the expressions.
      expressions: { spec: [{ name: { constant_value: "shop" } }] },
    }
    const fleet = first([changed], { keys: ["DATABASE_URL"] })
    expect(unknownNames(fleet)).toContain("digitalocean_app.shop.service[0].DATABASE_URL")
  })

  test("that is changed counts what runs now beside what comes, and a component that goes", () => {
    const [before, after] = [
      app({ service: [service("api", [bound, size(5)]), service("old", [bound, size(3)])] }).values,
      app({ service: [service("api", [bound, size(4)])] }).values,
    ].map((values) => ({ ...values, id: "1" }))
    const { highest } = there([
      { address: "digitalocean_app.shop", values: after ?? {}, before: before ?? {} },
    ])
    expect(highest.consumers).toEqual({
      [API]: { instances: 1, surge: 0, poolSize: 4, poolsPerInstance: 1 },
      [`${API} (before this plan)`]: { instances: 0, surge: 1, poolSize: 5, poolsPerInstance: 1 },
      "digitalocean_app.shop.service.old (before this plan)": {
        instances: 0,
        surge: 1,
        poolSize: 3,
        poolsPerInstance: 1,
      },
    })
  })

  test("that is deleted counts in the deploy alone", () => {
    const gone: PlannedResource = {
      address: "digitalocean_app.old",
      before: { ...api().values, id: "1" },
      actions: ["delete"],
    }
    const { highest, resources } = there([gone])
    expect(Object.values(highest.consumers)).toEqual([
      { instances: 0, surge: 2, poolSize: 5, poolsPerInstance: 1 },
    ])
    expect(resources.map(({ address }) => address)).toEqual(["digitalocean_database_cluster.main"])
  })
})

describe("a cluster", () => {
  const ceiling = (values: Values, others: readonly PlannedResource[] = []) => {
    const fleet = fleetFromTerraform(plan([cluster(values), api(), ...others]))
    return [fleet.maxConnections, unknownNames(fleet)]
  }
  const config = (type: string, values: Values, more: Partial<PlannedResource> = {}): PlannedResource => ({
    address: `digitalocean_database_${type}_config.main`,
    values: { cluster_id: CLUSTER_ID, ...values },
    ...more,
  })

  test.each<[size: string, maxConnections: number]>([
    ["db-s-1vcpu-1gb", 25],
    ["db-intel-2vcpu-8gb", 200],
    ["gd-2vcpu-8gb", 200],
    ["m3-8vcpu-64gb", 1000],
  ])("of %s has %i connections", (text, maxConnections) => {
    expect(ceiling({ size: text })).toEqual([maxConnections, []])
  })

  test("has the ceiling that its configuration sets", () => {
    expect(ceiling({}, [config("postgresql", { max_connections: 80 })])).toEqual([80, []])
    const advanced = config("advanced_postgresql", { pg_parameters: { max_connections: "90" } })
    expect(ceiling({ engine: "advanced_pg" }, [advanced])).toEqual([90, []])
    expect(ceiling({}, [config("postgresql", { timezone: "UTC" })])).toEqual([50, []])
    const later = config("postgresql", {}, { unknown: { max_connections: true } })
    expect(ceiling({}, [later])[0]).toBeUndefined()
  })

  test.each<[what: string, values: Values]>([
    ["the Advanced Edition", { engine: "advanced_pg" }],
    ["a size that says no memory", { size: "custom" }],
  ])("of %s has a ceiling that is not known", (_, values) => {
    expect(ceiling(values)).toEqual([undefined, ["digitalocean_database_cluster.main"]])
  })

  test("of another engine is no server", () => {
    const redis = {
      ...cluster({ id: "2", name: "cache", engine: "valkey" }),
      address: "digitalocean_database_cluster.cache",
    }
    const fleet = there([redis, api()])
    expect([fleet.servers.length, unknownNames(fleet)]).toEqual([1, []])
  })

  test("is another than its replica, which has a ceiling of its own", () => {
    const replica: PlannedResource = {
      address: "digitalocean_database_replica.read",
      values: { cluster_id: CLUSTER_ID, name: "read", size: "db-s-1vcpu-1gb", host: `read-${HOST}` },
    }
    const url = withUrl(`postgresql://u:p@read-${HOST}:25060/defaultdb?sslmode=require`)
    const fleet = there([replica, url], { server: "digitalocean_database_replica.read" })
    expect([fleet.maxConnections, unknownNames(fleet)]).toEqual([25, []])
    expect(there([replica, api()]).maxConnections).toBe(50)
    expect(unknownNames(there([replica, url]))).toEqual([API])
  })

  test("is the one that its own URLs lead to, publicly and privately", () => {
    for (const host of [HOST, `private-${HOST}`]) {
      const fleet = there([withUrl(`postgresql://doadmin:p@${host}:25060/defaultdb?sslmode=require`)])
      expect([unknownNames(fleet), fleet.highest.consumers[API]?.poolSize]).toEqual([[], 5])
    }
    expect(unknownNames(there([withUrl("postgresql://u:p@elsewhere:5432/x")]))).toEqual([API])
  })
})

describe("a connection pool", () => {
  const POOL = "digitalocean_database_connection_pool.web"
  const total = ({ highest }: ReturnType<typeof first>) =>
    Object.values(highest.consumers).reduce(
      (sum, each) => sum + Number(each.instances) * Number(each.poolSize),
      0,
    )

  test("that a bound URL leads to holds its size, however many clients it has", () => {
    const fleet = first([connectionPool(12), api([pooled, size(20)], { instance_count: 9 })])
    expect([Object.keys(fleet.highest.consumers), total(fleet), unknownNames(fleet)]).toEqual([
      [POOL],
      12,
      [],
    ])
  })

  test("that a URL of its own leads to, too; nothing uses the other one", () => {
    const pools = ["web", "other"].map(
      (name): PlannedResource => ({
        address: `digitalocean_database_connection_pool.${name}`,
        values: { cluster_id: CLUSTER_ID, name, size: 10, user: "app", host: HOST },
      }),
    )
    const url = `postgresql://app:p@private-${HOST}:25061/web?sslmode=require`
    const fleet = there([...pools, withUrl(url, 30)])
    expect([Object.keys(fleet.highest.consumers), total(fleet), unknownNames(fleet)]).toEqual([
      [POOL],
      10,
      [],
    ])
  })

  test("larger than the cluster does not fit", () => {
    const fleet = first([connectionPool(60), api([pooled])])
    expect(total(fleet)).toBe(60)
  })

  test("of a size that is known only after apply is named", () => {
    const fleet = first([connectionPool(10, { size: undefined }, { size: true }), api([pooled])])
    expect([unknownNames(fleet), total(fleet)]).toEqual([[`${POOL}.size`], 47])
  })

  test("without a user holds its size for each of them, of which one is assumed", () => {
    const { assumptions } = first([connectionPool(10, { user: null }), api([pooled])])
    expect(assumptions.find(({ name }) => name === POOL)?.assumed).toContain("assumed to be one user")
  })

  test("makes a URL that cannot be seen unknown: it may lead there", () => {
    const url = computedEnv("DATABASE_URL", `${POOL}.private_uri`)
    expect(unknownNames(first([connectionPool(10), api([url, size(5)])]))).toEqual([`${API}.DATABASE_URL`])
  })

  test("that is in no plan counts by its clients", () => {
    const fleet = first([api([pooled, size(4)])])
    expect([total(fleet), unknownNames(fleet)]).toEqual([8, []])
  })
})

describe("anything else of DigitalOcean", () => {
  const names = (address: string, values: Values, more: Partial<StackResource> = {}) =>
    unknownNames(first([api(), { address, values, ...more }]))
  const SCRIPT = "#!/bin/sh\nexport DATABASE_URL=x; node worker.js"
  const HASH = "0123456789abcdef0123456789abcdef01234567"

  test("that has the variable is named", () => {
    const droplet = "digitalocean_droplet.worker"
    expect(names(droplet, { user_data: SCRIPT })).toEqual([droplet])
    const scaled = "digitalocean_droplet_autoscale.workers"
    expect(names(scaled, { droplet_template: [{ user_data: SCRIPT }] })).toEqual([scaled])
    const agent = "digitalocean_gradientai_agent.help"
    expect(names(agent, { instruction: "use DATABASE_URL" })).toEqual([agent])
  })

  test("with the hash of a script may have it, unless the code has the text", () => {
    const droplet = "digitalocean_droplet.worker"
    const code = (expression: object) => ({ expressions: { user_data: expression } })
    expect(names(droplet, { user_data: HASH }, code({ references: ["local.script"] }))).toEqual([droplet])
    expect(names(droplet, { user_data: HASH }, code({}))).toEqual([droplet])
    expect(names(droplet, { user_data: HASH }, code({ constant_value: SCRIPT }))).toEqual([droplet])
    expect(names(droplet, { user_data: HASH }, code({ constant_value: "apt-get update" }))).toEqual([])
  })

  test.each([
    "digitalocean_kubernetes_cluster.main",
    "digitalocean_kubernetes_node_pool.more",
    "digitalocean_database_user.other",
    "digitalocean_database_redis_config.cache",
    "digitalocean_project.shop",
    "digitalocean_spaces_bucket_object.script",
    "digitalocean_vpc_nat_gateway.main",
  ])("%s connects nothing", (address) => {
    expect(names(address, { name: "x", content: SCRIPT })).toEqual([])
  })
})

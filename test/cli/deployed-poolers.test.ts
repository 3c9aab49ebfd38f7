import { describe, expect, test } from "vitest"
import { configuration, containerApp, type More, postgres } from "../deployments/azure-resources.ts"
import { autoscaler, client, deployment, env, object, type Values, yaml } from "../deployments/manifests.ts"
import { command, words } from "../support/command.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"

const api = (url: string, name = "api", replicas = 4) =>
  deployment(name, {
    spec: { replicas, strategy: { type: "Recreate" } },
    containers: [client({ env: env({ DATABASE_URL: url, PRISMA_POOL_SIZE: "5" }) })],
  })

describe("a Pooler of CloudNativePG in manifests", () => {
  const cluster = object("postgresql.cnpg.io/v1", "Cluster", "main", { spec: { instances: 3 } })
  const pooler = (parameters: Values = {}) =>
    object("postgresql.cnpg.io/v1", "Pooler", "pooler-rw", {
      spec: {
        cluster: { name: "main" },
        instances: 2,
        type: "rw",
        pgbouncer: { poolMode: "transaction", parameters: { default_pool_size: "8", ...parameters } },
      },
    })
  const pooled = api("postgresql://app:s3cr3t@pooler-rw:5432/shop")
  const run = (line: string, objects: readonly Values[], files = {}) =>
    command(words(line), { files: { "shop.yaml": yaml(objects), ...files } })

  test("is a tier of its own: 0", async () => {
    const { code, out } = await run("check --kubernetes shop.yaml", [cluster, pooler(), pooled])
    expect(code).toBe(0)
    // 2 × (8 + 8) and 5 backends without a client; in a deploy 4 × 16 + 5. The clients fill 20 of 80 % of 2 × 100.
    expect(out).toContain("37 of 97 usable connections (38 %), 69 during a deploy")
    expect(out).toContain("20 of 160 clients of pooler/pooler-rw")
    expect(out).not.toContain("s3cr3t")
  })

  test("takes no more clients than max_client_conn: 1", async () => {
    const { code, out } = await run("check --kubernetes shop.yaml", [
      cluster,
      pooler({ max_client_conn: "10" }),
      pooled,
    ])
    expect(code).toBe(1)
    expect(out).toContain("20 of 16 clients of pooler/pooler-rw")
  })

  test("without a known client leaves the verdict open, until one is named: 2 and 0", async () => {
    const hidden = deployment("worker", {
      spec: { replicas: 1, strategy: { type: "Recreate" } },
      containers: [
        client({
          env: [
            { name: "DATABASE_URL", valueFrom: { secretKeyRef: { name: "db", key: "url" } } },
            { name: "PRISMA_POOL_SIZE", value: "5" },
          ],
        }),
      ],
    })
    const objects = [cluster, pooler(), hidden]
    const open = await run("check --kubernetes shop.yaml", objects)
    expect(open.code).toBe(2)
    expect(open.out).toContain("pooler/pooler-rw: is a pooler, and nothing is known to connect through it")
    const named = await run("check --kubernetes shop.yaml --behind deployment/worker", objects)
    expect([named.code, named.err]).toEqual([0, ""])
    expect(named.out).toContain("5 of 160 clients of pooler/pooler-rw")
  })

  test.each([
    ["a template as its instances", { instances: "{{ .Values.replicas }}" }, "is a template"],
    ["a pause", { pgbouncer: { poolMode: "transaction", paused: true } }, "is paused"],
  ])("leaves the verdict open with %s: 2", async (_, spec, problem) => {
    const changed = object("postgresql.cnpg.io/v1", "Pooler", "pooler-rw", {
      spec: { cluster: { name: "main" }, pgbouncer: { poolMode: "transaction" }, ...spec },
    })
    const { code, out } = await run("check --kubernetes shop.yaml", [cluster, changed, pooled])
    expect([code, out]).toEqual([2, expect.stringContaining(problem)])
  })

  test("may have declared clients alone, and may be of another cluster: 0", async () => {
    const config = { consumers: { cron: { instances: 1, poolSize: 2, pooler: "pooler/pooler-rw" } } }
    const line = "check --kubernetes shop.yaml"
    const direct = (host: string) => api(`postgresql://app:s3cr3t@${host}:5432/shop`, "api", 1)
    const own = await run(line, [cluster, pooler(), direct("main-rw")], { "pool.config.json": config })
    expect([own.code, own.out]).toEqual([0, expect.stringContaining("2 of 160 clients")])
    const other = object("postgresql.cnpg.io/v1", "Cluster", "other", { spec: { instances: 3 } })
    const { code, out } = await run(line, [other, pooler(), direct("other-rw")], {
      "pool.config.json": config,
    })
    expect([code, out]).toEqual([0, expect.stringContaining("2 of 160 clients")])
  })

  test("has declared clients too, each with a pool of its own at the most", async () => {
    const config = {
      consumers: { cron: { instances: 1, poolSize: 2, surge: 0, pooler: "pooler/pooler-rw" } },
    }
    const objects = [cluster, pooler({ default_pool_size: "6" }), pooled]
    const { code, out } = await run("check --kubernetes shop.yaml", objects, { "pool.config.json": config })
    expect(code).toBe(0)
    expect(out).toContain("22 of 160 clients of pooler/pooler-rw")
    expect(out).toContain(
      "pooler/pooler-rw.pools: are one for each database and user, and those of 1 of its clients",
    )
    // One or two pools and the one that looks up users, in 2 processes and 1 or 2 more.
    expect(out).toMatch(/ pooler\/pooler-rw, pooler +\| 2 \+ 2, 3 pools each \| +6 \| +24–36 \| +36–72 \|/)
  })

  test.each(["main-rw", "pooler-rw"])("may have a URL of %s for migrations beside it: 0", async (host) => {
    const both = deployment("api", {
      spec: { strategy: { type: "Recreate" } },
      containers: [
        client({
          env: env({
            DATABASE_URL: "postgresql://app:s3cr3t@pooler-rw:5432/shop",
            DIRECT_URL: `postgresql://app:s3cr3t@${host}:5432/shop`,
            PRISMA_POOL_SIZE: "5",
          }),
        }),
      ],
    })
    const { code, out } = await run("check --kubernetes shop.yaml", [cluster, pooler(), both])
    expect([code, out]).toEqual([0, expect.stringContaining("DIRECT_URL (migrations)")])
  })

  test("is planned around, and a client with a size of auto behind it cannot work", async () => {
    const plan = await run("plan --kubernetes shop.yaml", [cluster, pooler(), pooled])
    expect([plan.code, plan.err]).toEqual([0, ""])
    const auto = deployment("api", {
      spec: { strategy: { type: "Recreate" } },
      containers: [
        client({
          env: env({
            DATABASE_URL: "postgresql://app:s3cr3t@pooler-rw:5432/shop",
            PRISMA_POOL_SIZE: "auto",
            PRISMA_POOL_BUDGET: "20",
          }),
        }),
      ],
    })
    const { code, out } = await run("check --kubernetes shop.yaml", [cluster, pooler(), auto])
    expect(code).toBe(1)
    expect(out).toContain("connects through pooler/pooler-rw")
  })
})

describe("the PgBouncer of an Azure flexible server, in a plan", () => {
  const app = (port: number, user = "app", more: More = {}) =>
    containerApp({}, {}, more, {
      env: [
        {
          name: "DATABASE_URL_CORE",
          value: `postgresql://${user}:s3cr3t@db.example.org:${port}/core`,
          secret_name: "",
        },
        { name: "PRISMA_POOL_SIZE_CORE", value: "10", secret_name: "" },
      ],
    })
  const on = configuration("pgbouncer.enabled", "true")
  const run = (...resources: readonly PlannedResource[]) =>
    command(words("check --terraform plan.json"), {
      files: { "plan.json": plan([postgres(), on, ...resources]) },
    })

  test("has a verdict for each tier", async () => {
    const pooled = await run(app(6432))
    expect([pooled.code, pooled.err]).toEqual([0, ""])
    expect(pooled.out).toMatch(/of 4,?000 clients of azurerm_postgresql_flexible_server\.main/)
    expect(pooled.out).toMatch(
      / azurerm_postgresql_flexible_server\.main, pooler +\| +1 \| +50 \| +50 \| +50 \|/,
    )
    const few = await run(app(6432), configuration("pgbouncer.max_client_conn", "5"))
    expect(few.code).toBe(1)
  })

  test("has the old instances beside it in the deploy that puts them behind it", async () => {
    const { out } = await run(app(6432, "app", { before: app(5432).values ?? {} }))
    // 50 and 10 without a client, and 3 old instances × 10; the next deploy has 2 × 30 clients.
    expect(out).toContain("60 of 844 usable connections (7 %), 90 during a deploy")
    expect(out).toContain("30 of 4000 clients of azurerm_postgresql_flexible_server.main, 60 during a deploy")
  })

  test("has a pool for the user that the old instances have, too", async () => {
    const { out } = await run(app(6432, "new", { before: app(6432, "old").values ?? {} }))
    expect(out).toContain("110 of 844 usable connections (13 %), 110 during a deploy")
    expect(out).toContain("30 of 4000 clients of azurerm_postgresql_flexible_server.main, 60 during a deploy")
    const same = await run(app(6432, "app", { before: app(6432).values ?? {} }))
    expect(same.out).toContain("60 of 844 usable connections (7 %), 60 during a deploy")
  })
})

describe("a PgBouncer in manifests, beside its file, is one tier", () => {
  const server = object("apps/v1", "StatefulSet", "db", {
    spec: {
      serviceName: "db",
      template: {
        metadata: { labels: { app: "db" } },
        spec: { containers: [{ name: "db", image: "postgres:17" }] },
      },
    },
  })
  const pods = (name = "pgbouncer", spec: Values = {}) => [
    deployment(name, {
      spec: { replicas: 2, ...spec },
      labels: { labels: { app: name } },
      containers: [
        { name: "pgbouncer", image: "edoburu/pgbouncer:v1.24.1-p1" },
        { name: "metrics", image: "prometheuscommunity/pgbouncer-exporter:v0.10.2" },
      ],
    }),
    object("v1", "Service", name, { spec: { selector: { app: name } } }),
  ]
  const ini = (size: number) => `[databases]
shop = host=db dbname=shop user=app
[pgbouncer]
pool_mode = transaction
default_pool_size = ${size}
max_client_conn = 100
query_wait_timeout = 20
max_prepared_statements = 200
`
  const run = (flags: string, objects: readonly Values[], config: object = {}) =>
    command(words(`check --kubernetes shop.yaml ${flags}`), {
      files: {
        "shop.yaml": yaml([server, ...objects]),
        "pgbouncer.ini": ini(10),
        "pool.config.json": { deployments: { hosts: ["db"] }, ...config },
      },
    })
  const pooled = api("postgresql://app:s3cr3t@pgbouncer:6432/shop")

  test("by its name, with its pods as processes and its rollout as surge", async () => {
    const { code, out } = await run("--pgbouncer pgbouncer.ini", [...pods(), pooled])
    expect(code).toBe(0)
    expect(out).toContain("poolers.pgbouncer: deployment/pgbouncer is this one, by its name")
    expect(out).toMatch(/ pgbouncer, pooler +\| +2 \+ 2 \| +10 \| +20 \| +40 \|/)
    expect(out).toContain("20 of 160 clients of pgbouncer")
    expect(out).toContain("a deploy of deployment/pgbouncer runs 2 old + 2 new pods")
    const stopped = pods("pgbouncer", { strategy: { type: "Recreate" } })
    const recreated = await run("--pgbouncer pgbouncer.ini", [...stopped, pooled])
    expect(recreated.out).toMatch(/ pgbouncer, pooler +\| +2 \| +10 \| +20 \| +20 \|/)
  })

  test("by the hosts of a declaration, whose numbers count", async () => {
    const poolers = { bouncer: { instances: 3, surge: 0, hosts: ["pgbouncer"] } }
    const { code, out } = await run("--pgbouncer bouncer=pgbouncer.ini", [...pods(), pooled], { poolers })
    expect(code).toBe(0)
    expect(out).toMatch(/ bouncer, pooler +\| +3 \| +10 \| +30 \| +30 \|/)
    expect(out).toContain(
      "deployment/pgbouncer: has 2 pods, and 3 processes are given for bouncer, which count",
    )
  })

  test("whose clients have the room of the fewest pods that an autoscaler leaves", async () => {
    const scaler = autoscaler("pgbouncer", { name: "pgbouncer" }, 6)
    const { out } = await run("--pgbouncer pgbouncer.ini", [...pods(), scaler, pooled])
    expect(out).toMatch(/ pgbouncer, pooler +\| +6 \+ 6 \| +10 \| +60 \| +120 \|/)
    expect(out).toContain("20 of 160 clients of pgbouncer")
    const poolers = { pgbouncer: { instances: 6 } }
    const declared = await run("--pgbouncer pgbouncer.ini", [...pods(), scaler, pooled], { poolers })
    expect(declared.out).toContain("20 of 160 clients of pgbouncer")
    const minInstances = { pgbouncer: { instances: 6, minInstances: 5 } }
    const own = await run("--pgbouncer pgbouncer.ini", [...pods(), scaler, pooled], { poolers: minInstances })
    expect(own.out).toContain("20 of 400 clients of pgbouncer")
  })

  test("and a client of a database that is no entry is named, and counts at the most", async () => {
    const lost = api("postgresql://app:s3cr3t@pgbouncer:6432/shpo", "lost", 40)
    const { code, out } = await run("--pgbouncer pgbouncer.ini", [...pods(), pooled, lost])
    expect([code, out]).toEqual([
      2,
      expect.stringContaining("deployment/lost: connects through pgbouncer to"),
    ])
    expect(out).toContain("20–220 of 160 clients of pgbouncer")
  })

  test("which is none where it is scaled to none, with and without its file", async () => {
    const off = pods("pgbouncer", { replicas: 0 })
    const direct = api("postgresql://app:s3cr3t@db:5432/shop")
    const without = await run("", [...off, direct])
    expect([without.code, without.err]).toEqual([0, expect.not.stringContaining("prisma-pool:")])
    const web = { ...pooled, metadata: { name: "web" } }
    const line = "--pgbouncer pgbouncer.ini --behind deployment/web"
    const withFile = await run(line, [...off, direct, web])
    expect([withFile.code, withFile.out]).toEqual([0, expect.stringContaining("of 80 clients of pgbouncer")])
  })

  test("and not where its file is another's, or there are two of them", async () => {
    const other = await run("--pgbouncer other=pgbouncer.ini --behind deployment/api", [...pods(), pooled])
    expect(other.code).toBe(2)
    expect(other.out).toContain("deployment/pgbouncer: is a pooler, whose own connections")
    const poolers = { bouncer: { instances: 2, hosts: ["pgbouncer", "second"] } }
    const two = await run("--pgbouncer bouncer=pgbouncer.ini", [...pods(), ...pods("second"), pooled], {
      poolers,
    })
    expect(two.code).toBe(2)
    expect(two.out).toContain("deployment/second: is a pooler, whose own connections")
  })
})

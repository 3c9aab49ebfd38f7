import { describe, expect, test } from "vitest"
import { command, words } from "../support/command.ts"

const CONFIG = {
  maxConnections: 100,
  reserved: { metabase: 5 },
  consumers: {
    api: { instances: 40, pooler: "pgbouncer" },
    worker: { instances: 2, poolSize: 4, surge: 0 },
  },
  jobs: [
    { name: "sync", schedule: "0 3 * * *", timezone: "UTC", timeout: "2h", poolSize: 5, pooler: "pgbouncer" },
  ],
  poolers: { pgbouncer: { instances: 2, surge: 1, pools: 2, reservePoolSize: 1 } },
}
const run = (line: string, config: object = CONFIG) =>
  command(words(line), { files: { "pool.config.json": config } })
const sized = (api: object, pooler: object) => ({
  maxConnections: 100,
  consumers: { api: { instances: 10, poolSize: 5, pooler: "pgbouncer", ...api } },
  poolers: { pgbouncer: { instances: 1, poolSize: 20, maxClientConnections: 200, ...pooler } },
})

describe("prisma-pool plan", () => {
  test("solves for the pooler and its clients, each in a table of its own", async () => {
    const { code, out } = await run("plan")
    // In a deploy 3 × 2 × (12 + 1) + 9 = 87, with 8 + 5 of 97 usable: 100 would be too many, so 11: 3 × 2 × 12 + 9 = 81.
    expect(code).toBe(0)
    expect(out).toContain(
      "✓ 70 of 97 usable connections (72 %), 94 during a deploy; 365 of 726 clients of pgbouncer, 725 during a deploy",
    )
    expect(out).toMatch(/ pgbouncer, pooler +\| 2 \+ 1, 2 pools each \| +11 \+ 1 \| +48 \| +72 \|/)
    expect(out).toMatch(/ pgbouncer, without a client +\| +\| +\| +9 \| +9 \|/)
    expect(out).toMatch(/ total +\| +\| +\| +70 \| +94 \|/)
    expect(out).toMatch(/Clients of pgbouncer\n.*of 726\n +api +\| +40 \+ 40 \| +9 \| +360 \| +720 \|/)
    expect(out).toMatch(/ sync +\| +1 run \| +5 \| +5 \| +5 \|/)
    expect(out).toContain("pgbouncer: default_pool_size 11, max_client_conn 454")
    expect(out).toContain("behind pgbouncer, jobs at their worst instant of 28 years: 5 connections in 1 run")
    expect(out).toContain('PRISMA_POOL_SIZE_CORE = "9"  # api')
  })

  test("prints its sizes as JSON", async () => {
    const { servers } = JSON.parse((await run("plan --format json")).out)
    expect(servers[0]).toMatchObject({
      sizes: { api: 9, worker: 4, sync: 5 },
      poolers: { pgbouncer: { poolSize: 11, maxClientConnections: 454 } },
    })
  })

  test("limits the pooler's role in place of its clients'", async () => {
    const config = { ...CONFIG, roles: { app: "api", app_worker: "worker" } }
    const { out } = await run("plan --format sql", config)
    expect(out).toContain(`-- pgbouncer: 3 processes in a deploy with 72 in all, and 9 without a client
ALTER ROLE "app" CONNECTION LIMIT 81;`)
    expect(out).not.toMatch(/-- (api|sync|jobs):/)
    const limits = (text: string) => text.split("\n").filter((line) => /^ALTER ROLE .* LIMIT/.test(line))
    const pooled = ['ALTER ROLE "app" CONNECTION LIMIT 81;']
    expect(limits((await run("plan --format sql --for api", config)).out)).toEqual(pooled)
    expect(limits((await run("plan --format sql --for sync", config)).out)).toEqual(pooled)
    expect(limits((await run("plan --format sql --for worker", config)).out)).toEqual([
      'ALTER ROLE "app_worker" CONNECTION LIMIT 8;',
    ])
  })
})

describe("prisma-pool check", () => {
  test("says what it assumed and planned of a pooler", async () => {
    const config = sized({ surge: 0 }, { pools: 2, maxDbConnections: 15, authUser: "a", poolSize: undefined })
    const { code, out } = await run("check", config)
    expect(code).toBe(0)
    expect(out).toContain(
      "poolers.pgbouncer.surge: a deploy of the pooler runs 1 old + 1 new processes, each with full pools. If the old ones stop first, set surge to 0.",
    )
    expect(out).toContain(
      "poolers.pgbouncer.databases: each of the 2 pools is of a database entry of its own. If several users share an entry, set databases.",
    )
    expect(out).toContain("poolers.pgbouncer.poolSize: left open: 15, as `prisma-pool plan` computes it.")
    expect((await run("check", sized({ surge: 0 }, { surge: 0 }))).out).not.toContain("Assumed")
  })

  test("fails for either tier, and says which", async () => {
    const clients = await run("check", sized({}, { maxClientConnections: 100 }))
    expect([clients.code, clients.out]).toEqual([
      1,
      expect.stringContaining("25 of 97 usable connections (26 %)"),
    ])
    expect(clients.out).toContain("Too many: any one of these is enough")
    expect(clients.out).toContain("Clients of pgbouncer: 20 too many during a deploy: 100 of 80")
    const server = await run("check", sized({}, { poolSize: 50 }))
    expect(server.code).toBe(1)
    expect(server.out).toContain("8 too many during a deploy: 105 of 97 usable")
    const both = await run("check", sized({}, { poolSize: 50, maxClientConnections: 100 }))
    expect(both.out).toContain("Too many in several tiers: one for each of them")
    const annotated = await run("check --format github", sized({}, { maxClientConnections: 100 }))
    expect(annotated.out).toContain("Clients of pgbouncer: 20 too many")
  })

  test("gives each server its own poolers, and refuses those of another", async () => {
    const replica = { maxConnections: 50, consumers: { api: { instances: 1, poolSize: 5 } } }
    const several = await run("check", { servers: { primary: sized({}, {}), replica } })
    expect(several.code).toBe(0)
    const lost = { ...replica, consumers: { api: { instances: 1, poolSize: 5, pooler: "pgbouncer" } } }
    const { code, err } = await run("check", { servers: { primary: sized({}, {}), replica: lost } })
    expect(code).toBe(3)
    expect(err).toContain('servers.replica.consumers.api.pooler: received "pgbouncer"')
  })

  test("needs the sizes of a pooler where no ceiling is known", async () => {
    const { maxConnections: _, ...config } = sized({}, { poolSize: undefined })
    const plan = JSON.stringify({
      format_version: "1.2",
      terraform_version: "1.9.0",
      planned_values: { root_module: {} },
    })
    const { code, err } = await command(words("check -t plan.json"), {
      files: { "pool.config.json": config, "plan.json": plan },
    })
    expect(code).toBe(3)
    expect(err).toContain("poolers.pgbouncer.poolSize: missing, and cannot be planned without a ceiling")
  })

  test("names what a change relaxes", async () => {
    const files = {
      "pool.config.json": sized({}, { poolSize: 10 }),
      "base.json": sized({}, {}),
    }
    const { code, out } = await command(words("check --base base.json"), { files })
    expect(code).toBe(1)
    expect(out).toContain("poolers.pgbouncer.poolSize: 20 → 10")
  })
})

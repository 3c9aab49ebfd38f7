import { parse } from "dotenv"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { production } from "../deployments/production.ts"
import { command, words } from "../support/command.ts"
import { runs } from "../support/properties.ts"

const LINE = "plan --max-connections 100 --reserved metabase=10 --consumer api=3 --consumer worker=2x5"

describe("prisma-pool plan", () => {
  test("shows the size of each consumer, what is left, and the lines to paste", async () => {
    const { code, out, err } = await command(words(LINE))
    expect([code, err]).toEqual([0, ""])
    expect(out).toContain("✓ 53 of 97 usable connections (55 %), 96 during a deploy")
    expect(out).toMatch(/api +\| +3 \+ 3 \| +11 \| +33 \| +66 \| █{7}░{7}/)
    expect(out).toContain("1 left over in a deploy; one more per api instance would take 6")
    expect(out).toContain('PRISMA_POOL_SIZE_CORE = "11"  # api')
    expect(out).toContain('PRISMA_POOL_SIZE_CORE = "5"   # worker')
  })

  test("prints what a .env needs, for all or for one", async () => {
    const { out } = await command([...words(LINE), "--format", "env"])
    expect(out).toBe("# api\nPRISMA_POOL_SIZE_CORE=11\n\n# worker\nPRISMA_POOL_SIZE_CORE=5\n")
    const { out: one } = await command([...words(LINE), "--format", "env", "--for", "worker"])
    expect(parse(one)).toEqual({ PRISMA_POOL_SIZE_CORE: "5" })
  })

  test("prints SQL with a limit for each role, of what it needs in a deploy", async () => {
    const config = {
      maxConnections: 100,
      reserved: { metabase: 10 },
      consumers: { api: { instances: 3, poolSize: 5 }, worker: { instances: 2, poolSize: 5, surge: 0 } },
      jobs: [{ name: "import", poolSize: 4 }],
      roles: { app_api: "api", importer: "import", metabase: "metabase" },
    }
    const asSql = (flags: string, fields: object = {}) =>
      command(words(`plan --format sql ${flags}`), {
        files: { "pool.config.json": { ...config, ...fields } },
      })
    const { code, out, err } = await asSql("")
    expect([code, err]).toEqual([0, "Using pool.config.json\n"])
    expect(out).toContain(
      `-- api: 3 instances and 3 new ones in a deploy, each with 5 connections
ALTER ROLE "app_api" CONNECTION LIMIT 30;
-- worker: 2 instances, each with 5 connections
ALTER ROLE :"role_worker" CONNECTION LIMIT 10;
-- jobs: all that run at once, at their peak
ALTER ROLE "importer" CONNECTION LIMIT 4;
COMMIT;`,
    )
    expect(out).not.toContain('"metabase"')
    const limits = (text: string) => text.split("\n").filter((line) => /^ALTER ROLE .* LIMIT/.test(line))
    expect(limits((await asSql("--for worker")).out)).toEqual([
      'ALTER ROLE :"role_worker" CONNECTION LIMIT 10;',
    ])
    expect(limits((await asSql("--for import")).out)).toEqual(['ALTER ROLE "importer" CONNECTION LIMIT 4;'])
    const tooMany = await asSql("", { maxConnections: 40 })
    expect(tooMany.code).toBe(1)
    expect(tooMany.err).toContain("It does not fit")
    expect(limits(tooMany.out)).toHaveLength(3)
  })

  test("prints with the limit how it comes about, several pools of an instance included", async () => {
    const reason = async (api: object) => {
      const files = { "pool.config.json": { maxConnections: 100, consumers: { api } } }
      const { out } = await command(words("plan --format sql"), { files })
      return /^-- api: (.*\n.*) CONNECTION LIMIT (.*);$/m.exec(out)?.slice(1)
    }
    const role = 'ALTER ROLE :"role_api"'
    expect(await reason({ instances: 1, poolSize: 1 })).toEqual([
      `1 instance and 1 new one in a deploy, each with 1 connection\n${role}`,
      "2",
    ])
    expect(await reason({ instances: 2, poolSize: 3, poolsPerInstance: 2, surge: 0 })).toEqual([
      `2 instances, each with 2 pools of 3 connections\n${role}`,
      "12",
    ])
    expect(await reason({ instances: 2, poolSize: 1, poolsPerInstance: 2, surge: 0 })).toEqual([
      `2 instances, each with 2 pools of 1 connection\n${role}`,
      "4",
    ])
  })

  test("prints the budget of a size that is auto as the limit, declared or solved for", async () => {
    const asSql = async (api: object) => {
      const config = {
        maxConnections: 100,
        consumers: { api: { poolSize: "auto", ...api } },
        roles: { app: "api" },
      }
      const setting = { files: { "pool.config.json": config } }
      const { servers } = JSON.parse((await command(words("plan --format json"), setting)).out)
      return { budget: servers[0].sizes.api, ...(await command(words("plan --format sql"), setting)) }
    }
    const limit = (text: string) => Number(/^ALTER ROLE "app" CONNECTION LIMIT (\d+);$/m.exec(text)?.[1])
    const declared = await asSql({ budget: 40, instances: 3 })
    expect([declared.code, limit(declared.out)]).toEqual([0, 40])
    expect(declared.out).toContain("-- api: its budget, which the pools of all its instances share\n")
    expect(declared.out).toContain(`-- ALTER ROLE "app" SET idle_session_timeout = '600s';`)
    expect(limit((await asSql({ budget: 40 })).out)).toBe(40)
    const solved = await asSql({ weight: 1, instances: 3 })
    expect(limit(solved.out)).toBe(solved.budget)
    expect(solved.budget).toBeGreaterThan(3)
  })

  test("prints SQL for one of them, with the limit of a database for all of them", async () => {
    const fleet = {
      maxConnections: 100,
      reserved: { metabase: 10 },
      consumers: { jobs: { instances: 3, poolSize: 5 }, worker: { instances: 2, poolSize: 5, surge: 0 } },
      jobs: [{ name: "import", poolSize: 4 }],
    }
    const of = async (flags: string) => {
      const { out } = await command(words(`plan --format sql ${flags}`), {
        files: { "pool.config.json": fleet },
      })
      return {
        roles: out.split("\n").filter((line) => /^ALTER ROLE .* LIMIT/.test(line)),
        database: /^-- ALTER DATABASE .*$/m.exec(out)?.[0],
        out,
      }
    }
    const database = '-- ALTER DATABASE :"database" CONNECTION LIMIT 57;'
    expect(await of("")).toMatchObject({ roles: { length: 3 }, database })
    const worker = await of("--for worker")
    expect(worker).toMatchObject({ roles: ['ALTER ROLE :"role_worker" CONNECTION LIMIT 10;'], database })
    expect(worker.out).toContain(
      "10 of these roles + 34 of the plan's others + 10 reserved + 3 for its owner",
    )
    // A consumer may be called like the jobs together.
    expect(await of("--for import")).toMatchObject({
      roles: ['ALTER ROLE :"role_jobs" CONNECTION LIMIT 4;'],
      database,
    })
    expect(await of("--for jobs")).toMatchObject({
      roles: ['ALTER ROLE :"role_jobs" CONNECTION LIMIT 30;'],
      database,
    })
  })

  test("prints no SQL for several servers, or for roles of nobody", async () => {
    const fleet = { maxConnections: 100, consumers: { api: { instances: 3, poolSize: 5 } } }
    const asSql = (config: object) =>
      command(words("plan --format sql"), { files: { "pool.config.json": config } })
    const several = await asSql({ servers: { primary: fleet, replica: fleet } })
    expect([several.code, several.out]).toEqual([3, ""])
    expect(several.err).toContain("--format: is sql, which is for one server, and there are 2")
    const nobody = await asSql({ ...fleet, roles: { app: "apo" } })
    expect([nobody.code, nobody.out]).toEqual([3, ""])
    expect(nobody.err).toContain("roles.app: has an owner that is not in the fleet")
  })

  test("prints JSON that says all of it", async () => {
    const { out } = await command([...words(LINE), "--format", "json"])
    const { fits, servers } = JSON.parse(out)
    expect(fits).toBe(true)
    expect(servers).toHaveLength(1)
    expect(servers[0]).toMatchObject({
      server: null,
      fits: true,
      sizes: { api: 11, worker: 5 },
      shortfall: 0,
    })
    expect(servers[0].check).toMatchObject({ total: 53, deploy: { total: 96, fits: true } })
  })

  test("fills what it is told to", async () => {
    const line = "plan --max-connections 100 --consumer api=3+0 --format env"
    expect((await command(words(line))).out).toContain("=25")
    expect((await command([...words(line), "--fill", "1"])).out).toContain("=32")
    expect((await command([...words(line), "--fill", "0.5"])).out).toContain("=16")
  })

  test("says when nothing fits, and what would: 1", async () => {
    const { code, out } = await command(words("plan --max-connections 20 --consumer api=20"))
    expect(code).toBe(1)
    expect(out).toContain("✗ no sizes fit: 23 too many even with the smallest sizes, shown here")
    expect(out).toContain("put an external pooler, such as PgBouncer in transaction mode")
    const asEnv = await command(words("plan --max-connections 20 --consumer api=20 --format env"))
    expect(asEnv.code).toBe(1)
    expect(asEnv.err).toContain("It does not fit")
  })

  test("plans what a Terraform plan has, at its instances, whatever its sizes are now", async () => {
    const files = { "plan.json": production({ maxScale: 3, poolSize: 35 }) }
    const line = "plan -t plan.json --reserved others=10 --format json"
    const { code, out } = await command(words(line), { files })
    expect(code).toBe(0)
    const { sizes, check } = JSON.parse(out).servers[0]
    expect(Object.keys(sizes)).toHaveLength(16)
    expect(check.deploy.total).toBeLessThanOrEqual(97)
    const poolSize = sizes["scaleway_container.api"]
    expect(poolSize).toBe(sizes['scaleway_job_definition.jobs["talent"]'])
  })

  test.each([["errored", { errored: true }]])(
    "plans nothing from a plan that is %s: 2",
    async (_, fields) => {
      const files = { "plan.json": { ...production(), ...fields } }
      const { code, out, err } = await command(words("plan -t plan.json"), { files })
      expect([code, out]).toEqual([2, ""])
      expect(err).toContain("errored")
    },
  )

  test("plans nothing without a ceiling: 2, and says where to get it", async () => {
    const files = { "plan.json": production() }
    const { planned_values } = files["plan.json"]
    const root = planned_values.root_module as { resources: { type: string }[] }
    root.resources = root.resources.filter(({ type }) => type !== "scaleway_rdb_instance")
    const { code, err } = await command(words("plan -t plan.json"), { files })
    expect(code).toBe(2)
    expect(err).toContain("SHOW max_connections")
  })
})

describe("plan, then check", () => {
  const name = fc.constantFrom("api", "worker", "admin", "imports", "reports")
  const open = fc.record(
    {
      instances: fc.integer({ min: 1, max: 4 }),
      weight: fc.constantFrom(0.5, 1, 2, 3),
      max: fc.integer({ min: 3, max: 30 }),
      surge: fc.integer({ min: 0, max: 4 }),
      poolsPerInstance: fc.integer({ min: 1, max: 2 }),
    },
    { requiredKeys: ["instances"] },
  )
  const job = fc.record(
    {
      schedule: fc.constantFrom("0 3 * * *", "*/30 * * * *", "0 */2 * * 1-5", "15 3 1 * *"),
      timezone: fc.constantFrom("UTC", "Europe/Paris"),
      timeout: fc.constantFrom("20m", "1h30m", "3h"),
    },
    { requiredKeys: ["schedule", "timezone", "timeout"] },
  )
  const fleet = fc.record({
    maxConnections: fc.integer({ min: 10, max: 300 }),
    reserved: fc.record({ metabase: fc.integer({ min: 0, max: 20 }) }),
    consumers: fc.dictionary(name, open, { minKeys: 1 }),
    jobs: fc
      .uniqueArray(job, { maxLength: 3 })
      .map((jobs) => jobs.map((each, index) => ({ ...each, name: `job-${index}` }))),
  })

  test("agree: what has been planned passes --strict, and what could not be planned does not pass", async () => {
    await fc.assert(
      fc.asyncProperty(fleet, async (config) => {
        const planned = await command(["plan", "--format", "json"], { files: { "pool.config.json": config } })
        const { sizes } = JSON.parse(planned.out).servers[0]
        const sized = {
          ...config,
          consumers: Object.fromEntries(
            Object.entries(config.consumers).map(([key, { weight: _, max: __, ...consumer }]) => [
              key,
              { ...consumer, poolSize: sizes[key] },
            ]),
          ),
          jobs: config.jobs.map((each) => ({ ...each, poolSize: sizes[each.name] })),
        }
        const checked = await command(["check", "--strict"], { files: { "pool.config.json": sized } })
        const asOpen = await command(["check", "--strict"], { files: { "pool.config.json": config } })
        expect([checked.code, asOpen.code]).toEqual([planned.code, planned.code])
      }),
      runs(25),
    )
  })
})

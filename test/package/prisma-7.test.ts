import { copyFile } from "node:fs/promises"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { eventually, freshDatabase, sampleBackends, sharedPostgres } from "../support/helpers.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"
import { commandLines, filesOfCommands, offeredBy } from "./commands.ts"
import { describePrismaProject } from "./describe-prisma-project.ts"
import { PRISMA_7 } from "./prisma-project.ts"

const expected = { maxWait: "P2028", unknown: { esm: [], cjs: [] } } as const

describePrismaProject("Prisma 7.10", PRISMA_7, expected, (user) => {
  test("the ESM and the CommonJS copy in one process share one pool", async () => {
    const database = await freshDatabase()
    const env = { DATABASE_URL_CORE: sharedPostgres().url(database), PRISMA_POOL_SIZE_CORE: "3" }
    const { peak } = await sampleBackends(sharedPostgres(), database, async () => {
      const shared = { copies: 2, served: 30, backends: 3 }
      expect(await user().project.run("one-pool.mjs", [], { env })).toEqual(shared)
    })
    expect(peak).toBeLessThanOrEqual(3)
  })

  test("a PoolConfigError of any subpath in any format is one in all others", async () => {
    const found = await user().project.run("brand.mjs")
    expect(found).toEqual({ copies: 8, unrecognised: [], mistaken: [] })
  })

  describe("of what the package has,", () => {
    let env: Record<string, string>
    // Of its own, since what a server has is what the command tells.
    let server: PostgresServer
    let ghost: pg.Client
    beforeAll(async () => {
      server = await startPostgres({ max_connections: 100 })
      await server.createDatabase("core")
      await server.createDatabase("analytics", "analytics")
      await server.createDatabase("full")
      await server.sql(`ALTER DATABASE "full" CONNECTION LIMIT 0; GRANT pg_monitor TO ${ROLE.user}`)
      ghost = new pg.Client(server.url("core", { application_name: "ghost" }))
      await ghost.connect()
      env = {
        DATABASE_URL_CORE: server.url("core"),
        DATABASE_URL_ANALYTICS: server.url("analytics"),
        PRISMA_POOL_SIZE_CORE: "3",
        FULL_URL: server.url("full"),
      }
      for (const [name, text] of Object.entries(filesOfCommands)) await user().project.write(name, text)
      const plan = new URL("../../examples/terraform/plan.json", import.meta.url)
      await copyFile(plan, user().project.path("plan.json"))
    })
    afterAll(async () => {
      await ghost?.end()
      await server?.destroy()
    })

    test.concurrent.each([
      ["ES modules", "esm"],
      ["CommonJS", "cjs"],
    ])("every export of every entry does its work as %s", async (_, format) => {
      const called = await user().project.run("every-export.mjs", [format], { folder: format, env })
      expect(called).toEqual({ missing: [], results: RESULTS })
    })

    test("every entry is in the table", () => {
      const { exports } = user().manifest
      const entries = Object.keys(exports).filter((name) => name !== "./package.json")
      expect(entries.map((name) => name.replace(".", "prisma-pool-config"))).toEqual(Object.keys(RESULTS))
    })

    test.each(commandLines)("prisma-pool $line", async ({ line, code, prints }) => {
      // A backend may outlast the process that had it.
      await eventually("no other connection is open", async () => {
        const { rows } = await ghost.query(OTHERS)
        return rows.length === 0
      })
      const ended = await user().project.command(line.split(" "), env)
      expect({ code: ended.code, err: ended.err }).toEqual({
        code,
        err: expect.not.stringMatching(/error in/),
      })
      expect(ended.out).toMatch(prints)
    })

    test("every command, flag and format is in the table", async () => {
      const helpOf = async (...args: string[]) =>
        offeredBy((await user().project.command([...args, "--help"], env)).out)
      const { commands } = await helpOf()
      expect(commands.length).toBeGreaterThan(5)
      for (const name of commands) {
        const lines = commandLines.map(({ line }) => `${line} `).filter((line) => line.startsWith(`${name} `))
        const { flags, formats } = await helpOf(name)
        expect(formats.length > 1, `${name} has formats`).toBe(!["url", "baseline"].includes(name))
        const wanted = [
          ...flags.filter((flag) => flag !== "--help"),
          ...formats.map((format) => `--format ${format}`),
        ]
        expect(
          wanted.filter((flag) => !lines.some((line) => line.includes(` ${flag} `))),
          name,
        ).toEqual([])
      }
    })
  })
})

const OTHERS =
  "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"

const CONFIG = {
  PoolConfigError: true,
  databaseUrl: "postgresql://app@db/shop?connection_limit=15&pool_timeout=20&connect_timeout=10",
  coreDatabaseUrl: "postgresql://app@db/core?connection_limit=30&pool_timeout=20&connect_timeout=10",
  readPoolSettings: 3,
  redactUrl: "postgresql://app:***@db/core",
  toLibpqUrl: "postgresql://app@db:5432/core",
}

const POOL = { createPool: [{ one: 1 }], isPoolTimeout: true, isTooManyConnections: true }

/** What each export of each entry comes to. */
const RESULTS = {
  "prisma-pool-config": {
    ...CONFIG,
    coreAdapter: 0,
    createAnalyticsClient: 0,
    createCoreClient: 0,
    createPrismaClient: 0,
    createReplicaClient: true,
    prismaAdapter: 0,
    withPrismaClient: 0,
    ...POOL,
    poolConfigFromUrl: 7,
    withCoreClient: 0,
  },
  "prisma-pool-config/config": CONFIG,
  "prisma-pool-config/pool": { PoolConfigError: true, ...POOL },
  "prisma-pool-config/sizing": {
    PoolConfigError: true,
    checkFleet: 20,
    connectionLimitByShares: 16,
    connectionLimitBySlots: 13,
    connectionsForLoad: 5,
    maxConcurrentRuns: 10,
    reservedTotal: 13,
    scalewayPlans: 100,
    sizeFleet: { api: 38 },
  },
  "prisma-pool-config/deployments": {
    PoolConfigError: true,
    fleetFromCompose: ["service/api"],
    fleetFromKubernetes: ["deployment/api"],
    fleetFromRender: ["service/api"],
    fleetFromAppSpec: ["service/api"],
    fleetFromTerraform: ["scaleway_container.api"],
  },
  "prisma-pool-config/monitor": {
    PoolConfigError: true,
    inspectDatabase: 100,
    inspectPgBouncer: { used: 7, limit: 100, waiting: 2 },
    observeDatabase: expect.arrayContaining(["prisma_pool.server.max_connections"]),
    observePgBouncer: expect.arrayContaining(["prisma_pool.pgbouncer.waiting"]),
    observePools: expect.arrayContaining(["db.client.connection.count"]),
    traceAcquires: {
      esm: ["prisma-pool.connect", "prisma-pool.acquire"],
      cjs: ["prisma-pool.connect", "prisma-pool.acquire"],
    },
    poolStats: { max: 3, acquired: expect.any(Number) },
    refusedLimit: "database",
    watchConnections: { server: "alert: full", pgbouncer: "alert: waiting" },
  },
}

import { inspect } from "node:util"
import { beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/analytics/generated/client.ts"
import { createAnalyticsClient, PoolConfigError } from "../../src/index.ts"
import { freshDatabase, rejection, sampleBackends, sharedPostgres } from "../support/helpers.ts"

const postgres = sharedPostgres()
let database: string
beforeAll(async () => {
  database = await freshDatabase("analytics")
})

describe("the Analytics client", () => {
  test("gives the URL to the driver byte for byte, and its pool has the driver's defaults", async () => {
    const url = postgres.url(database, { connection_limit: 3, pool_timeout: 1, connect_timeout: 1 })
    let options: Record<string, unknown> = {}
    // The class stands in for Prisma's, to look at the adapter that it is given.
    class Spy {
      readonly adapter: { connect(): Promise<{ underlyingDriver?(): { options: object } }> }
      constructor(given: { adapter: Spy["adapter"] }) {
        this.adapter = given.adapter
      }
    }
    const { adapter } = createAnalyticsClient(Spy, {
      env: { DATABASE_URL_ANALYTICS: url, PRISMA_POOL_SIZE_CORE: "2" },
    })
    const connected = await adapter.connect()
    options = { ...connected.underlyingDriver?.().options }
    expect(options["connectionString"]).toBe(url)
    expect(options).toMatchObject({ max: 10, idleTimeoutMillis: 10_000, allowExitOnIdle: false })
    expect(options).not.toHaveProperty("connectionTimeoutMillis")
  })

  test("holds the driver's 10 connections, despite settings in the URL and the Core variables", async () => {
    const client = createAnalyticsClient(PrismaClient, {
      env: {
        DATABASE_URL_ANALYTICS: postgres.url(database, { connection_limit: 3 }),
        PRISMA_POOL_SIZE_CORE: "2",
      },
    })
    const { peak } = await sampleBackends(postgres, database, async () => {
      await Promise.all(Array.from({ length: 30 }, () => client.$queryRaw`SELECT 1 FROM pg_sleep(0.1)`))
      await client.$disconnect()
    })
    expect(peak).toBe(10)
  })

  test("queries the schema of its URL, where Prisma 7 by itself queries public", async () => {
    await postgres.sql(
      `CREATE SCHEMA legacy AUTHORIZATION app; CREATE TABLE legacy.stat_event (LIKE stat_event INCLUDING ALL);
       ALTER TABLE legacy.stat_event OWNER TO app; INSERT INTO legacy.stat_event (id, type) VALUES (1, 'print')`,
      [],
      database,
    )
    const env = { DATABASE_URL_ANALYTICS: postgres.url(database, { schema: "legacy" }) }
    const client = createAnalyticsClient(PrismaClient, { env })
    expect(await client.statEvent.count()).toBe(1)
    await client.$disconnect()
  })

  test("a missing DATABASE_URL_ANALYTICS does not throw at the call, but at first use", async () => {
    const client = createAnalyticsClient(PrismaClient, { env: {} })
    for (const call of [client.$connect(), client.statEvent.count()]) {
      const error = await rejection(call)
      expect(error).toBeInstanceOf(PoolConfigError)
      expect(error).toMatchObject({ issues: [{ name: "DATABASE_URL_ANALYTICS" }] })
    }
  })

  test("what is no text is refused at the call", () => {
    const env = { DATABASE_URL_ANALYTICS: 5 as unknown as string }
    expect(() => createAnalyticsClient(PrismaClient, { env })).toThrow(PoolConfigError)
  })

  test.each(["//s3cret", "s3cret", "/s3cret db", "socket:/s3cret", "mysql://app:s3cret@db/analytics"])(
    "what is no PostgreSQL URL is refused, at the call and at first use, and not shown: %s",
    async (url) => {
      const env: Record<string, string> = {}
      const late = createAnalyticsClient(PrismaClient, { env })
      env["DATABASE_URL_ANALYTICS"] = url
      const errors = [
        await rejection(late.$connect()),
        await rejection(late.statEvent.count()),
        await rejection((async () => createAnalyticsClient(PrismaClient, { env }))()),
      ]
      for (const error of errors) {
        expect(error).toBeInstanceOf(PoolConfigError)
        expect(error.message).toContain("DATABASE_URL_ANALYTICS: is not a PostgreSQL URL")
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cret")
      }
    },
  )
})

import { beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient } from "../../src/index.ts"
import { freshDatabase, sampleBackends, sharedPostgres } from "./helpers.ts"

describe("the connection limit", () => {
  const postgres = sharedPostgres()
  let database: string
  beforeAll(async () => {
    database = await freshDatabase()
  })

  test("30 concurrent queries with a limit of 3 never show more than 3 backends", async () => {
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: postgres.url(database), PRISMA_POOL_SIZE_CORE: "3" },
    })
    const { peak, samples } = await sampleBackends(postgres, database, async () => {
      await Promise.all(Array.from({ length: 30 }, () => client.$queryRaw`SELECT 1 FROM pg_sleep(0.05)`))
      await client.$disconnect()
    })
    expect(peak).toBe(3)
    expect(samples).toBeGreaterThan(10)
  })
})

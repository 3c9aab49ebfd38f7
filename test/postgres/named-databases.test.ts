import { readReplicas } from "@prisma/extension-read-replicas"
import type { Pool } from "pg"
import { beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import {
  createCoreClient,
  createPrismaClient,
  createReplicaClient,
  prismaAdapter,
  withPrismaClient,
} from "../../src/index.ts"
import {
  countBackends,
  freshDatabase,
  rejection,
  sampleBackends,
  sharedPostgres,
  times,
} from "../support/helpers.ts"

const postgres = sharedPostgres()
let one: string
let other: string
beforeAll(async () => {
  ;[one, other] = [await freshDatabase(), await freshDatabase()]
})

const databaseOf = async (client: PrismaClient) => {
  const [row] = await client.$queryRaw<{ name: string }[]>`SELECT current_database() AS name`
  return row?.name
}

const sleepers = (client: PrismaClient) => times(20, () => client.$queryRaw`SELECT 1 FROM pg_sleep(0.05)`)

describe("a client by name", () => {
  test("has the database and the size of its own variables, beside others in one process", async () => {
    const env = {
      DATABASE_URL: postgres.url(one),
      PRISMA_POOL_SIZE: "2",
      DATABASE_URL_BILLING: postgres.url(other),
      PRISMA_POOL_SIZE_BILLING: "4",
    }
    const shop = createPrismaClient(PrismaClient, { env })
    const billing = createPrismaClient(PrismaClient, { env, database: "BILLING" })
    expect([await databaseOf(shop), await databaseOf(billing)]).toEqual([one, other])
    const ofShop = await sampleBackends(postgres, one, () => Promise.all(sleepers(shop)))
    const ofBilling = await sampleBackends(postgres, other, () => Promise.all(sleepers(billing)))
    expect([ofShop.peak, ofBilling.peak]).toEqual([2, 4])
    await Promise.all([shop.$disconnect(), billing.$disconnect()])
  })

  test("shares its pool with the Core client of the same settings", async () => {
    const url = postgres.url(one)
    const env = {
      DATABASE_URL: url,
      PRISMA_POOL_SIZE: "2",
      DATABASE_URL_CORE: url,
      PRISMA_POOL_SIZE_CORE: "2",
    }
    const clients = [createPrismaClient(PrismaClient, { env }), createCoreClient(PrismaClient, { env })]
    const { peak } = await sampleBackends(postgres, one, () => Promise.all(clients.flatMap(sleepers)))
    expect(peak).toBe(2)
    await Promise.all(clients.map((client) => client.$disconnect()))
  })

  test("by its adapter alone, and in a job that always disconnects", async () => {
    const env = { DATABASE_URL_BILLING: postgres.url(other) }
    const adapter = prismaAdapter({ env, database: "BILLING" })
    const client = new PrismaClient({ adapter })
    expect(await databaseOf(client)).toBe(other)
    await client.$disconnect()
    expect(await withPrismaClient(PrismaClient, { env, database: "BILLING" }, databaseOf)).toBe(other)
    expect(await countBackends(postgres, other)).toBe(0)
  })

  test("whose URL is missing says so at first use, and names what is near", async () => {
    const client = createPrismaClient(PrismaClient, { env: { DATABASE_URL_CORE: postgres.url(one) } })
    const error = await rejection(client.$connect())
    expect(error.message).toBe(
      "DATABASE_URL: is not set, and DATABASE_URL_CORE is. Use createCoreClient for it, or rename it.",
    )
  })
})

describe("the client of a replica", () => {
  const core = (env: Readonly<Record<string, string>>) =>
    createCoreClient(PrismaClient, { env: { PRISMA_POOL_SIZE_CORE: "3", ...env } })

  test("has the replica's URL, and the primary's size where it has none", async () => {
    const env = { DATABASE_URL_CORE: postgres.url(one), DATABASE_URL_CORE_REPLICA: postgres.url(other) }
    for (const [more, size] of [
      [{}, 3],
      [{ PRISMA_POOL_SIZE_CORE_REPLICA: "5" }, 5],
    ] as const) {
      const primary = core({ ...env, ...more })
      const replica = createReplicaClient(PrismaClient, primary)
      expect(replica).not.toBe(primary)
      expect(await databaseOf(replica)).toBe(other)
      const { peak } = await sampleBackends(postgres, other, () => Promise.all(sleepers(replica)))
      expect(peak).toBe(size)
      await Promise.all([primary.$disconnect(), replica.$disconnect()])
    }
  })

  test("of a database without a name", async () => {
    const env = {
      DATABASE_URL: postgres.url(one),
      DATABASE_URL_REPLICA: postgres.url(other),
      PRISMA_POOL_SIZE: "2",
    }
    const primary = createPrismaClient(PrismaClient, { env })
    const replica = createReplicaClient(PrismaClient, primary)
    expect(await databaseOf(replica)).toBe(other)
    const { peak } = await sampleBackends(postgres, other, () => Promise.all(sleepers(replica)))
    expect(peak).toBe(2)
    await replica.$disconnect()
  })

  test("is the primary where the variable is unset, empty, or leads to the same database", async () => {
    const url = "postgresql://app:one@LOCALHOST:5432/core?schema=a"
    for (const replica of [
      undefined,
      "",
      url,
      "postgresql://reader:two@127.0.0.1/core",
      "postgresql://reader@[::1]:5432/core?connection_limit=4",
    ]) {
      const primary = core({
        DATABASE_URL_CORE: url,
        ...(replica === undefined ? {} : { DATABASE_URL_CORE_REPLICA: replica }),
      })
      expect(createReplicaClient(PrismaClient, primary)).toBe(primary)
    }
    for (const replica of [
      "postgresql://app@localhost:5433/core",
      "postgresql://app@localhost:5432/other",
      "postgresql://app@replica:5432/core",
    ]) {
      const primary = core({ DATABASE_URL_CORE: url, DATABASE_URL_CORE_REPLICA: replica })
      expect(createReplicaClient(PrismaClient, primary)).not.toBe(primary)
    }
  })

  test("is what Prisma's extension reads from", async () => {
    const primary = core({
      DATABASE_URL_CORE: postgres.url(one),
      DATABASE_URL_CORE_REPLICA: postgres.url(other),
    })
    const replica = createReplicaClient(PrismaClient, primary)
    const extended = primary.$extends(readReplicas({ replicas: [replica] }))
    await extended.partner.create({ data: { name: "written on the primary", apiKey: "k" } })
    expect(await extended.partner.count(), "read from the replica, which is another database here").toBe(0)
    expect(await extended.$primary().partner.count()).toBe(1)
    await Promise.all([primary.$disconnect(), replica.$disconnect()])
  })
})

describe("onPool", () => {
  test("gets the pool when it is made, once, and the next one after $disconnect()", async () => {
    const pools: Pool[] = []
    const env = { DATABASE_URL: postgres.url(one), PRISMA_POOL_SIZE: "2" }
    const client = createPrismaClient(PrismaClient, { env, onPool: (pool) => pools.push(pool) })
    expect(pools).toEqual([])
    await Promise.all(sleepers(client))
    expect(pools).toHaveLength(1)
    const [pool] = pools
    expect(pool?.totalCount).toBe(2)
    expect((await pool?.query("SELECT current_database() AS name"))?.rows).toEqual([{ name: one }])
    await client.$disconnect()
    await client.$connect()
    expect(pools).toHaveLength(2)
    expect(pools[1]).not.toBe(pool)
    await client.$disconnect()
  })

  test("tells every client that shares the pool", async () => {
    const told: [string, Pool][] = []
    const env = { DATABASE_URL: postgres.url(one), PRISMA_POOL_SIZE: "2" }
    const clients = ["a", "b"].map((name) =>
      createPrismaClient(PrismaClient, { env, onPool: (pool) => told.push([name, pool]) }),
    )
    await Promise.all(clients.map((client) => client.$connect()))
    expect(told.map(([name]) => name).sort()).toEqual(["a", "b"])
    expect(told[0]?.[1]).toBe(told[1]?.[1])
    await Promise.all(clients.map((client) => client.$disconnect()))
  })

  test("is called again with the same pool where it has thrown", async () => {
    const env = { DATABASE_URL: postgres.url(one), PRISMA_POOL_SIZE: "2" }
    const other = createPrismaClient(PrismaClient, { env })
    await other.$connect()
    const failures = [new Error("not yet")]
    const pools: Pool[] = []
    const client = createPrismaClient(PrismaClient, {
      env,
      onPool(pool) {
        const failure = failures.pop()
        if (failure !== undefined) throw failure
        pools.push(pool)
      },
    })
    expect((await rejection(client.$connect())).message).toBe("not yet")
    await client.$connect()
    expect(pools).toHaveLength(1)
    await Promise.all([client.$disconnect(), other.$disconnect()])
  })
})

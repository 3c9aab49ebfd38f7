import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { beforeEach, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, withCoreClient } from "../../src/index.ts"
import { PATIENT } from "../support/held-transactions.ts"
import {
  countBackends,
  eventually,
  freshDatabase,
  rejection,
  sharedPostgres,
  sleep,
  TEMPORARY_TABLE,
} from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
let env: Record<string, string>
beforeEach(async () => {
  database = await freshDatabase()
  env = { DATABASE_URL_CORE: postgres.url(database), PRISMA_POOL_SIZE_CORE: "3" }
})

/** Tells whether a query of `pg_sleep(600)` is running. */
async function asleep(): Promise<boolean> {
  const rows = await postgres.sql(
    "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND state = 'active' AND query LIKE '%pg_sleep(600)%'",
    [database],
  )
  return rows.length > 0
}

/** Runs a script of its own process with the client at hand, and gives back what it printed. */
async function script(body: string): Promise<{ stdout: string; stderr: string }> {
  const source = `
    import { PrismaClient } from "./prisma/core/generated/client.ts"
    import { createCoreClient } from "./src/index.ts"
    const prisma = createCoreClient(PrismaClient)
    ${body}`
  return promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", source], {
    env: { ...process.env, ...env },
    timeout: 150_000,
  })
}

describe("a process", () => {
  test("that forgets $disconnect() ends all the same", async () => {
    const { stdout } = await script("console.log(await prisma.mission.count())")
    expect(stdout).toBe("0\n")
  })

  test("is kept alive by a query that waits for a connection", async () => {
    const { stdout } = await script(`
      const held = Array.from({ length: 3 }, () => prisma.$queryRaw\`SELECT 1 FROM pg_sleep(0.5)\`)
      prisma.mission.count().then(() => console.log("served"))
      held.map((query) => query.then(() => {}))`)
    expect(stdout).toBe("served\n")
  })

  test("is kept alive by an awaited $disconnect()", async () => {
    const { stdout } = await script(`
      await prisma.mission.count()
      await prisma.$disconnect()
      console.log("disconnected")`)
    expect(stdout).toBe("disconnected\n")
  })
})

describe("$disconnect()", () => {
  test("resolves when the server has closed every connection", async () => {
    const client = createCoreClient(PrismaClient, { env })
    await Promise.all(Array.from({ length: 3 }, () => client.$executeRawUnsafe(TEMPORARY_TABLE)))
    // One that is free before another is open serves the next caller; the other is kept all the same.
    await eventually("all are open", async () => (await countBackends(postgres, database)) === 3)
    await client.$disconnect()
    expect(await countBackends(postgres, database)).toBe(0)
  })

  test("waits for connections in use, and for the queries that wait for one", async () => {
    const client = createCoreClient(PrismaClient, { env })
    const queries = Array.from({ length: 9 }, () =>
      client.$queryRaw`SELECT 1 FROM pg_sleep(0.3)`.then(() => "served"),
    )
    await sleep(100)
    await client.$disconnect()
    expect(new Set(await Promise.all(queries))).toEqual(new Set(["served"]))
  })

  test("takes at most 5 s of that, then closes them, and their queries stop on the server too", async () => {
    const client = createCoreClient(PrismaClient, { env })
    const query = rejection(client.$queryRaw`SELECT 1 FROM pg_sleep(600)`)
    await eventually("asleep", asleep)
    const start = performance.now()
    await client.$disconnect()
    expect(performance.now() - start).toBeGreaterThanOrEqual(4_900)
    await query
    await eventually("stopped", async () => !(await asleep()))
  })

  test("does not wait for a transaction's query", async () => {
    const client = createCoreClient(PrismaClient, { env })
    const transaction = rejection(
      client.$transaction((tx) => tx.$queryRaw`SELECT 1 FROM pg_sleep(600)`, {
        timeout: 600_000,
        maxWait: 60_000,
      }),
    )
    await eventually("asleep", asleep)
    const start = performance.now()
    await client.$disconnect()
    // A ROLLBACK behind the query would take ten minutes, and the five seconds are for those without one.
    expect(performance.now() - start).toBeLessThan(4_900)
    await transaction
    await eventually("stopped", async () => !(await asleep()))
  })

  test("does not wait for the rollback of a transaction that is open on a frozen connection", async () => {
    const proxy = await startProxy(postgres.port)
    const url = postgres.url(database).replace(`:${postgres.port}/`, `:${proxy.port}/`)
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    const transaction = rejection(
      client.$transaction(async (tx) => {
        await tx.mission.count()
        open()
        await sleep(3_000)
      }, PATIENT),
    )
    await opened
    await proxy.freeze()
    // The rollback would never be answered.
    await client.$disconnect()
    await proxy.close()
    await transaction
  })

  test("leaves the pool to the clients that share it, even if PrismaPg is told to end it", async () => {
    const prismaPg = { disposeExternalPool: true } as object
    const [one, two] = [
      createCoreClient(PrismaClient, { env, prismaPg }),
      createCoreClient(PrismaClient, { env }),
    ]
    await Promise.all([one.mission.count(), two.mission.count()])
    await one.$disconnect()
    expect(await two.mission.count()).toBe(0)
    await two.$disconnect()
  })

  test("may be called twice, and on a client that never connected", async () => {
    const client = createCoreClient(PrismaClient, { env })
    await client.$disconnect()
    await client.mission.count()
    await client.$disconnect()
    await client.$disconnect()
    expect(await client.mission.count()).toBe(0)
    await client.$disconnect()
  })
})

describe("withCoreClient", () => {
  test("returns what the job returns, and has disconnected", async () => {
    expect(await withCoreClient(PrismaClient, { env }, (client) => client.mission.count())).toBe(0)
    expect(await countBackends(postgres, database)).toBe(0)
  })

  test("throws what the job throws, and has disconnected", async () => {
    const failure = new Error("the job's own")
    const job = withCoreClient(PrismaClient, { env }, async (client) => {
      await client.mission.count()
      throw failure
    })
    expect(await rejection(job)).toBe(failure)
    expect(await countBackends(postgres, database)).toBe(0)
  })
})

// Processes whose pools follow each other, through the signals of their platforms.
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterEach, beforeEach, expect, test } from "vitest"
import { newService, type Service } from "../support/auto-pools.ts"
import { AutoProcess } from "../support/auto-process.ts"
import { eventually, freshDatabase, sampleBackends, sharedPostgres, times } from "../support/helpers.ts"

const postgres = sharedPostgres()
const LIMIT = 18
let database: string
let service: Service
const running: AutoProcess[] = []

beforeEach(async () => {
  database = await freshDatabase()
  service = await newService(postgres, database, LIMIT)
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.kill()))
  await service.drop()
})

async function start(count: number): Promise<AutoProcess[]> {
  const url = service.url({ connection_limit: 15, pool_timeout: 120 })
  const started = await Promise.all(times(count, () => AutoProcess.start(url)))
  running.push(...started)
  return started
}

/** Connections by pool, of those that have any, in order of size. */
async function sizes(): Promise<number[]> {
  const rows = await postgres.sql<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = $1 GROUP BY application_name ORDER BY 1",
    [service.role],
  )
  return rows.map(({ count }) => count)
}

const haveSizes = (what: string, wanted: readonly number[]) =>
  eventually(what, async () => JSON.stringify(await sizes()) === JSON.stringify(wanted), 120_000)

test("8 processes share, 3 are killed, 2 are frozen while one starts, and go on: never above the limit", async () => {
  const processes = await start(9)
  const [newcomer, ...first] = processes as [AutoProcess, ...AutoProcess[]]
  const { peak } = await sampleBackends(postgres, database, async () => {
    for (const process of first) process.callers(8)
    await haveSizes(
      "16 are shared by 8",
      times(8, () => 2),
    )

    await Promise.all(first.splice(0, 3).map((process) => process.kill()))
    await haveSizes(
      "and by 5",
      times(5, () => 3),
    )

    const frozen = first.splice(0, 2)
    for (const process of frozen) process.signal("SIGSTOP")
    newcomer.callers(8)
    await eventually("the newcomer is served", async () => (await newcomer.report()).served > 0)
    // Those of the frozen ones count, and nobody takes them.
    await eventually(
      "all have their share of 16 by 6, beside the frozen",
      async () => {
        const all = await sizes()
        return all.length === 6 && all.every((size) => size >= 2) && all.reduce((a, b) => a + b) <= 16
      },
      120_000,
    )

    for (const process of frozen) process.signal("SIGCONT")
    for (const process of frozen) {
      const { served } = await process.report()
      await eventually("it goes on", async () => (await process.report()).served > served)
    }
    for (const process of [...first, ...frozen, newcomer]) expect((await process.report()).errors).toEqual([])
  })
  expect(peak).toBeLessThanOrEqual(LIMIT)
})

test("a process ends by itself while its pool would go on to look", async () => {
  const source = `
    import { PrismaClient } from "./prisma/core/generated/client.ts"
    import { createCoreClient } from "./src/index.ts"
    const prisma = createCoreClient(PrismaClient)
    await Promise.all(Array.from({ length: 3 }, () => prisma.$queryRaw\`SELECT 1 FROM pg_sleep(0.1)\`))
    console.log("over")`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", source],
    {
      env: { ...process.env, DATABASE_URL_CORE: service.url(), PRISMA_POOL_SIZE_CORE: "auto" },
      timeout: 60_000,
    },
  )
  expect(stdout).toBe("over\n")
})

import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type PostgresServer, startPostgres } from "../support/server.ts"

/** An application that meets a full pool, a full server and a wrong URL, and logs as they do. */
const APPLICATION = `
  import { PrismaClient } from "./prisma/core/generated/client.ts"
  import { createCoreClient } from "./src/index.ts"
  const core = (more) => createCoreClient(PrismaClient, {
    log: process.env.LOG === "prisma" ? ["error"] : [],
    env: { ...process.env, PRISMA_CONNECT_TIMEOUT: "0", ...more },
  })
  const log = (error) => {
    if (process.env.LOG === "object") console.error(error)
    if (process.env.LOG === "json") console.error(JSON.stringify({ ...error, message: error.message }))
  }
  const own = core({ PRISMA_POOL_SIZE_CORE: "2", PRISMA_POOL_TIMEOUT: "1" })
  let release
  const released = new Promise((resolve) => { release = resolve })
  let held = 0
  const holders = [1, 2].map(() => own.$transaction(async (tx) => {
    await tx.$queryRaw\`SELECT 1\`
    held += 1
    await released
  }, { timeout: 60_000 }))
  while (held < 2) await new Promise((resolve) => setTimeout(resolve, 10))
  await own.mission.count().catch(log)
  const other = core({ PRISMA_POOL_SIZE_CORE: "1" })
  await other.mission.count().catch(log)
  try {
    core({ DATABASE_URL_CORE: process.env.DATABASE_URL_CORE + "?connection_limit=0" })
  } catch (error) {
    log(error)
  }
  release()
  await Promise.all(holders)
  await Promise.all([own.$disconnect(), other.$disconnect()])`

let server: PostgresServer
let serverLog = ""
const logs: Record<string, string> = {}
beforeAll(async () => {
  // Two slots for ordinary roles, which the first client takes.
  server = await startPostgres({ max_connections: 5, max_wal_senders: 0 }, (text) => {
    serverLog += text
  })
  await server.createDatabase("core")
  for (const LOG of ["prisma", "object", "json"]) {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", APPLICATION],
      { env: { ...process.env, DATABASE_URL_CORE: server.url(), LOG } },
    )
    logs[LOG] = stdout + stderr
  }
})
afterAll(() => server.destroy())

/** As `grep` does. */
const grep = (search: string, log = "") => log.split("\n").filter((line) => line.includes(search))

describe.each([
  ["Prisma's own (log: ['error'])", "prisma"],
  ["console.error(error)", "object"],
  ["a logger that writes JSON", "json"],
])("in the log of an application: %s", (_, log) => {
  test('"Timed out fetching a new connection" finds the full pool', () => {
    expect(grep("Timed out fetching a new connection", logs[log])).toHaveLength(1)
  })

  test('"remaining connection slots" finds the full server', () => {
    expect(grep("remaining connection slots", logs[log])).toHaveLength(1)
  })
})

describe('"connection_limit"', () => {
  test("is not in Prisma's text, so that its own log has it nowhere", () => {
    expect(grep("connection limit: 2", logs["prisma"])).toHaveLength(1)
    expect(grep("connection_limit", logs["prisma"])).toEqual([])
  })

  test.each(["object", "json"])(
    "finds meta of P2024, and the URL that has it wrong, where errors are logged whole: %s",
    (log) => {
      const lines = grep("connection_limit", logs[log])
      expect(lines.filter((line) => /connection_limit"?: ?2/.test(line))).toHaveLength(1)
      expect(
        lines.filter((line) => /connection_limit: received|unlimited in Prisma 6/.test(line)).length,
      ).toBeGreaterThan(0)
    },
  )
})

test("the server's own log has its refusals, where there is a file to search", () => {
  expect(grep("remaining connection slots", serverLog).length).toBeGreaterThanOrEqual(3)
  expect(serverLog).toMatch(/FATAL: +remaining connection slots/)
})

import { execFile, execFileSync } from "node:child_process"
import { copyFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { describeSpecification } from "../specification/describe-specification.ts"
import { Subject } from "../specification/subject.ts"
import { freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"
import { canRunPrisma8, installPrisma8 } from "./prisma-8-project.ts"
import { compile, NODE, type Project, removeDirectory, temporaryDirectory } from "./project.ts"

const postgres = sharedPostgres()
const typescript = join(createRequire(import.meta.url).resolve("typescript/package.json"), "..")

const version = execFileSync(NODE, ["-p", "process.versions.node"], { encoding: "utf8" })

// In CI the packed package runs on the oldest Node.js too, which Prisma 8 does not.
describe.skipIf(!canRunPrisma8(version))("Prisma 8", () => {
  let directory: string | undefined
  let project: Project
  beforeAll(async () => {
    directory = await temporaryDirectory()
    project = await installPrisma8(join(directory, "project"), inject("packed").tarball)
  })
  afterAll(() => removeDirectory(directory))

  /** Runs a part of scenarios/prisma-8.mjs. */
  async function scenario<Seen>(part: string, database?: string): Promise<Seen> {
    const SERVER_URL = postgres.url(database ?? (await freshDatabase("core")))
    const silent = await startProxy(postgres.port)
    const closed = await startProxy(postgres.port)
    await silent.newConnections("ignore")
    await closed.newConnections("refuse")
    try {
      const env = { SERVER_URL, SILENT_URL: silent.url(SERVER_URL), CLOSED_URL: closed.url(SERVER_URL) }
      return await project.run<Seen>("prisma-8.mjs", [part], { env })
    } finally {
      await Promise.all([silent.close(), closed.close()])
    }
  }

  test.concurrent("the example compiles", async () => {
    expect(await compile(typescript, project.path("tsconfig.json"))).toBe("")
  })

  test.concurrent("the example runs within its limit, and ends by itself", async () => {
    const database = await freshDatabase("core")
    const DATABASE_URL = postgres.url(database, { connection_limit: 3 })
    const { stdout } = await promisify(execFile)(NODE, ["src/main.ts"], {
      cwd: project.directory,
      env: { ...process.env, DATABASE_URL },
      // The bound of what hangs.
      timeout: 180_000,
    })
    expect(stdout).toBe("50 partners, over 3 connections of at most 3\n")
    expect(await postgres.sql("SELECT name FROM partner WHERE name LIKE 'Ada %'", [], database)).toHaveLength(
      1,
    )
  })

  test.concurrent("isPoolTimeout knows the errors of a full pool, the others keep their codes, and connect() connects nothing", async () => {
    const errors = await scenario<Record<string, object>>("errors")
    const full = { isPoolTimeout: true, isTooManyConnections: false }
    const other = { name: "SqlQueryError", isPoolTimeout: false, isTooManyConnections: false }
    expect(errors).toMatchObject({
      query: { ...full, name: "SqlQueryError", sqlState: "P2024", cause: "P2024" },
      transaction: { ...full, name: "PoolTimeoutError", code: "P2024" },
      slow: { ...other, sqlState: "P1008", cause: "P1008" },
      silent: { ...other, name: "SqlConnectionError", cause: "ETIMEDOUT" },
      connect: { served: true },
      away: { ...other, name: "SqlConnectionError", cause: "ECONNREFUSED" },
    })
  })

  test.concurrent("a client that is closed leaves the pool to the next one, and to its owner", async () => {
    expect(await scenario("close")).toMatchObject({
      closed: { code: "DRIVER.NOT_CONNECTED" },
      isSameConnection: true,
      left: 0,
    })
  })

  // If this fails, a newer Prisma 8 can check its contract: take `verifyMarker` out of the example and of its page.
  test.concurrent("its check of the contract needs a second connection in a transaction, and fails for good", async () => {
    expect(await scenario("marker")).toMatchObject({
      off: { served: true },
      on: { code: "CONTRACT.MARKER_READ_FAILED", isPoolTimeout: true },
      used: 0,
      next: { code: "CONTRACT.MARKER_READ_FAILED" },
    })
  })

  test.concurrent("a transaction that the server rolled back is not an error, as it is to node-postgres", async () => {
    expect(await scenario("rollback")).toEqual({ transaction: { served: true }, partners: 0 })
  })

  // What the parameters do without createPool. If one of these fails, a newer Prisma 8 has come to read them: change its page.
  test.concurrent("in its own url connection_limit has no effect", async () => {
    expect(await scenario("limit")).toEqual({ backends: 10 })
  })

  test.concurrent("nor have the time limits and the schema, and what the server is told has", async () => {
    const { pool_timeout, connect_timeout, ...others } =
      await scenario<Record<string, { millis: number }>>("url")
    expect(pool_timeout).toMatchObject({ message: "timeout exceeded when trying to connect" })
    expect(connect_timeout).toMatchObject({ name: "SqlConnectionError" })
    // Those of the URL are one second each, those of `poolOptions` eight.
    expect(pool_timeout?.millis).toBeGreaterThan(7_900)
    expect(connect_timeout?.millis).toBeGreaterThan(7_900)
    expect(others).toEqual({
      socket_timeout: { served: true },
      session: {
        search_path: '"$user", public',
        application_name: "the URL",
        statement_timeout: "4321ms",
        work_mem: "5MB",
      },
    })
  })

  describeSpecification("createPool under Prisma 8", async () => {
    const script = project.path("subject.mjs")
    await copyFile(new URL("../specification/subject.mjs", import.meta.url), script)
    const modules = {
      library: "prisma-pool-config/pool",
      monitor: "prisma-pool-config/monitor",
      contract: project.path("src/prisma/generated/contract.json"),
    }
    return new Subject(script, modules, { node: NODE })
  })
})

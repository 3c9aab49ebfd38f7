import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { promisify } from "node:util"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { blocksOf, page, root } from "../documentation/pages.ts"
import { command, words } from "../support/command.ts"
import { freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const readme = page("README.md")

describe("a stranger's first query", () => {
  const [, section = ""] = /^## From npm install to a first query$(.*?)^## /ms.exec(readme) ?? []
  const [first = ""] = blocksOf(section, "ts")

  /** Runs a module of a user, who has the packed package and a generated client. */
  async function run(code: string, env: Record<string, string>): Promise<string> {
    // Inside the repository, whose package.json is that of the package it imports.
    const directory = await mkdtemp(join(root, "test/examples/first-"))
    const client = pathToFileURL(join(root, "prisma/core/generated/client.ts")).href
    try {
      const file = join(directory, "first.mts")
      await writeFile(file, code.replace("./generated/prisma/client.js", client))
      const tsx = import.meta.resolve("tsx")
      const { DATABASE_URL, DATABASE_URL_CORE, ...rest } = process.env
      const options = { env: { ...rest, ...env }, cwd: directory }
      const { stdout } = await promisify(execFile)(process.execPath, ["--import", tsx, file], options)
      return stdout
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  it("takes five commands and six lines", () => {
    const [commands = ""] = blocksOf(section, "sh")
    expect(commands.trim().split("\n").length).toBeLessThanOrEqual(5)
    expect(first.split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(6)
  })

  it.each([
    ["DATABASE_URL", first],
    ["DATABASE_URL_CORE", first.replaceAll("createPrismaClient", "createCoreClient")],
  ])("shows the pool's connection as the server has it, with %s", async (variable, code) => {
    const database = await freshDatabase("core")
    const out = await run(code, { [variable]: sharedPostgres().url(database) })
    expect(out).toMatch(new RegExp(`\\d+ +│ '${database}' │ 'active' │`))
  })
})

describe("what inspect prints of a server that is nearly full", () => {
  let server: PostgresServer
  const clients: pg.Client[] = []

  async function open(application: string, count: number): Promise<readonly pg.Client[]> {
    const opened = await Promise.all(
      Array.from({ length: count }, async () => {
        const client = new pg.Client({ connectionString: server.url("core"), application_name: application })
        client.on("error", () => {})
        await client.connect()
        return client
      }),
    )
    clients.push(...opened)
    return opened
  }

  beforeAll(async () => {
    server = await startPostgres({ max_connections: 100 })
    await server.createDatabase("core", "core")
    await server.sql("CREATE ROLE monitoring LOGIN PASSWORD 'monitoring'; GRANT pg_monitor TO monitoring")
    const [blocker, ...api] = await open("api@1.4.2", 60)
    const metabase = await open("metabase", 14)
    await open("psql", 9)
    await blocker?.query("BEGIN; LOCK TABLE mission")
    const work = [
      ...api.slice(0, 6).map((client) => client.query("SELECT FROM mission")),
      ...[...api.slice(6, 12), ...metabase.slice(0, 2)].map((client) => client.query("SELECT pg_sleep(600)")),
    ]
    for (const query of work) query.catch(() => {})
  })

  afterAll(async () => {
    await server?.destroy()
  })

  /** Ages and process ids are of the moment. */
  const timeless = (text: string) =>
    text.replaceAll(/ +\d+ s\b/g, " N s").replaceAll(/pid \d+|backend\(\d+/g, "N")

  it.each(["README.md", "docs/monitoring.md"])("is what %s shows", async (name) => {
    const [, shown = ""] = /```text\n(✗ 84 of 97.*?)```/s.exec(page(name)) ?? []
    const env = {
      DATABASE_URL_CORE: server.adminUrl("core").replace("postgres:admin", "monitoring:monitoring"),
    }
    const fleet = {
      maxConnections: 100,
      reserved: { metabase: 10 },
      consumers: { api: { instances: 3, poolSize: 20 } },
    }
    const { out } = await command(words("inspect"), { env, files: { "pool.config.json": fleet } })
    const printed = timeless(out)
    // Which of those that wait is seen to wait for which is another matter each time.
    const lines = timeless(shown)
      .split("\n")
      .filter(
        (line) =>
          !/…|waits for|blocks|idle in transaction: \d|^Blocked|query:|idle in transaction: N/.test(line),
      )
    for (const line of lines) expect(printed).toContain(line)
  })
})

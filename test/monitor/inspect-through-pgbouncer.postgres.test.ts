import pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { inspectDatabase } from "../../src/monitor/index.ts"
import { installed } from "../support/client-tools.ts"
import { command } from "../support/command.ts"
import { freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts"

let database: string
let bouncer: PgBouncer
beforeAll(async () => {
  if (!installed("pgbouncer")) return
  database = await freshDatabase()
  bouncer = await startPgBouncer(sharedPostgres())
})
afterAll(() => bouncer?.destroy())

test.runIf(installed("pgbouncer"))(
  "a pooler in between is told from the server, and the report is that of its connections",
  async () => {
    const client = new pg.Client(bouncer.url(database))
    await client.connect()
    const throughClient = await inspectDatabase(client)
    const throughUrl = await inspectDatabase(bouncer.url(database, { pgbouncer: "true" }))
    for (const { session, databases } of [throughClient, throughUrl]) {
      expect(session).toMatchObject({ database, behindPooler: true })
      // However many clients there are, the pooler holds few connections.
      expect(databases.find(({ name }) => name === database)?.connections).toBe(1)
    }
    await client.end()
    expect((await inspectDatabase(sharedPostgres().url(database))).session.behindPooler).toBe(false)
  },
)

test.runIf(installed("pgbouncer"))("preflight says that auto is off behind a pooler: 1", async () => {
  const fleet = { maxConnections: 200, consumers: { api: { instances: 1, poolSize: "auto", budget: 20 } } }
  const preflight = (url: string) =>
    command(["preflight"], { env: { DATABASE_URL_CORE: url }, files: { "pool.config.json": fleet } })
  const { code, out } = await preflight(bouncer.url(database, { pgbouncer: "true" }))
  expect(code).toBe(1)
  expect(out).toContain("api: auto is off behind a pooler, and the URL leads to one.")
  expect((await preflight(sharedPostgres().url(database))).out).not.toContain("auto is off")
})

test.runIf(installed("pgbouncer"))("preflight asks a server, and a console is none: 2", async () => {
  const env = { DATABASE_URL_CORE: `postgresql://postgres:admin@127.0.0.1:${bouncer.port}/pgbouncer` }
  const files = {
    "pool.config.json": { maxConnections: 100, consumers: { api: { instances: 1, poolSize: 1 } } },
  }
  const { code, out, err } = await command(["preflight"], { env, files })
  expect([code, out]).toEqual([2, ""])
  expect(err).toContain(
    "--connect: leads to PgBouncer's console, which knows nothing of the server's connections.",
  )
})

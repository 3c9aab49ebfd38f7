import { spawnSync } from "node:child_process"
import { resolve } from "node:path"
import pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { times } from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const BACKENDS = 500

let server: PostgresServer
const clients: pg.Client[] = []
beforeAll(async () => {
  // Only the superuser's three are left.
  server = await startPostgres({ max_connections: BACKENDS + 3 })
  await server.createDatabase("core")
  for (let held = 0; held < BACKENDS; held += 50) {
    const batch = times(50, (index) => {
      const client = new pg.Client(server.url("core", { application_name: `app-${index % 25}` }))
      return client.on("error", () => {})
    })
    clients.push(...batch)
    await Promise.all(batch.map((client) => client.connect()))
  }
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => {})))
  await server.destroy()
})

/** The command as it is run, with the time of its start. */
function inspect(url: string) {
  const args = [resolve("dist/cli/bin.js"), "inspect", "--format", "json"]
  const began = performance.now()
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], DATABASE_URL_CORE: url },
  })
  console.info(`inspect beside ${BACKENDS} backends: ${Math.round(performance.now() - began)} ms`)
  return { code: status, answer: JSON.parse(stdout) }
}

test("500 backends and only the superuser's slots left: the role is refused, and the superuser has an answer", () => {
  const refused = inspect(server.url("core"))
  expect(refused.code).toBe(1)
  expect(refused.answer).toMatchObject({ full: true, limit: "maxConnections" })
  for (const _ of times(3, () => 0)) {
    const { code, answer } = inspect(server.adminUrl("core"))
    expect(code).toBe(0)
    expect(answer.report).toMatchObject({ used: BACKENDS, usable: BACKENDS + 3, free: 3, blocked: [] })
    expect(answer.report.applications).toHaveLength(25)
  }
})

import pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { command, words } from "../support/command.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ max_connections: 100 })
  await server.createDatabase("core")
})
afterAll(() => server.destroy())

/** 30 connections, and 30 more while a deploy rolls. */
const DEPLOY = "preflight --max-connections 100 --consumer api=3x10"

/** The deploy as text and as JSON, asked for by the role of the fleet. */
async function preflight(line = DEPLOY) {
  const setting = { env: { DATABASE_URL_CORE: server.url("core") } }
  const text = await command(words(line), setting)
  const json = await command(words(`${line} --format json`), setting)
  expect(text.err + json.err).toBe("")
  expect(json.code).toBe(text.code)
  return { code: text.code, out: text.out, result: JSON.parse(json.out) }
}

/** With a setting that another statement takes back. */
async function during<Result>(set: string, reset: string, run: () => Promise<Result>): Promise<Result> {
  await server.sql(set)
  try {
    return await run()
  } finally {
    await server.sql(reset)
  }
}

test("a deploy that fits every bound shows the slots", async () => {
  const { code, out, result } = await preflight()
  expect(code).toBe(0)
  expect(out).toContain(
    "✓ the deploy fits: 30 held + 0 that nobody declared + 30 that it adds = 60 of 97 usable\n",
  )
  expect(out).not.toContain("Bounds")
  expect(result).toMatchObject({ fits: true, binding: "maxConnections", bounds: [{ limit: 97, total: 30 }] })
})

test.each([
  ["role", `ROLE ${ROLE.user}`, ROLE.user],
  ["database", "DATABASE core", "core"],
])("a CONNECTION LIMIT 20 of the %s is not enough for a deploy of 60", async (name, target, called) => {
  const { code, out, result } = await during(
    `ALTER ${target} CONNECTION LIMIT 20`,
    `ALTER ${target} CONNECTION LIMIT -1`,
    preflight,
  )
  expect(code).toBe(1)
  expect(out).toContain(
    `✗ the deploy does not fit: 30 held + 0 that nobody declared + 30 that it adds = 60 of 20 that the CONNECTION LIMIT of the ${name} ${called} allows\n`,
  )
  expect(out).toContain(
    `Bounds, the tightest first\n  60 of 20 that the CONNECTION LIMIT of the ${name} ${called} allows\n  60 of 97 usable\n`,
  )
  expect(result).toMatchObject({
    fits: false,
    binding: name,
    bounds: [
      { name, source: "server", limit: 20, total: 30, deploy: { total: 60 } },
      { name: "maxConnections", source: "server", limit: 97, total: 30, deploy: { total: 60 } },
    ],
    usable: 97,
    total: 60,
  })
})

test("what nobody declared counts against the limit of its role, and not against that of another", async () => {
  const clients = [server.url("core", { application_name: "psql" }), server.adminUrl("core")].map(
    (url) => new pg.Client(url),
  )
  await Promise.all(clients.map((client) => client.connect()))
  try {
    const { code, out } = await during(
      `ALTER ROLE ${ROLE.user} CONNECTION LIMIT 60`,
      `ALTER ROLE ${ROLE.user} CONNECTION LIMIT -1`,
      preflight,
    )
    expect(code).toBe(1)
    expect(out).toContain("30 held + 1 that nobody declared + 30 that it adds = 61 of 60 that the")
    expect(out).toContain("  62 of 97 usable\n")
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
})

test("a limit that is declared counts where the server has none", async () => {
  const config = {
    maxConnections: 100,
    limits: { role: 50 },
    consumers: { api: { instances: 3, poolSize: 10 } },
  }
  const { code, out } = await command(["preflight"], {
    env: { DATABASE_URL_CORE: server.url("core") },
    files: { "pool.config.json": config },
  })
  expect(code).toBe(1)
  expect(out).toContain("= 60 of 50 that limits.role declares\n")
})

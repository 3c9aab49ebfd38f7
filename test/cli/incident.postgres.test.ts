import { spawnSync } from "node:child_process"
import { chmod, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import pg from "pg"
import { afterAll, afterEach, beforeAll, expect, test } from "vitest"
import { page } from "../documentation/pages.ts"
import { installed } from "../support/client-tools.ts"
import { command, directoryWith, words } from "../support/command.ts"
import { eventually, times } from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

// docs/monitoring.md, "At 80 %, at 100 %, after": every line is run, on a server in that state.

let server: PostgresServer
const clients: pg.Client[] = []
beforeAll(async () => {
  server = await startPostgres({ max_connections: 20 })
  await server.createDatabase("core")
  await server.sql("CREATE ROLE mon LOGIN PASSWORD 'x' IN ROLE pg_monitor")
})
afterAll(() => server.destroy())
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})))
  await eventually("every connection is closed", async () => {
    const rows = await server.sql("SELECT FROM pg_stat_activity WHERE datname = 'core'")
    return rows.length === 0
  })
})

async function hold(application: string, count: number): Promise<pg.Client[]> {
  const held = times(count, () => {
    const client = new pg.Client(server.url("core", { application_name: application }))
    return client.on("error", () => {})
  })
  await Promise.all(held.map((client) => client.connect()))
  clients.push(...held)
  return held
}

/** A transaction that was left open, and one that waits for it. */
async function block(): Promise<void> {
  const [blocker, waiting] = (await hold("api", 2)) as [pg.Client, pg.Client]
  await blocker.query("BEGIN; LOCK TABLE mission")
  waiting.query("SELECT count(*) FROM mission").catch(() => {})
  await eventually("it waits", async () => {
    const rows = await server.sql("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    return rows.length === 1
  })
}

const environment = () => ({
  MONITORING_URL: server.url("core").replace(/\/\/[^@]*@/, "//mon:x@"),
  SUPERUSER_URL: server.adminUrl("core"),
})

const FILES = {
  "pool.config.json": {
    maxConnections: 20,
    reserved: { metabase: 2 },
    consumers: { api: { instances: 2, poolSize: 5, surge: 1 } },
  },
}

/** The lines below a heading, without their numbers. */
function linesOf(heading: string): string[] {
  const [, section = ""] = page("docs/monitoring.md").split(`### ${heading}\n`)
  const [, block = ""] = /```sh\n(.*?)```/s.exec(section) ?? []
  return block
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ +# \d$/, ""))
}

/** A clock that goes on when somebody sleeps, much faster than ours, and interrupts after three checks. */
function threeChecks(speed: number) {
  const interrupted = new AbortController()
  let now = Date.UTC(2026, 0, 1)
  let checks = 0
  return {
    now: () => now,
    interruption: () => interrupted.signal,
    sleep: async (millis: number) => {
      now += speed * millis
      checks += 1
      if (checks === 3) interrupted.abort()
    },
  }
}

/** What the lines of a section print, by their number on the page. */
async function runAll(heading: string, isPatient = false) {
  const ran = []
  for (const line of linesOf(heading)) {
    const [, args] = /^npx prisma-pool-config (.*)$/.exec(line) ?? []
    if (args === undefined) continue
    const { interruption: _, ...patient } = threeChecks(60)
    const io = isPatient ? patient : threeChecks(1)
    ran.push(await command(words(args), { files: FILES, env: environment(), io }))
  }
  return ran.map(({ code, out, err }) => ({ code, out, err }))
}

/** Runs the line of a shell that connects with psql, and pastes into it. */
async function paste(line: string, sql: string) {
  const shim = resolve("dist/cli/bin.js")
  const directory = await directoryWith({})
  const npx = join(directory, "npx")
  await writeFile(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${shim}" "$@"\n`)
  await chmod(npx, 0o755)
  const { PATH } = process.env
  return spawnSync("sh", ["-c", line], {
    input: sql,
    encoding: "utf8",
    env: { ...environment(), PATH: `${directory}:${PATH}` },
  })
}

test("at 80 %: who, what helps, no deploy now, and a watch", async () => {
  await block()
  await hold("api", 11)
  await hold("psql", 2)
  const [first, markdown, preflight, watch] = await runAll("At 80 %")
  expect(first?.code).toBe(0)
  const text = first?.out ?? ""
  expect(text).toContain("✗ 15 of 17 connections in use (88.24 %)")
  const order = ["held by", "Not declared", "Blocked", "What helps now", "Later"].map((part) =>
    text.indexOf(part),
  )
  expect(order).toEqual([...order].sort((one, other) => one - other))
  expect(order).not.toContain(-1)
  expect(markdown?.code).toBe(0)
  expect(markdown?.out).toMatch(/^### ✗ 15 of 17 connections in use/)
  expect(markdown?.out).toContain("- prisma-pool inspect, 2026-01-01T00:00:00.000Z")
  expect(preflight?.code).toBe(1)
  expect(preflight?.out).toContain("✗ the deploy does not fit")
  expect(watch?.code).toBe(1)
  expect(watch?.out).toContain("✗ above 80 % in 3 of 3 checks")
})

test.skipIf(!installed("psql"))(
  "at 100 %: which limit, a way in, and what is pasted there helps",
  async () => {
    await block()
    await hold("api", 15)
    const [refused, admin] = await runAll("At 100 %")
    expect(refused?.code).toBe(1)
    expect(refused?.out).toContain("✗ full: every slot that max_connections leaves to this role is taken")
    expect(refused?.out).toContain("run this again with a superuser's URL")
    expect(admin?.code).toBe(0)
    const [statement = ""] = /SELECT pg_terminate_backend.*;/.exec(admin?.out ?? "") ?? []
    const line = linesOf("At 100 %").find((each) => each.startsWith("psql ")) ?? expect.unreachable()
    const psql = await paste(line, `${statement}\n`)
    expect([psql.status, psql.stderr]).toEqual([0, ""])
    await eventually("nobody waits, and one slot is free", async () => {
      const { out } = await command(words("inspect --connect MONITORING_URL --format json"), {
        env: environment(),
      })
      const { report } = JSON.parse(out)
      return report?.blocked.length === 0 && report.free === 1
    })
  },
)

test("after: nothing undeclared, what is declared fits, and the next day", async () => {
  await hold("api", 8)
  const [strict, check, plan, day] = await runAll("After", true)
  expect(strict?.code, strict?.out).toBe(0)
  expect(check?.out).toContain("✓ fits: 12 of 17 usable connections")
  expect(check?.code).toBe(0)
  expect(plan?.code).toBe(0)
  expect(day?.out).toContain("✓ stayed within 80 % in all 49 checks")
  expect(day?.code).toBe(0)
})

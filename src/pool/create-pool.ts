import type pg from "pg"
import type { PoolConfigIssue } from "../error.ts"
import { LimitedPool } from "./limited-pool.ts"
import { pgOptionsOf } from "./pool-config-from-url.ts"
import { type PoolOptions, readPoolOptions } from "./pool-options.ts"

/** A `pg.Pool`, under a name of this package: a declaration file can then say what it is of a pool that a user exports. */
export interface Pool extends pg.Pool {}

/**
 * Makes a `pg.Pool` on which every parameter of a Prisma URL takes effect: for raw SQL, for Prisma 8's `pg:` option,
 * for other libraries.
 *
 * It holds at most `connection_limit` connections at any instant, a caller waits at most `pool_timeout` for one
 * (`P2024`), and opening one takes at most `connect_timeout`. It is never shared: end it where you made it.
 *
 * A connection goes back to the pool only with no query in flight and no transaction open, so await your queries
 * before you release. `release(error)` closes it, unless the error says that the server refused a statement.
 *
 * It reads no environment: what no parameter of a URL sets is an option.
 *
 * @param url any PostgreSQL URL that Prisma accepts; see {@link poolConfigFromUrl}
 * @param options `poolSize: "auto"`: the pool holds its share among the living pools of its service, at most `maxSize`, and all
 *   of them at most `budget`. `reconnectTimeout`, `minIdle`, `maxWaiting`, `leakThreshold`: what the variables of these names are to a
 *   client; see {@link PoolOptions}
 * @throws {PoolConfigError} naming every parameter and every option that is wrong, all at once
 * @example
 * ```ts
 * const pool = createPool(coreDatabaseUrl())
 * const { rows } = await pool.query("SELECT now()")
 * await pool.end()
 * ```
 */
export function createPool(url: string, options: PoolOptions = {}): Pool {
  const found: PoolConfigIssue[] = []
  const known = readPoolOptions(options, found)
  return new LimitedPool(pgOptionsOf(url, { known, found }).pool)
}

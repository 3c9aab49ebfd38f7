import { PoolConfigError } from "../../error.ts"

/** Loads the parts that talk to PostgreSQL and PgBouncer: node-postgres is a peer, which the other commands do not need. */
export async function loadMonitor() {
  try {
    const [server, errors, options, pooler, consoleErrors] = await Promise.all([
      import("../../monitor/inspect/inspect-database.ts"),
      import("../../pool/classify-error.ts"),
      import("../../pool/pool-config-from-url.ts"),
      import("../../monitor/pgbouncer/inspect-pgbouncer.ts"),
      import("../../monitor/pgbouncer/console-error.ts"),
    ])
    return { ...server, ...errors, ...options, ...pooler, ...consoleErrors }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error
    throw new PoolConfigError([
      { name: "pg", problem: "is not installed, and this command needs it", remedy: "Run npm install pg" },
    ])
  }
}

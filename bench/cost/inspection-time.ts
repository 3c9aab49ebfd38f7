// The server's time for one `inspectDatabase`, planning included, beside so many connections.
import pg from "pg"
import { INSPECTION } from "../../src/monitor/inspect/inspection-query.ts"
import type { Scope } from "../../test/support/scope.ts"
import { startServer } from "../../test/support/seeded-server.ts"
import { median } from "../statistics.ts"

export const CONNECTIONS = 500
/** At a time, since the server takes a place for each before it has logged in. */
const BATCH = 50
const RUNS = 21

/** In milliseconds, the median. */
export async function inspectionTime(scope: Scope): Promise<number> {
  const server = await startServer(scope, CONNECTIONS + 20)
  const clients: pg.Client[] = []
  while (clients.length < CONNECTIONS) {
    const batch = Array.from({ length: BATCH }, (_, index) => {
      const client = new pg.Client({ connectionString: server.url(), application_name: `app-${index % 5}` })
      return client.on("error", () => {})
    })
    await Promise.all(batch.map((client) => client.connect()))
    clients.push(...batch)
  }
  const admin = new pg.Client(server.adminUrl())
  await admin.connect()
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const { rows } = await admin.query(`EXPLAIN (ANALYZE, SUMMARY, FORMAT JSON) ${INSPECTION}`)
    const [plan] = rows[0]["QUERY PLAN"]
    times.push(plan["Planning Time"] + plan["Execution Time"])
  }
  await Promise.all([admin, ...clients].map((client) => client.end()))
  await server.destroy()
  return median(times)
}

// A pool without connections whose callers all come at once, each time that the harness says so.
import { setTimeout as sleep } from "node:timers/promises"
import { createPool } from "prisma-pool-config"

const CALLERS = 15

/** One cold start: when each caller was served, and the connections that it took. */
export interface ColdStart {
  readonly millis: readonly number[]
  readonly connections: number
}

async function coldStart(holdMillis: number): Promise<ColdStart> {
  const pool = createPool(process.env["DATABASE_URL_CORE"] ?? "")
  const backends = new Set<unknown>()
  const begin = performance.now()
  const millis = await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      const client = await pool.connect()
      const { rows } = await client.query("SELECT pg_backend_pid() AS pid")
      const served = performance.now() - begin
      backends.add(rows[0]?.pid)
      await sleep(holdMillis)
      client.release()
      return served
    }),
  )
  await pool.end()
  return { millis, connections: backends.size }
}

process.on("message", async (holdMillis) => {
  process.send?.(await coldStart(Number(holdMillis)))
})
process.send?.("ready")

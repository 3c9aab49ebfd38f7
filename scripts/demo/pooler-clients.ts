// The pools of many API processes in one: each has its own, as each process would, and callers that never pause.
import { setTimeout as sleep } from "node:timers/promises"
import { createPool } from "prisma-pool-config"

const { DATABASE_URL_CORE: url = "", PROCESSES = "", SECONDS = "" } = process.env

/** Callers of each process: more than its connections, so that they also wait in it. */
const CALLERS = 4

const codes: Record<string, number> = {}
let served = 0
const end = performance.now() + Number(SECONDS) * 1000

async function caller(pool: ReturnType<typeof createPool>): Promise<void> {
  while (performance.now() < end) {
    try {
      await pool.query("SELECT count(*) FROM mission")
      served += 1
    } catch (error) {
      const { code } = error as { code?: unknown }
      codes[String(code)] = (codes[String(code)] ?? 0) + 1
    }
    await sleep(10)
  }
}

const pools = Array.from({ length: Number(PROCESSES) }, () => createPool(url))
await Promise.all(pools.flatMap((pool) => Array.from({ length: CALLERS }, () => caller(pool))))
await Promise.all(pools.map((pool) => pool.end()))
process.send?.({ served, codes })
process.disconnect?.()

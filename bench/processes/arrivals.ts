// Open-loop arrivals at random on one pool: what asks for a connection does so when it is due, however long the queue is.
import { setTimeout as sleep } from "node:timers/promises"
import { createPool } from "prisma-pool-config"
import { HOLDS, type Hold } from "./holds.ts"
import { exponential, seeded } from "./random.ts"

/** One pool size under one load. */
export interface Load {
  readonly hold: Hold
  readonly acquisitionsPerSecond: number
  /** How many start together. */
  readonly burst: number
  readonly size: number
  readonly millis: number
  readonly seed: number
}

/** What became of it; all times are in milliseconds. */
export interface Measured {
  readonly perSecond: number
  /** From when it was due until it had its connection. */
  readonly waits: readonly number[]
  /** From when it was due until it was done, or for what was not, until the end. */
  readonly latencies: readonly number[]
  readonly holds: readonly number[]
}

const LIFE_MS = 300_000

async function measure({ hold, acquisitionsPerSecond, burst, size, millis, seed }: Load): Promise<Measured> {
  const url = new URL(process.env["DATABASE_URL_CORE"] ?? "")
  url.searchParams.set("connection_limit", String(size))
  const pool = createPool(url.href)
  const random = seeded(seed)
  const between = exponential((1000 * burst) / acquisitionsPerSecond, random)
  const run = HOLDS[hold](random)
  // Every connection is there, and what it runs is compiled.
  const warm = await Promise.all(Array.from({ length: size }, () => pool.connect()))
  await Promise.all(warm.map((client) => run(client)))
  for (const client of warm) client.release()

  const waits: number[] = []
  const latencies: number[] = []
  const holds: number[] = []
  let over = false
  async function acquire(due: number): Promise<void> {
    const client = await pool.connect()
    const start = performance.now()
    try {
      waits.push(start - due)
      if (over) return
      await run(client)
      const end = performance.now()
      if (over) return
      holds.push(end - start)
    } finally {
      latencies.push(performance.now() - due)
      client.release()
    }
  }

  const begin = performance.now()
  const under: Promise<void>[] = []
  for (let due = begin + between(); due < begin + millis; due += between()) {
    const early = due - performance.now()
    if (early > 0) await sleep(early)
    for (let index = 0; index < burst; index++) under.push(acquire(due))
  }
  await sleep(begin + millis - performance.now())
  const perSecond = (holds.length * 1000) / millis
  over = true
  await Promise.all(under)
  await pool.end()
  return { perSecond, waits, latencies, holds }
}

process.on("message", async (load: Load) => {
  const measured = await measure(load)
  process.send?.(measured)
})
process.on("disconnect", () => process.exit())
setTimeout(() => process.exit(1), LIFE_MS).unref()
process.send?.("ready")

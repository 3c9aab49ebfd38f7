// Requests that come at a steady rate, whatever becomes of those before: how many are answered while somebody still waits for the answer.
import { setTimeout as sleep } from "node:timers/promises"
import { createPool } from "prisma-pool-config"

/** How long whoever sent a request waits for its answer. */
const PATIENCE_MS = 1_000

/** A crowd before a pool. */
export interface Crowd {
  readonly url: string
  readonly maxWaiting: number
  readonly perSecond: number
  readonly seconds: number
  readonly holdSeconds: number
}

export interface Answered {
  readonly inTime: number
  readonly tooLate: number
  readonly failed: number
  /** Milliseconds until each request that failed had its error. */
  readonly failureMillis: readonly number[]
}

async function crowd({ url, maxWaiting, perSecond, seconds, holdSeconds }: Crowd): Promise<Answered> {
  const pool = createPool(url, { maxWaiting })
  let [inTime, tooLate, failed] = [0, 0, 0]
  const failureMillis: number[] = []
  const request = async () => {
    const begin = performance.now()
    try {
      await pool.query("SELECT pg_sleep($1)", [holdSeconds])
      if (performance.now() - begin <= PATIENCE_MS) inTime += 1
      else tooLate += 1
    } catch {
      failed += 1
      failureMillis.push(performance.now() - begin)
    }
  }
  const requests: Promise<void>[] = []
  const begin = performance.now()
  while (performance.now() - begin < seconds * 1000) {
    const due = ((performance.now() - begin) / 1000) * perSecond
    while (requests.length < due) requests.push(request())
    await sleep(5)
  }
  await Promise.all(requests)
  await pool.end()
  return { inTime, tooLate, failed, failureMillis }
}

process.on("message", async (order) => {
  process.send?.(await crowd(order as Crowd))
})
process.send?.("ready")

// An API instance: callers that send one request after another, as the harness orders.
import { setTimeout as sleep } from "node:timers/promises"
import { type Counts, count } from "./counts.ts"
import { kindOfFailure } from "./failures.ts"
import type { Answer, Order, Report } from "./protocol.ts"
import { request } from "./requests.ts"
import "./resolver.ts"
import { client } from "./ways.ts"

/** A client of an API that failed does not come back at once. */
const AFTER_FAILURE_MS = 20
/** Nothing that the harness starts outlives this, whatever becomes of the harness. */
const LIFE_MS = 120_000
/** A request that never ends, where nothing bounds it, is not waited for: in a pause, and at the end. */
const PAUSE_MS = 1_500
const PATIENCE_MS = 3_000
/** A gap between two answers that is worth a note, in milliseconds. */
const GAP_MS = 100

const prisma = client()
let wanted = 0
let turn = process.pid
let last = { at: Date.now(), kind: "served" }
let served = 0
let failed: Counts = {}
let latencies: number[] = []
let turns: { at: number; kind: string }[] = []
const callers = new Set<Promise<void>>()

async function caller(place: number): Promise<void> {
  while (place < wanted) {
    const start = performance.now()
    try {
      await request(prisma, turn++)
      served += 1
      latencies.push(Math.round((performance.now() - start) * 100) / 100)
      known("served")
    } catch (error) {
      const kind = kindOfFailure(error)
      count(failed, kind)
      known(kind)
      await sleep(AFTER_FAILURE_MS)
    }
  }
}

function known(kind: string): void {
  const now = { at: Date.now(), kind }
  if (kind !== "served" || last.kind !== "served" || now.at - last.at > GAP_MS) turns.push(now)
  last = now
}

async function setCallers(callersWanted: number, patience = PAUSE_MS): Promise<void> {
  const before = wanted
  wanted = callersWanted
  for (let place = before; place < wanted; place++) {
    const running = caller(place).finally(() => callers.delete(running))
    callers.add(running)
  }
  if (wanted === 0) await Promise.race([Promise.all(callers), sleep(patience)])
}

function report(): Report {
  globalThis.gc?.()
  const since = { served, failed, latencies, turns, heapBytes: process.memoryUsage().heapUsed }
  served = 0
  failed = {}
  latencies = []
  turns = []
  return since
}

const answer = (what: Answer, sent?: () => void) => process.send?.(what, () => sent?.())

process.on("message", async (order: Order) => {
  if (order === "report") answer({ report: report() })
  else if (order === "stop") {
    await setCallers(0, PATIENCE_MS)
    if (callers.size > 0) count(failed, "no answer", callers.size)
    await Promise.race([prisma.$disconnect(), sleep(PATIENCE_MS)])
    answer({ report: report() }, () => process.disconnect())
  } else {
    await setCallers(order.callers)
    answer("callers")
  }
})
process.on("disconnect", () => process.exit())
setTimeout(() => process.exit(1), LIFE_MS).unref()
answer("ready")

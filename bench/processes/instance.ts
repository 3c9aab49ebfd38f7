// An API instance: callers that send one request after another, as the harness orders.
import { setTimeout as sleep } from "node:timers/promises"
import { type Counts, count } from "./counts.ts"
import { kindOfFailure } from "./failures.ts"
import type { Answer, Order, Report } from "./protocol.ts"
import { request } from "./requests.ts"
import "./resolver.ts"
import { type Sending, withSending } from "./sending.ts"
import { client } from "./ways.ts"

/** A client of an API that failed does not come back at once. */
const AFTER_FAILURE_MS = 20
/** Nothing that the harness starts outlives this, whatever becomes of the harness. */
const LIFE_MS = 120_000
/** A request that never ends, where nothing bounds it, is not waited for: in a pause, and at the end. */
const PAUSE_MS = 1_500
const PATIENCE_MS = 3_000

const prisma = client()
let wanted = 0
let turn = process.pid
let served = 0
let failed: Counts = {}
let inFlight = 0
let failureMillis: number[] = []
let latencies: number[] = []
let lastFailureAt: number | undefined
let watchedFrom = Number.POSITIVE_INFINITY
let servedAt: number | undefined
const callers = new Set<Promise<void>>()
const unanswered = new Set<Sending>()

async function caller(place: number): Promise<void> {
  while (place < wanted) {
    const start = performance.now()
    const sending: Sending = { hasSent: false }
    unanswered.add(sending)
    try {
      await withSending(sending, () => request(prisma, turn++))
      served += 1
      latencies.push(Math.round((performance.now() - start) * 100) / 100)
      if (start >= watchedFrom) servedAt ??= Date.now()
    } catch (error) {
      count(failed, kindOfFailure(error))
      if (sending.hasSent) inFlight += 1
      failureMillis.push(Math.round(performance.now() - start))
      lastFailureAt = Date.now()
      unanswered.delete(sending)
      await sleep(AFTER_FAILURE_MS)
    } finally {
      unanswered.delete(sending)
    }
  }
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
  const { heapUsed: heapBytes } = process.memoryUsage()
  const since = { served, failed, inFlight, failureMillis, latencies, lastFailureAt, servedAt, heapBytes }
  served = 0
  failed = {}
  inFlight = 0
  failureMillis = []
  latencies = []
  return since
}

const answer = (what: Answer, sent?: () => void) => process.send?.(what, () => sent?.())

process.on("message", async (order: Order) => {
  if (order === "collect") globalThis.gc?.()
  if (order === "report" || order === "collect") answer({ report: report() })
  else if (order === "watch") watchedFrom = performance.now()
  else if (order === "stop") {
    await setCallers(0, PATIENCE_MS)
    if (callers.size > 0) count(failed, "no answer", callers.size)
    inFlight += [...unanswered].filter(({ hasSent }) => hasSent).length
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

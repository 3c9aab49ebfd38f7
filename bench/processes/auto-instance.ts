// An instance of a growing fleet, as a thread: two cores have no room for forty processes.
import { setTimeout as sleep } from "node:timers/promises"
import { parentPort } from "node:worker_threads"
import { type AutoWay, newPool, type SizedPool } from "./auto-ways.ts"
import { type Counts, count } from "./counts.ts"
import { exponential, seeded } from "./random.ts"

/** What an instance is told. */
export type AutoOrder =
  /** To make its pool. */
  | { readonly open: AutoWay; readonly url: string; readonly name: string; readonly size: number }
  /** So many callers, each with a pause between its requests. */
  | { readonly callers: number; readonly pauseMs?: number }
  | "report"
  | "close"

/** What became of its requests since its last report. */
export interface AutoReport {
  readonly served: number
  readonly latencies: readonly number[]
  readonly failed: Counts
  /** From its first request until one was served, since it has its pool; undefined where none was yet. */
  readonly firstServedMs: number | undefined
}

// Each instance would say how crowded it is, which is what is measured.
process.removeAllListeners("warning")

const MEAN_HOLD_MS = 20
/** One of so many is a transaction of up to a second. */
const LONG_ONE_IN = 50
const LONG_MS = 1_000
const AFTER_FAILURE_MS = 20

let pool: SizedPool | undefined
let wanted = 0
let served = 0
let latencies: number[] = []
let failed: Counts = {}
let firstRequestAt: number | undefined
let firstServedMs: number | undefined
let callers: Promise<void>[] = []
let random = seeded(1)
let hold = exponential(MEAN_HOLD_MS, random)

async function caller(place: number, pauseMs: number): Promise<void> {
  while (place < wanted) {
    const start = performance.now()
    firstRequestAt ??= start
    try {
      await pool?.hold(random() * LONG_ONE_IN < 1 ? random() * LONG_MS : Math.min(LONG_MS, hold()))
      const end = performance.now()
      served += 1
      latencies.push(end - start)
      firstServedMs ??= end - firstRequestAt
    } catch (error) {
      const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
      count(failed, String(code ?? name))
      await sleep(AFTER_FAILURE_MS)
    }
    if (pauseMs > 0) await sleep(pauseMs)
  }
}

async function carryOut(order: AutoOrder): Promise<AutoReport | "done"> {
  if (order === "report") {
    const report = { served, latencies, failed, firstServedMs }
    served = 0
    latencies = []
    failed = {}
    return report
  }
  if (order === "close") {
    wanted = 0
    await Promise.all(callers)
    await pool?.end()
    callers = []
  } else if ("open" in order) {
    random = seeded(Number.parseInt(order.name.replace(/\D/g, ""), 10) || 1)
    hold = exponential(MEAN_HOLD_MS, random)
    served = 0
    latencies = []
    failed = {}
    firstRequestAt = undefined
    firstServedMs = undefined
    pool = newPool(order.open, order.url, order.name, order.size)
  } else {
    const before = wanted
    wanted = order.callers
    for (let place = before; place < wanted; place += 1) callers.push(caller(place, order.pauseMs ?? 0))
  }
  return "done"
}

parentPort?.on("message", async (order: AutoOrder) => parentPort?.postMessage(await carryOut(order)))

import { setTimeout as sleep } from "node:timers/promises"
import { type Counts, count } from "./counts.ts"
import { kindOfFailure } from "./failures.ts"
import type { Report } from "./protocol.ts"
import type { Request } from "./requests.ts"
import { type Sending, withSending } from "./sending.ts"
import type { Client } from "./ways.ts"

/** A client of an API that failed does not come back at once. */
const AFTER_FAILURE_MS = 20
/** A request that never ends, where nothing bounds it, is not waited for: in a pause, and at the end. */
const PAUSE_MS = 1_500
const PATIENCE_MS = 2_500

/** Callers of one client, that send one request after another, and what became of those. */
export class Callers {
  readonly #client: Client
  readonly #request: Request
  readonly #running = new Set<Promise<void>>()
  readonly #unanswered = new Set<Sending>()
  #turn = process.pid
  #wanted = 0
  #served = 0
  #failed: Counts = {}
  #inFlight = 0
  #failureMillis: number[] = []
  #latencies: number[] = []
  #watchedFrom = Number.POSITIVE_INFINITY
  #servedAt: number | undefined

  constructor(client: Client, request: Request) {
    this.#client = client
    this.#request = request
  }

  /** Lets so many callers send. None waits for those whose request is under way. */
  async set(wanted: number, patience = PAUSE_MS): Promise<void> {
    const before = this.#wanted
    this.#wanted = wanted
    for (let place = before; place < wanted; place++) {
      const running = this.#call(place).finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
    if (wanted === 0) await Promise.race([Promise.all(this.#running), sleep(patience)])
  }

  watch(): void {
    this.#watchedFrom = performance.now()
  }

  /** What became of the requests since the last report. */
  report(): Report {
    const since = {
      served: this.#served,
      failed: this.#failed,
      inFlight: this.#inFlight,
      failureMillis: this.#failureMillis,
      latencies: this.#latencies,
      servedAt: this.#servedAt,
      heapBytes: process.memoryUsage().heapUsed,
    }
    this.#served = 0
    this.#failed = {}
    this.#inFlight = 0
    this.#failureMillis = []
    this.#latencies = []
    return since
  }

  /** Ends them and disconnects; what has no answer by then counts as failed. */
  async close(): Promise<Report> {
    await this.set(0, PATIENCE_MS)
    if (this.#running.size > 0) count(this.#failed, "no answer", this.#running.size)
    this.#inFlight += [...this.#unanswered].filter(({ hasSent }) => hasSent).length
    // It waits for what has no answer, as long as nothing bounds that.
    const patience = this.#running.size > 0 ? 0 : PATIENCE_MS
    await Promise.race([this.#client.$disconnect(), sleep(patience)])
    return this.report()
  }

  async #call(place: number): Promise<void> {
    while (place < this.#wanted) {
      const start = performance.now()
      const sending: Sending = { hasSent: false }
      this.#unanswered.add(sending)
      try {
        await withSending(sending, () => this.#request(this.#client, this.#turn++))
        this.#served += 1
        this.#latencies.push(Math.round((performance.now() - start) * 100) / 100)
        if (start >= this.#watchedFrom) this.#servedAt ??= Date.now()
      } catch (error) {
        count(this.#failed, kindOfFailure(error))
        if (sending.hasSent) this.#inFlight += 1
        this.#failureMillis.push(Math.round(performance.now() - start))
        this.#unanswered.delete(sending)
        await sleep(AFTER_FAILURE_MS)
      } finally {
        this.#unanswered.delete(sending)
      }
    }
  }
}

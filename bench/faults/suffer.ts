import { setTimeout as sleep } from "node:timers/promises"
import { type Counts, count } from "../processes/counts.ts"
import { sum } from "../statistics.ts"
import type { Contender } from "./contender.ts"
import type { Lane } from "./lane.ts"
import type { Fault } from "./list.ts"
import type { Sufferer } from "./sufferer.ts"

/** What one fault did to a contender. */
export interface FaultFigures {
  readonly fault: string
  readonly contender: Contender
  /** How long it was waited for, in seconds. */
  readonly patience: number
  readonly served: number
  readonly failed: Counts
  readonly lost: number
  /** Of those lost: a statement had been sent, or a transaction was open. The others had no connection. */
  readonly inFlight: number
  /** How long requests took to fail while the fault lasted, in milliseconds, where it lasts long enough to see. */
  readonly failureMillis: readonly number[]
  /** From the end of the fault until a request was served that began after it, in milliseconds; undefined where none was in time. */
  readonly recoveryMs: number | undefined
  /**
   * From the end of the fault until the pool had as many connections as before, the frozen ones not counted, in milliseconds;
   * "never" where it had not in time, undefined where the fault is not about connections.
   */
  readonly wholeMs: number | "never" | undefined
  /** The most backends that it had at a time from the fault on, frozen ones included, as often as one could look. */
  readonly peak: number
  /** True if the process ended by itself. */
  readonly hasDied: boolean
  /** Backends after it had been told to disconnect; undefined for a pooler, which keeps its own. */
  readonly leaked: number | undefined
}

/** How long a contender is under load once it is served again. */
const AFTERWARDS_MS = 500
/** A pooler may not try its server for 15 s. */
const PATIENCE_SECONDS = { direct: 9, pooled: 17 }
const LOOK_EVERY_MS = 50
const GONE_WITHIN_MS = 5_000

/** One fault, of all who are in the lane. */
export async function suffer(lane: Lane, fault: Fault): Promise<FaultFigures[]> {
  const { backends, sufferers } = lane
  await lane.begin(fault.route ?? "direct")
  const sizes = sufferers.map((sufferer) => livingOf(lane, sufferer))
  backends.startAnew()
  const over = (await fault.strike(lane, sufferers)) ?? Date.now()
  for (const sufferer of sufferers) sufferer.watch()

  const isOfServer = fault.route === undefined
  const patience = lane.patience ?? PATIENCE_SECONDS[lane.isPooled && isOfServer ? "pooled" : "direct"]
  const until = over + patience * 1000
  const isOfConnections = fault.isOfConnections === true && !lane.isPooled
  const outcomes = await Promise.all(
    sufferers.map(async (sufferer, index) => {
      const [servedAt, wholeAt] = await Promise.all([
        firstServed(sufferer, until),
        isOfConnections ? whole(lane, sufferer, sizes[index] ?? 0, until) : undefined,
      ])
      await sleep(AFTERWARDS_MS)
      const hasDied = !sufferer.isAlive
      const peak = backends.peak(nameOf(lane, sufferer))
      await sufferer.end()
      return { sufferer, servedAt, wholeAt, hasDied, peak }
    }),
  )
  await fault.mend?.(lane)
  return Promise.all(
    outcomes.map(async ({ sufferer, servedAt, wholeAt, hasDied, peak }) => {
      const { contender, heard, failureMillis } = sufferer
      const failed: Counts = {}
      for (const report of heard) {
        for (const [kind, times] of Object.entries(report.failed)) count(failed, kind, times)
      }
      const since = (at: number | undefined) => at && Math.max(0, at - over)
      return {
        fault: fault.name,
        contender,
        patience,
        failed,
        lost: sum(Object.values(failed)),
        inFlight: sum(heard.map(({ inFlight }) => inFlight)),
        served: sum(heard.map(({ served }) => served)),
        failureMillis,
        recoveryMs: since(servedAt),
        wholeMs: isOfConnections ? (since(wholeAt) ?? "never") : undefined,
        peak,
        hasDied,
        leaked: await leaksOf(lane, sufferer),
      }
    }),
  )
}

/** A pooler gives its connections the name of whoever has them at the time. */
const nameOf = ({ isPooled }: Lane, { contender }: Sufferer) => (isPooled ? undefined : contender.id)

/** Backends that the network did not freeze. */
const livingOf = (lane: Lane, sufferer: Sufferer): number =>
  lane.backends.of(nameOf(lane, sufferer)).filter((port) => !sufferer.frozenPorts.includes(port)).length

/** When a request was first served that began after the fault. */
async function firstServed(sufferer: Sufferer, until: number): Promise<number | undefined> {
  while (Date.now() < until && sufferer.isAlive) {
    await sleep(LOOK_EVERY_MS)
    const report = await sufferer.hear()
    if (report?.servedAt !== undefined) return report.servedAt
  }
  return undefined
}

async function whole(
  lane: Lane,
  sufferer: Sufferer,
  size: number,
  until: number,
): Promise<number | undefined> {
  while (Date.now() < until && sufferer.isAlive) {
    await sleep(10)
    if (livingOf(lane, sufferer) >= size) return Date.now()
  }
  return undefined
}

async function leaksOf(lane: Lane, { contender }: Sufferer): Promise<number | undefined> {
  if (lane.isPooled) return undefined
  const end = Date.now() + GONE_WITHIN_MS
  while (lane.backends.of(contender.id).length > 0 && Date.now() < end) await sleep(10)
  return lane.backends.of(contender.id).length
}

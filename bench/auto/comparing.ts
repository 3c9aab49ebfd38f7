// The same load on fleets of different sizes, with four ways to size their pools.
import { setTimeout as sleep } from "node:timers/promises"
import type { DemoServer } from "../../test/support/seeded-server.ts"
import type { AutoWay } from "../processes/auto-ways.ts"
import { quantile } from "../statistics.ts"
import { LIMIT, SHARED } from "./growing.ts"
import { type AutoInstance, each } from "./instances.ts"
import { record } from "./recorder.ts"

export const FLEETS = [3, 40] as const
/** Requests at a time of the whole fleet, whatever its size. */
const CALLERS = 120
const SETTLE_MS = 2_000
const MEASURED_MS = 1_500

export const AUTO_WAYS = ["auto", "fixed", "byHand", "userver"] as const satisfies readonly AutoWay[]

/** One way with one fleet. */
export interface Compared {
  readonly way: AutoWay
  readonly instances: number
  readonly perSecond: number
  readonly p99: number
  readonly failed: number
  /** SQLSTATE 53300 in the server's log. */
  readonly refused: number
  readonly peak: number
}

export async function compareOn(
  ground: Parameters<typeof record>[0],
  server: DemoServer,
  url: string,
  instances: readonly AutoInstance[],
  way: AutoWay,
): Promise<Compared> {
  const refusedBefore = server.refusals
  const recorder = await record(ground, server.adminUrl())
  // What fits the largest fleet.
  const size = Math.max(1, Math.floor(SHARED / Math.max(...FLEETS)))
  await each(instances, (instance) => instance.open(way, url, size))
  await each(instances, (instance) => instance.callers(Math.round(CALLERS / instances.length)))
  await sleep(SETTLE_MS)
  const settling = await each(instances, (instance) => instance.report())
  const start = performance.now()
  await sleep(MEASURED_MS)
  const reports = await each(instances, (instance) => instance.report())
  const seconds = (performance.now() - start) / 1000
  await each(instances, (instance) => instance.close())
  await recorder.stop()
  const failures = [...settling, ...reports].flatMap(({ failed }) => Object.values(failed))
  return {
    way,
    instances: instances.length,
    perSecond: reports.reduce((sum, { served }) => sum + served, 0) / seconds,
    p99: quantile(
      reports.flatMap(({ latencies }) => latencies),
      99,
    ),
    failed: failures.reduce((sum, times) => sum + times, 0),
    refused: server.refusals - refusedBefore,
    peak: Math.max(...recorder.samples.map(({ all }) => all)),
  }
}

export const isWithin = ({ peak }: Pick<Compared, "peak">): boolean => peak <= LIMIT

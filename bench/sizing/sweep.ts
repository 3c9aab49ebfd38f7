import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { INHERITED } from "../instance.ts"
import type { Load, Measured } from "../processes/arrivals.ts"
import type { Ground } from "../scenario.ts"
import { quantile, sum } from "../statistics.ts"
import { POOL_SIZES, type Workload } from "./workloads.ts"

/** One pool size under one load; all times are in milliseconds. */
export interface Point {
  readonly size: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly meanWait: number
  readonly p99Wait: number
  readonly meanHold: number
  readonly arrivals: number
}

/** A process that measures one load after another. */
export type Meter = (load: Load) => Promise<Measured>

export async function startMeter({ scope, project }: Ground, url: string): Promise<Meter> {
  const child: ChildProcess = fork(join(project, "processes/arrivals.js"), {
    cwd: project,
    env: { ...INHERITED, DATABASE_URL_CORE: url },
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  })
  scope.atEnd(() => child.kill("SIGKILL"))
  const ended = once(child, "exit").then(() => {
    throw new Error("the process that measures ended early")
  })
  ended.catch(() => {})
  const next = async () => (await Promise.race([once(child, "message"), ended]))[0]
  await next()
  return async (load) => {
    const measured = next()
    child.send(load)
    return measured
  }
}

/** Every size, upwards and then downwards, so that a machine that gets slower or faster favours none. */
export async function sweep(
  meter: Meter,
  { hold, burst, millis }: Workload,
  acquisitionsPerSecond: number,
): Promise<Point[]> {
  const measured = new Map<number, Measured[]>()
  for (const [seed, sizes] of [POOL_SIZES, POOL_SIZES.toReversed()].entries()) {
    for (const size of sizes) {
      const result = await meter({ hold, burst, acquisitionsPerSecond, size, millis, seed })
      measured.set(size, [...(measured.get(size) ?? []), result])
    }
  }
  return [...measured].map(([size, runs]) => {
    const [waits, latencies, holds] = (["waits", "latencies", "holds"] as const).map((what) =>
      runs.flatMap((run) => run[what]),
    ) as [number[], number[], number[]]
    return {
      size,
      perSecond: sum(runs.map(({ perSecond }) => perSecond)) / runs.length,
      p50: quantile(latencies, 50),
      p99: quantile(latencies, 99),
      meanWait: sum(waits) / waits.length,
      p99Wait: quantile(waits, 99),
      meanHold: sum(holds) / holds.length,
      arrivals: latencies.length,
    }
  })
}

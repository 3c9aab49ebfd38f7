// How far the planned sizes are from the best, and what the model of the waits is worth: pools of every size, at several rates.
import { type ConnectionsForLoad, connectionsForLoad, sizeFleet } from "prisma-pool-config/sizing"
import { readCeiling, startServer } from "../../test/support/seeded-server.ts"
import type { Scenario } from "../scenario.ts"
import { median } from "../statistics.ts"
import { sizingCharts } from "./charts.ts"
import { sizingPage, sizingReport } from "./report.ts"
import { type Point, startMeter, sweep } from "./sweep.ts"
import { MAX_CONNECTIONS, WORKLOADS, type Workload } from "./workloads.ts"

/** One workload at one rate, with what was planned for it before. */
export interface Sweep {
  readonly workload: Workload
  readonly rate: number
  /** The hold time that whoever plans would measure at this rate: the median over all sizes. */
  readonly holdTimeMs: number
  /** What `connectionsForLoad` says, with its bursts and the fair share. */
  readonly plan: ConnectionsForLoad
  readonly points: readonly Point[]
  /** The p99 of the wait by the model, for each of the points; as if there were no burst. */
  readonly predictedWaits: readonly number[]
}

export interface SizingResult {
  readonly fairShare: number
  readonly maxWaitMs: number
  readonly sweeps: readonly Sweep[]
}

const MAX_WAIT_MS = 10

export const sizing: Scenario<SizingResult> = {
  name: "sizing",
  title: "Sizing quality",
  report: sizingReport,
  charts: sizingCharts,
  page: sizingPage,
  async run(ground) {
    const server = await startServer(ground.scope, MAX_CONNECTIONS)
    const { maxConnections, ...serversOwn } = await readCeiling(server)
    const fairShare = sizeFleet({
      maxConnections,
      ...serversOwn,
      reserved: { monitoring: 1 },
      consumers: { api: { instances: 1, surge: 1 } },
    }).sizes.api
    const meter = await startMeter(ground, server.url("core"))
    const sweeps: Sweep[] = []
    for (const workload of WORKLOADS) {
      for (const rate of workload.rates) {
        const points = await sweep(meter, workload, rate)
        const holdTimeMs = median(points.map(({ meanHold }) => meanHold))
        const load = { acquisitionsPerSecond: rate, holdTimeMs, maxWaitMs: MAX_WAIT_MS }
        sweeps.push({
          workload,
          rate,
          holdTimeMs,
          plan: connectionsForLoad({ ...load, burst: workload.burst, fairShare }),
          points,
          predictedWaits: points.map(
            ({ size }) => connectionsForLoad({ ...load, maxWaitMs: 0, fairShare: size }).waitMs,
          ),
        })
        ground.say(`  ${workload.name} at ${rate}/s: swept`)
      }
    }
    await server.destroy()
    return { fairShare, maxWaitMs: MAX_WAIT_MS, sweeps }
  },
}

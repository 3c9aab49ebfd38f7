// Throughput with the pool measured by OpenTelemetry's SDK against not, in one process: switched on and off in turn, so
// that both have the same connections and the same compiled code. In queries for each second of this process's own
// processor time, which is what bounds it: 1 % does not show in the time of a machine that has other things to do.

import type { Pair } from "../side-by-side.ts"
import { type Comparison, type Ground, measured } from "./contenders.ts"

const CALLERS = 20
const SLICE_MS = 500

// Not `findUnique`, which Prisma gathers: each of these takes a connection of its own, which is what is measured.
const script = (pairs: number) => `
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } =
  await import("@opentelemetry/sdk-metrics")
const { createCoreClient } = await import("prisma-pool-config")
const { observePools, poolStats } = await import("prisma-pool-config/monitor")
const { PrismaClient } = await import("./generated/client.js")
const prisma = createCoreClient(PrismaClient)
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 250, exportTimeoutMillis: 200 })
const meter = new MeterProvider({ readers: [reader] }).getMeter("bench")

async function load(millis) {
  let count = 0
  const begin = performance.now()
  const cpu = process.cpuUsage()
  await Promise.all(Array.from({ length: ${CALLERS} }, async (_, caller) => {
    for (; performance.now() - begin < millis; count++) await prisma.mission.findFirst({ where: { id: caller + 1 } })
  }))
  const { user, system } = process.cpuUsage(cpu)
  return (count * 1e6) / (user + system)
}
async function slice(isOn) {
  const stop = isOn ? observePools(meter, { core: prisma }) : () => {}
  const perSecond = await load(${SLICE_MS})
  stop()
  return perSecond
}
async function inPairs(a, b) {
  const results = []
  for (let pair = 0; pair < ${pairs}; pair++) {
    if (pair % 2 === 0) {
      const first = await slice(a)
      results.push({ a: first, b: await slice(b) })
    } else {
      const first = await slice(b)
      results.push({ a: await slice(a), b: first })
    }
  }
  return results
}
await load(2000)
await slice(true)
const result = { compared: await inPairs(false, true), itself: await inPairs(false, false) }
await reader.forceFlush()
const { metrics } = exporter.getMetrics().at(-1).scopeMetrics[0]
const used = metrics.find(({ descriptor }) => descriptor.name === "db.client.connection.use_time").dataPoints[0].value
if (!(used.count > 0 && used.count < poolStats(prisma).acquired)) throw new Error("it was not measured in turn")
process.stdout.write(JSON.stringify(result), () => process.exit())
`

/** Queries a second of processor time: not measured (a), and measured (b). */
export function metricsOverhead(ground: Ground, pairs: number): Promise<Comparison<number>> {
  return measured<{ compared: Pair<number>[]; itself: Pair<number>[] }>(ground, "metrics", script(pairs))
}

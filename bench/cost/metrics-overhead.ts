// Throughput with the pool measured by OpenTelemetry's SDK against not, in one process: switched on and off in turn, so
// that both have the same connections and the same compiled code. In queries for each second of this process's own
// processor time, which is what bounds it: 1 % does not show in the time of a machine that has other things to do.

import type { Round } from "../side-by-side.ts"
import { CLOCK, type Ground, LOAD, measured } from "./contenders.ts"

const CALLERS = 20
const SLICE_MS = 200

// Not `findUnique`, which Prisma gathers: each of these takes a connection of its own, which is what is measured.
const script = (rounds: number) => `
const { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } =
  await import("@opentelemetry/sdk-metrics")
const { createCoreClient } = await import("prisma-pool-config")
const { observePools, poolStats } = await import("prisma-pool-config/monitor")
const { PrismaClient } = await import("./generated/client.js")
const prisma = createCoreClient(PrismaClient)
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 250, exportTimeoutMillis: 200 })
const meter = new MeterProvider({ readers: [reader] }).getMeter("bench")

const read = (caller) => prisma.mission.findFirst({ where: { id: caller + 1 } })
async function slice(isOn) {
  const stop = isOn ? observePools(meter, { core: prisma }) : () => {}
  const { perProcessorSecond } = await load(${SLICE_MS}, ${CALLERS}, read)
  stop()
  return perProcessorSecond
}
await load(1500, ${CALLERS}, read)
await slice(true)
const result = []
for (let round = 0; round < ${rounds}; round++) {
  result.push({ before: await slice(false), between: await slice(true), after: await slice(false) })
}
await reader.forceFlush()
const { metrics } = exporter.getMetrics().at(-1).scopeMetrics[0]
const used = metrics.find(({ descriptor }) => descriptor.name === "db.client.connection.use_time").dataPoints[0].value
if (!(used.count > 0 && used.count < poolStats(prisma).acquired)) throw new Error("it was not measured in turn")
process.stdout.write(JSON.stringify(result), () => process.exit())
`

/** Queries for each second of processor time: measured, between two times in which they are not. */
export const metricsOverhead = (ground: Ground, rounds: number): Promise<Round<number>[]> =>
  measured(ground, "metrics", `${CLOCK}\n${LOAD}\n${script(rounds)}`)

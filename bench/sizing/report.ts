import { markdownTable } from "../../scripts/markdown-table.ts"
import { shownNumber } from "../statistics.ts"
import type { SizingResult, Sweep } from "./sizing.ts"
import type { Point } from "./sweep.ts"
import { POOL_SIZES } from "./workloads.ts"

/** What was measured at a size; every size that can be planned is among those swept. */
export function pointAt({ points }: Sweep, size: number): Point {
  const point = points.find((one) => one.size === size)
  if (point === undefined) throw new Error(`no point at ${size}`)
  return point
}

const bestOf = (points: readonly Point[], better: (one: Point, other: Point) => boolean): Point =>
  points.reduce((best, point) => (better(point, best) ? point : best))

const fastest = ({ points }: Sweep) => bestOf(points, (one, other) => one.perSecond > other.perSecond)
const quickest = ({ points }: Sweep) => bestOf(points, (one, other) => one.p99 < other.p99)

const percentOf = (value: number, best: number) => `${shownNumber((100 * value) / best)} %`

function qualityRow(sweep: Sweep, fairShare: number): string[] {
  const { workload, rate, holdTimeMs, plan } = sweep
  const [most, least] = [fastest(sweep), quickest(sweep)]
  const at = (size: number) => {
    const { perSecond, p99 } = pointAt(sweep, size)
    return [`${percentOf(perSecond, most.perSecond)}`, `${shownNumber(p99, 1)} ms`]
  }
  return [
    workload.name,
    shownNumber(rate),
    shownNumber(holdTimeMs, 1),
    `${plan.connections} (${plan.binding}, demand ${plan.demand})`,
    ...at(plan.connections),
    ...at(fairShare),
    `${shownNumber(most.perSecond)} at ${most.size}`,
    `${shownNumber(least.p99, 1)} ms at ${least.size}`,
  ]
}

function waitsRow(sweep: Sweep): string[] {
  const { workload, rate, points, predictedWaits } = sweep
  return [
    workload.name,
    shownNumber(rate),
    ...points.map(({ p99Wait }, index) => {
      const predicted = predictedWaits[index] ?? Number.NaN
      return `${Number.isFinite(predicted) ? shownNumber(predicted) : "∞"} / ${shownNumber(p99Wait)}`
    }),
  ]
}

/** How much worse p99 has to be, to be called so: two passes are not that exact. */
const CLEARLY = 1.2

/** Where the largest safe size is not the one to take, and where the size for the load was the worse choice. */
function lessons({ fairShare, sweeps }: SizingResult): string {
  const named = ({ workload, rate }: Sweep) => `${workload.name} at ${rate}/s`
  const compared = (worse: (sweep: Sweep, forLoad: Point, largest: Point) => boolean) =>
    sweeps
      .filter((sweep) => worse(sweep, pointAt(sweep, sweep.plan.connections), pointAt(sweep, fairShare)))
      .map(named)
      .join(", ") || "none"
  return `The largest safe size, ${fairShare}, was clearly slower (p99 by a fifth or more) than the smaller size for the load with: ${compared((_, forLoad, largest) => largest.p99 > CLEARLY * forLoad.p99)}. It was clearly faster with: ${compared((_, forLoad, largest) => forLoad.p99 > CLEARLY * largest.p99)}.`
}

export function sizingReport(result: SizingResult): string {
  const { fairShare, maxWaitMs, sweeps } = result
  return `
Pools of every size on a server of 20 connections, under arrivals at random (open loop: they come when they are due, however long the queue is; times count from then). A pool is
\`createPool\`, so that the wait for a connection can be told from the rest. Every size runs twice, in ascending and in descending order. Planned are the largest safe size
by \`sizeFleet\` (one instance, which a deploy doubles: ${fairShare}), and what \`connectionsForLoad\` makes of it for a p99 of the wait of at most ${maxWaitMs} ms. Throughput is a share of the best in the sweep; what is not done when
time is up counts with the time that it had waited until then.

${markdownTable(
  [
    "workload",
    "arrivals/s",
    "hold time, ms",
    "connections for the load",
    "its throughput",
    "its p99",
    `throughput of ${fairShare}`,
    `p99 of ${fairShare}`,
    "best throughput/s",
    "best p99",
  ],
  sweeps.map((sweep) => qualityRow(sweep, fairShare)),
)}

${lessons(result)}

p99 of the wait for a connection in ms, predicted by Erlang's C formula / measured, by the size of the pool. The hold time is the one measured at that rate, the median over the sizes; the timers that
arrivals come from are exact to about 1 ms. ∞ is a pool that cannot keep up, where the measured one is the time that there was to wait in. The last row is where the model fails: it knows of no bursts (\`burst\` is what
\`connectionsForLoad\` has for them).

${markdownTable(["workload", "arrivals/s", ...POOL_SIZES.map(String)], sweeps.map(waitsRow))}
`.trim()
}

const CHARTS = {
  read: "Short reads: throughput and p99 of a request by the size of the pool, at two rates",
  transaction:
    "Transactions with thought: throughput and p99 of a request by the size of the pool, at two rates",
  analysis: "Slow analytical reads: throughput and p99 of a request by the size of the pool, at two rates",
  waits: "The p99 of the wait for a connection that Erlang's C formula predicts, against the measured one",
} as const

export const sizingPage = (): string =>
  Object.entries(CHARTS)
    .map(([name, text]) => `![${text}](../bench/charts/sizing-${name}.svg)`)
    .join("\n")

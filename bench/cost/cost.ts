// What the package costs, as ratios against the client that people write by hand, and how its functions grow.

import { markdownTable } from "../../scripts/markdown-table.ts"
import { startServer } from "../../test/support/seeded-server.ts"
import type { Scenario } from "../scenario.ts"
import { type Ratio, ratioOf, shownRatio } from "../side-by-side.ts"
import { median, shownNumber } from "../statistics.ts"
import { coldStart, type ImportCost, importCost, loadedBytes } from "./cold-start.ts"
import { commandStart, overBareNode } from "./command-start.ts"
import type { Comparison, Ground } from "./contenders.ts"
import { type Growth, measureGrowth, SIZES } from "./growth.ts"
import { idleMemory } from "./idle-memory.ts"
import { CONNECTIONS, inspectionTime } from "./inspection-time.ts"
import { metricsOverhead } from "./metrics-overhead.ts"
import { packedProject } from "./packed-project.ts"
import { throughput } from "./throughput.ts"

/** A median of both, their ratio in pairs, and the ratio of the hand-written one to itself. */
export interface CostFigure {
  readonly ours: number
  readonly handWritten: number
  readonly ratio: Ratio
  readonly itself: Ratio
}

export interface CostResult {
  readonly pairs: number
  readonly perSecond: CostFigure
  readonly p99: CostFigure
  /** Queries for each second of the processor's time, with metrics on over off, and off over itself. */
  readonly metrics: CostFigure
  readonly coldStart: CostFigure
  readonly idleMemory: CostFigure
  readonly import: ImportCost
  readonly loadedBytes: number
  readonly helpMillis: number
  /** Of the server, for one `inspectDatabase`. */
  readonly inspectionMillis: number
  readonly tarballBytes: number
  readonly packagesAdded: number
  readonly growth: readonly Growth[]
}

const PAIRS = 6
/** What takes a quarter of a second is repeated more often. */
const SHORT_PAIRS = 10
/** Slices of half a second in one process. */
const METRICS_PAIRS = 20

export const cost: Scenario<CostResult> = {
  name: "cost",
  title: "Cost",
  report,
  async run({ scope, say }) {
    const growth = measureGrowth()
    say("  growth measured")
    const server = await startServer(scope, 50)
    const project = await packedProject()
    scope.atEnd(() => project.remove())
    const ground: Ground = { directory: project.directory, url: server.url(), poolSize: 10 }
    const query = await throughput(ground, PAIRS)
    say("  throughput measured")
    const result = {
      pairs: PAIRS,
      perSecond: figure(query, ({ perSecond }) => perSecond),
      p99: figure(query, ({ p99 }) => p99),
      metrics: figure(await metricsOverhead(ground, METRICS_PAIRS), Number),
      coldStart: figure(await coldStart(ground, SHORT_PAIRS), Number),
      idleMemory: figure(await idleMemory(ground, PAIRS), ({ rss }) => rss),
      import: await importCost(ground, SHORT_PAIRS),
      loadedBytes: loadedBytes(ground),
      helpMillis: overBareNode(await commandStart(ground.directory, SHORT_PAIRS)),
      inspectionMillis: await inspectionTime(scope),
      tarballBytes: project.tarballBytes,
      packagesAdded: project.packagesAdded,
      growth,
    }
    await server.destroy()
    return result
  },
}

function figure<Result>(
  { compared, itself }: Comparison<Result>,
  measure: (result: Result) => number,
): CostFigure {
  return {
    ours: median(compared.map(({ b }) => measure(b))),
    handWritten: median(compared.map(({ a }) => measure(a))),
    ratio: ratioOf(compared, measure),
    itself: ratioOf(itself, measure),
  }
}

const verdict = (met: boolean, target: string) => `${met ? "met" : "**missed**"}: ${target}`

function costTable(result: CostResult): string {
  const against = ({ ours, handWritten }: CostFigure, digits: number, unit: string, scale = 1) =>
    `${shownNumber(ours / scale, digits)} against ${shownNumber(handWritten / scale, digits)} ${unit}`
  const ratios = ({ ratio, itself }: CostFigure) => [shownRatio(ratio), shownRatio(itself)]
  const relative = ({ ratio, itself }: CostFigure) => ratio.median / itself.median
  const { perSecond, p99, metrics, coldStart, idleMemory } = result
  const rows = [
    [
      "throughput of a model query",
      ...ratios(perSecond),
      against(perSecond, 0, "queries/s"),
      verdict(relative(perSecond) >= 0.98, "≥ 0.98 of itself"),
    ],
    ["p99 of it", ...ratios(p99), against(p99, 2, "ms"), "shown, not judged"],
    [
      "queries for each second of CPU, metrics on over off",
      ...ratios(metrics),
      against(metrics, 0, "queries/s"),
      verdict(relative(metrics) >= 0.99, "≥ 0.99 of off itself"),
    ],
    [
      "cold start to the first query",
      ...ratios(coldStart),
      against(coldStart, 0, "ms"),
      verdict(relative(coldStart) <= 1.05, "≤ 1.05 of itself"),
    ],
    [
      "memory of an idle client's process",
      ...ratios(idleMemory),
      against(idleMemory, 1, "MiB", 2 ** 20),
      "shown, not judged",
    ],
    [
      "import beyond its peers",
      "",
      "",
      `${shownNumber(result.import.own, 1)} ms, ${shownNumber(100 * result.import.share, 0)} % of what its peers take, ${shownNumber(result.loadedBytes / 1000, 0)} kB`,
      verdict(result.import.own <= 10, "≤ 10 ms"),
    ],
    [
      "`prisma-pool --help` over `node -e 0`",
      "",
      "",
      `${shownNumber(result.helpMillis, 0)} ms`,
      verdict(result.helpMillis <= 100, "≤ 100 ms"),
    ],
    [
      `the server's time for \`inspectDatabase\`, beside ${CONNECTIONS} connections`,
      "",
      "",
      `${shownNumber(result.inspectionMillis, 1)} ms`,
      verdict(result.inspectionMillis < 5, "< 5 ms"),
    ],
    [
      "packed tarball",
      "",
      "",
      `${shownNumber(result.tarballBytes / 1000, 1)} kB`,
      verdict(result.tarballBytes <= 600_000, "≤ 600 kB"),
    ],
    [
      "packages added beyond its peers",
      "",
      "",
      String(result.packagesAdded),
      verdict(result.packagesAdded <= 3, "≤ 3"),
    ],
  ]
  return markdownTable(["", "ours over hand-written", "hand-written over itself", "medians", "target"], rows)
}

function report(result: CostResult): string {
  return `
\`createCoreClient\` over \`new PrismaClient({ adapter: new PrismaPg({ connectionString, max }) })\` with the same size, each run a process of its own with the packed package, in ABBA order: medians
(least–most) of ${result.pairs} to ${SHORT_PAIRS} pairs, beside the hand-written client over itself, which is this machine's noise.

${costTable(result)}

The pure functions, in milliseconds, by the consumers, jobs or resources in their input; growth is the power of the size from 1,000 to 10,000 (1 is linear):

${markdownTable(
  ["", ...SIZES.map((size) => shownNumber(size)), "growth"],
  result.growth.map(({ name, millis, exponent }) => [
    `\`${name}\``,
    ...millis.map((value) => shownNumber(value, value < 10 ? 2 : 0)),
    exponent.toFixed(2),
  ]),
)}
`.trim()
}

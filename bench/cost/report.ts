import { markdownTable } from "../../scripts/markdown-table.ts"
import { judged, type Ratio, type Round, ratioOf, ratiosOf, shownMedian } from "../side-by-side.ts"
import { median, shownNumber, shownSpread } from "../statistics.ts"
import type { Taken } from "./cold-start.ts"
import type { CostResult } from "./cost.ts"
import { SIZES } from "./growth.ts"
import { CONNECTIONS } from "./inspection-time.ts"
import type { Workload } from "./workloads.ts"

type Row = readonly string[]

/** The one of the workloads that has a target. */
const POINT_READ: Workload = "a read of one row"

const COLUMNS = ["", "ours over hand-written", "hand-written over itself", "medians", "target"]

/** What has a target, and what else an application does. */
export function costPage(result: CostResult): string {
  const shown = rows(result).filter(
    ([name, ...rest]) => rest.at(-1) !== SHOWN || name?.includes("for each second"),
  )
  return markdownTable(
    COLUMNS,
    shown.map(([name = "", ...rest]) => [name.replace(/^… /, "the same, "), ...rest]),
  )
}

export function costReport(result: CostResult): string {
  const { workloads, metrics, coldStart, idleMemory } = result
  const rounds = [...Object.values(workloads), metrics, coldStart, idleMemory].map(({ length }) => length)
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)]
  return `
\`createCoreClient\` over \`new PrismaClient({ adapter: new PrismaPg({ connectionString, max }) })\` with the same size of 10, with the packed package, ours between two runs
of the hand-written one: medians of ${least} to ${most} rounds (what the median is above and below with 95 % each; of ${least} rounds, the least and the most), beside the hand-written client over itself, which is this machine's noise. Starts and memory are of a process each, the rest takes turns in one process. In time of the processor (of the process alone, not of the
server) nothing else that the machine does is counted.

${markdownTable(COLUMNS, rows(result))}

What is missed, and what was tried: a cold start pays for compiling what it imports. The build joins the chunks of the client, which were 19 files and
took half as much again; what only TLS files need is loaded with the first one; a minifier changed nothing. What remains is the code of the pool itself. The tarball has each entry in ES
modules and in CommonJS, and readers of five kinds of documents: without the source of one of the two formats it would be within its target.

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

const rows = (result: CostResult): Row[] => [...comparedRows(result), ...otherRows(result)]

const verdict = (isMet: boolean, target: string) => `${isMet ? "met" : "**missed**"}: ${target}`
const SHOWN = "shown, not judged"

function comparedRows({ workloads, metrics, coldStart, idleMemory }: CostResult): Row[] {
  return [
    ...Object.entries(workloads).flatMap(([name, rounds]): Row[] => [
      row(`${name}: turns for each second of the processor`, rounds, (speed) => speed.perProcessorSecond, {
        unit: "",
        ...(name === POINT_READ ? { judge: (ratio) => judged(ratio, "≥", 0.98) } : {}),
      }),
      row("… turns a second", rounds, (speed) => speed.perSecond, { unit: "/s" }),
      row("… p99", rounds, (speed) => speed.p99, { unit: "ms", digits: 2 }),
    ]),
    row("metrics on over off: queries for each second of the processor", metrics, Number, {
      unit: "",
      judge: (ratio) => judged(ratio, "≥", 0.99),
    }),
    row("cold start to the first query", coldStart, ({ millis }: Taken) => millis, {
      unit: "ms",
      judge: (ratio) => judged(ratio, "≤", 1.05),
    }),
    row("… time of the processor", coldStart, ({ processor }: Taken) => processor, {
      unit: "ms",
      judge: (ratio) => judged(ratio, "≤", 1.05),
    }),
    row("memory of an idle client's process", idleMemory, (bytes) => bytes / 2 ** 20, {
      unit: "MiB",
      digits: 1,
    }),
  ]
}

function row<Result>(
  name: string,
  rounds: readonly Round<Result>[],
  measure: (result: Result) => number,
  {
    unit,
    digits = 0,
    judge = () => SHOWN,
  }: { unit: string; digits?: number; judge?: (ratio: Ratio) => string },
): Row {
  const { ratio, itself } = ratiosOf(rounds, measure)
  const ours = median(rounds.map(({ between }) => measure(between)))
  const handWritten = median(rounds.flatMap(({ before, after }) => [measure(before), measure(after)]))
  const medians = `${shownNumber(ours, digits)} against ${shownNumber(handWritten, digits)} ${unit}`.trim()
  return [name, shownMedian(ratio), shownMedian(itself), medians, judge(ratio)]
}

function otherRows(result: CostResult): Row[] {
  const pairs = result.imports.map(({ peers, own }) => ({ a: peers, b: own }))
  const imported = (name: string, of: keyof Taken): Row => {
    const share = ratioOf(pairs, (taken) => taken[of])
    const millis = shownSpread(
      result.imports.map(({ own }) => own[of]),
      1,
    )
    return [name, "", "", `${shownMedian(share)}, ${millis} ms`, judged(share, "≤", 0.12)]
  }
  const helpMillis = median(result.help.map(({ a, b }) => b - a))
  const single = (name: string, value: string, isMet: boolean, target: string): Row => [
    name,
    "",
    "",
    value,
    verdict(isMet, target),
  ]
  return [
    imported("import beyond its peers, as a share of what they take, in time of the processor", "processor"),
    imported("… by the clock", "millis"),
    ["… code that is loaded", "", "", `${shownNumber(result.loadedBytes / 1000)} kB`, SHOWN],
    ...(result.importInstructions === undefined
      ? [["… in instructions", "", "", "this machine counts none", SHOWN]]
      : [
          single(
            "… in instructions",
            result.importInstructions.toFixed(3),
            result.importInstructions <= 0.12,
            "≤ 0.12",
          ),
        ]),
    single(
      "`prisma-pool --help` over `node -e 0`",
      `${shownNumber(helpMillis)} ms`,
      helpMillis <= 100,
      "≤ 100 ms",
    ),
    single(
      `the server's time for \`inspectDatabase\`, beside ${CONNECTIONS} connections`,
      `${shownNumber(result.inspectionMillis, 1)} ms`,
      result.inspectionMillis < 5,
      "< 5 ms",
    ),
    single(
      "packed tarball",
      `${shownNumber(result.tarballBytes / 1000)} kB`,
      result.tarballBytes <= 600_000,
      "≤ 600 kB",
    ),
    single("packages added beyond its peers", String(result.packagesAdded), result.packagesAdded <= 3, "≤ 3"),
  ]
}

import { markdownTable } from "../../scripts/markdown-table.ts"
import type { AutoWay } from "../processes/auto-ways.ts"
import { most, quantile, shownNumber } from "../statistics.ts"
import type { AutoResult } from "./auto.ts"
import type { Compared } from "./comparing.ts"
import { ROUNDS } from "./costing.ts"
import { CROWD, type Crowded, JOBS } from "./crowding.ts"
import { CAP, type Growth, LIMIT, SHARED } from "./growing.ts"

const WAYS: Readonly<Record<AutoWay, string>> = {
  auto: "**`auto`**",
  fixed: "this library, 1 each: what fits 40",
  byHand: "`new pg.Pool({ max: 10 })`",
  userver: "userver's protocol, imitated",
}

const SERVED_MS = 5_000
const CONVERGED_MS = 10_000
const COST = 0.97

const verdict = (met: boolean, target: string) => `${met ? "met" : "**missed**"}: ${target}`

const shownMs = (millis: number | undefined) => (millis === undefined ? "not" : shownNumber(millis))

function growthTable({ steps }: Growth): string {
  return markdownTable(
    [
      "instances",
      "newcomers served",
      "median, ms",
      "slowest, ms",
      "converged after, ms",
      "peak backends",
      "requests failed",
    ],
    steps.map(({ instances, firstServed, unserved, convergedMs, peak, failed }) => [
      String(instances),
      `${firstServed.length} of ${firstServed.length + unserved}`,
      shownNumber(quantile(firstServed, 50)),
      shownNumber(firstServed.length > 0 ? most(firstServed) : Number.NaN),
      shownMs(convergedMs),
      `${peak} of ${LIMIT}`,
      shownNumber(failed),
    ]),
  )
}

const comparedTable = (compared: readonly Compared[]): string =>
  markdownTable(
    [
      "instances",
      "way",
      "requests/s",
      "p99, ms",
      "requests failed",
      "refused by the server",
      "peak backends",
    ],
    compared.map(({ instances, way, perSecond, p99, failed, refused, peak }) => [
      String(instances),
      WAYS[way],
      shownNumber(perSecond),
      shownNumber(p99),
      shownNumber(failed),
      shownNumber(refused),
      String(peak),
    ]),
  )

function targets({ busy, idle, cost }: AutoResult): string[] {
  const steps = [...busy.steps, ...idle.steps]
  const isServed = (growth: Growth) =>
    growth.steps.every(({ firstServed, unserved }) => unserved === 0 && most(firstServed) <= SERVED_MS)
  return [
    verdict(
      steps.every(({ peak }) => peak <= LIMIT),
      `never more than ${LIMIT} backends`,
    ),
    verdict(isServed(busy), "every newcomer served within 5 s of its first request, incumbents busy"),
    verdict(isServed(idle), "the same beside incumbents that are idle at their full share"),
    verdict(
      busy.steps.every(({ convergedMs = Number.POSITIVE_INFINITY }) => convergedMs <= CONVERGED_MS),
      "even shares within 10 s",
    ),
    `${costVerdict(cost)}: queries for each second of CPU, \`auto\` over the same fixed size: ${cost.median.toFixed(3)}, with 95 % above ${cost.lower.toFixed(3)}, beside ${cost.itself.toFixed(3)} of the fixed size over itself; ≥ ${COST} of that`,
  ]
}

/** Met only where the noise of this run leaves no doubt. */
function costVerdict({ median, lower, itself }: AutoResult["cost"]): string {
  if (lower / itself >= COST) return "met"
  return median / itself >= COST ? "**within the noise**" : "**missed**"
}

const shownCrowd = ({ instances, served, failed, slowestMs, peak }: Crowded, limit: number) =>
  `${served} of ${instances} were served, the last after ${shownNumber(slowestMs)} ms; ${shownNumber(failed)} requests failed; at most ${peak} backends of ${limit}`

const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n")

export function autoReport(result: AutoResult): string {
  return `
Instances with \`poolSize: "auto"\`, each a thread with a pool of its own, on a role with CONNECTION LIMIT ${LIMIT}: ${SHARED} are shared, at most ${CAP} by one instance, and the rest is for
newcomers. Requests hold a connection for 20 ms on average, one of 50 for up to a second. The server's word is asked for every 20 ms: ${shownNumber(result.busy.samples.length + result.idle.samples.length)} samples. The server refused
${shownNumber(result.refusals)} logins while the fleet grew under load, which callers waited out.

${list(targets(result))}

Under load: autoscaled to 20, doubled by a deploy, and the old ones gone.

${growthTable(result.busy)}

Beside instances that have just become idle at their full share:

${growthTable(result.idle)}

The same 120 callers on fleets of 3 and of 40 instances:

${comparedTable(result.compared)}

More instances than are shared (${CROWD.instances} on a limit of ${CROWD.limit}, each with a request every two seconds): ${shownCrowd(result.crowd, CROWD.limit)}.
${JOBS.jobs} jobs with one connection each, which start beside ${JOBS.instances} busy instances: ${shownCrowd(result.jobs, LIMIT)}.

The cost is measured in ${ROUNDS} pairs in one process, in turn (ABBA), with ${shownNumber(result.cost.perSecond)} queries for each second of the processor.
`.trim()
}

export function autoPage(result: AutoResult): string {
  return `
${comparedTable(result.compared)}

${list(targets(result))}
`.trim()
}

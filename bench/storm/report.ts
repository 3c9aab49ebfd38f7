import { markdownTable } from "../../scripts/markdown-table.ts"
import type { Way } from "../processes/ways.ts"
import { most, shownNumber, shownSpread, sum } from "../statistics.ts"
import type { StormFigures, StormOnCeiling } from "./storm.ts"
import { ORDER, WAYS, WAYS_IN_FULL } from "./ways.ts"

type Storms = readonly StormOnCeiling[]

const failures = (runs: readonly StormFigures[], wanted: (kind: string) => boolean) =>
  sum(
    runs.flatMap(({ failed }) =>
      Object.entries(failed)
        .filter(([kind]) => wanted(kind))
        .map(([, times]) => times),
    ),
  )

export const refusedToClients = (runs: readonly StormFigures[]): number =>
  failures(runs, (kind) => kind === "refused")

const poolTimeouts = (runs: readonly StormFigures[]) => failures(runs, (kind) => kind === "pool timeout")

const others = (runs: readonly StormFigures[]) =>
  failures(runs, (kind) => kind !== "refused" && kind !== "pool timeout")

export const runsOf = (storm: StormOnCeiling, way: Way): StormFigures[] =>
  storm.runs.filter((run) => run.way === way)

export const refusedByServer = (runs: readonly StormFigures[]): number =>
  sum(runs.map((run) => run.refusedByServer))

const HEAD = [
  "`max_connections`",
  "way",
  "requests refused",
  "refused in the server's log",
  "pool timeouts",
  "jobs failed",
  "requests/s",
  "p50, ms",
  "p99, ms",
  "p99.9, ms",
  "peak backends",
  "planned",
]

/** The ways of this library. */
const OURS: readonly Way[] = ["planned", "plannedPgbouncer"]

const plannedOf = ({ plan, pooledPlan }: StormOnCeiling, way: Way) =>
  way === "planned" ? String(plan) : way === "plannedPgbouncer" ? String(pooledPlan) : "–"

function row(storm: StormOnCeiling, way: Way): string[] {
  const runs = runsOf(storm, way)
  const spread = (measure: (run: StormFigures) => number) => shownSpread(runs.map(measure))
  return [
    String(storm.maxConnections),
    WAYS[way],
    shownNumber(refusedToClients(runs)),
    shownNumber(refusedByServer(runs)),
    shownNumber(poolTimeouts(runs)),
    `${sum(runs.map(({ jobsFailed }) => jobsFailed))} of ${sum(runs.map(({ jobs }) => jobs))}`,
    spread(({ perSecond }) => perSecond),
    spread(({ p50 }) => p50),
    spread(({ p99 }) => p99),
    spread(({ p999 }) => p999),
    `${most(runs.map(({ peak }) => peak))} of ${storm.usable}`,
    plannedOf(storm, way),
  ]
}

export const stormTable = (storms: Storms): string =>
  markdownTable(
    HEAD,
    storms.flatMap((storm) => ORDER.map((way) => row(storm, way))),
  )

export function stormReport(storms: Storms): string {
  const runs = storms.flatMap((storm) => storm.runs)
  const fleets = storms.map(
    ({ maxConnections, usable, instances, jobs, sizes, plan, poolSize, pooledPlan }) =>
      `- \`max_connections\` ${maxConnections}, ${usable} usable: ${instances} API instances (${2 * instances} while the deploy rolls), ${jobs} jobs at a time, ${2 * jobs} in all; planned are ${sizes["api"]} connections for an instance and ${sizes["jobs"]} for a job, ${plan} in the deploy, monitoring included; behind PgBouncer a pool of ${poolSize}, ${pooledPlan} with what may run on without its client.`,
  )
  return `
Real Node.js processes against a real PostgreSQL: API instances with more requests at a time than connections, jobs that start together, a rolling deploy that doubles the API half-way, as many jobs again
just then, the moment that the first have ended, an idle spell, and a second burst with twice the requests. Every process has loaded before the load begins. Requests are reads, lists, inserts,
transactions with 5 ms of thought, inserts that violate a unique constraint, and sessions with temporary tables, which end slowly.

${fleets.join("\n")}

The ways run in turn, forwards and then backwards (ABBA). Refusals, timeouts and jobs are the sum of the two runs; rates and latencies the mean of both (lower–higher), the peak is the highest of the
${shownNumber(sum(runs.map(({ samples }) => samples)))} samples of \`pg_stat_activity\` in all, one every 10 ms. Latencies are of requests that were served: a refused one is quick, and not among
them. A client whose request failed comes back after 20 ms. One
connection that the server refuses can fail several requests: all that wait for a plain Prisma client to start.

${stormTable(storms)}

Other failures: ${shownNumber(others(runs.filter(({ way }) => OURS.includes(way))))} of this library's, ${shownNumber(others(runs.filter(({ way }) => !OURS.includes(way))))} of the others'. Processes that did not end when told to: ${sum(runs.map(({ killed }) => killed))}. Connections left after the end: ${sum(runs.map(({ left }) => left))}.

${WAYS_IN_FULL}
`.trim()
}

/** The table, and what it means in three sentences, each as this run has it. */
export function stormPage(storms: Storms): string {
  const ours = storms.flatMap((storm) => runsOf(storm, "planned"))
  const highest = storms.map((storm) => {
    const peak = most(runsOf(storm, "planned").map((run) => run.peak))
    return `${peak} of ${storm.plan}`
  })
  const refusedElsewhere = storms.map((storm) => {
    const times = refusedByServer(storm.runs.filter(({ way }) => !OURS.includes(way)))
    return `${shownNumber(times)} times on the server of ${storm.maxConnections}`
  })
  const faster = storms.flatMap((storm) => {
    const rate = (way: Way) => most(runsOf(storm, way).map(({ perSecond }) => perSecond))
    return ORDER.filter((way) => !OURS.includes(way) && rate(way) > rate("planned")).map(
      (way) => `${WAYS[way]} at ${storm.maxConnections}`,
    )
  })
  const lost =
    faster.length > 0
      ? `Where more connections fit, they can serve more at their best: ${faster.join(", ")}.`
      : "None of the others served more requests a second at its best, however many connections it held."
  return `
${stormTable(storms)}

As planned, the fleet was refused ${shownNumber(refusedByServer(ours))} times and held at most ${highest.join(", ")} planned connections, a deploy that doubles it included.
The other ways know nothing of the fleet, and were refused ${refusedElsewhere.join(", ")}: a deploy, or a job that starts, is enough.
${lost}
`.trim()
}

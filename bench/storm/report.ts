import { markdownTable } from "../../scripts/markdown-table.ts"
import type { Way } from "../processes/ways.ts"
import { median, most, shownNumber, shownSpread, sum } from "../statistics.ts"
import { inFull, WAYS } from "../ways.ts"
import type { StormFigures, StormOnCeiling } from "./storm.ts"

type Storms = readonly StormOnCeiling[]

const ALL = Object.keys(WAYS) as Way[]

const failures = (runs: readonly StormFigures[], wanted: (kind: string) => boolean) =>
  sum(
    runs.flatMap(({ failed }) =>
      Object.entries(failed)
        .filter(([kind]) => wanted(kind))
        .map(([, times]) => times),
    ),
  )

const refusedToClients = (runs: readonly StormFigures[]): number =>
  failures(runs, (kind) => kind === "refused")

const poolTimeouts = (runs: readonly StormFigures[]) => failures(runs, (kind) => kind === "pool timeout")

const others = (runs: readonly StormFigures[]) =>
  failures(runs, (kind) => kind !== "refused" && kind !== "pool timeout")

export const runsOf = (storm: StormOnCeiling, way: Way): StormFigures[] =>
  storm.runs.filter((run) => run.way === way)

export const refusedByServer = (runs: readonly StormFigures[]): number =>
  sum(runs.map((run) => run.refusedByServer))

export const peakOf = (storm: StormOnCeiling, way: Way): number =>
  most(runsOf(storm, way).map(({ peak }) => peak))

const planOf = (storm: StormOnCeiling, way: Way) => runsOf(storm, way)[0]?.plan

const HEAD = [
  "`max_connections`",
  "way",
  "requests refused",
  "refused in the server's log",
  "pool timeouts",
  "other failures",
  "jobs failed",
  "requests/s",
  "p50, ms",
  "p99, ms",
  "peak backends",
  "planned",
]

function row(storm: StormOnCeiling, way: Way): string[] {
  const runs = runsOf(storm, way)
  const spread = (measure: (run: StormFigures) => number) => shownSpread(runs.map(measure))
  return [
    String(storm.maxConnections),
    WAYS[way].name,
    shownNumber(refusedToClients(runs)),
    shownNumber(refusedByServer(runs)),
    shownNumber(poolTimeouts(runs)),
    shownNumber(others(runs)),
    `${sum(runs.map(({ jobsFailed }) => jobsFailed))} of ${sum(runs.map(({ jobs }) => jobs))}`,
    spread(({ perSecond }) => perSecond),
    spread(({ p50 }) => p50),
    spread(({ p99 }) => p99),
    `${shownSpread(runs.map(({ peak }) => peak))} of ${storm.usable}`,
    String(planOf(storm, way) ?? "–"),
  ]
}

const stormTable = (storms: Storms): string =>
  markdownTable(
    HEAD,
    storms.flatMap((storm) =>
      ALL.filter((way) => runsOf(storm, way).length > 0).map((way) => row(storm, way)),
    ),
  )

function fleetInWords(storm: StormOnCeiling): string {
  const { maxConnections, usable, instances, jobs, sizes, budget, poolSize } = storm
  return `- \`max_connections\` ${maxConnections}, ${usable} usable: ${instances} API instances (${2 * instances} while the deploy rolls), ${jobs} jobs at a time, ${2 * jobs} in all. Planned are ${sizes["api"]} connections for an instance and ${sizes["jobs"]} for a job, ${planOf(storm, "planned")} in the deploy, monitoring included; with \`auto\` a budget of ${budget}, ${planOf(storm, "auto")} in the deploy; behind PgBouncer a pool of ${poolSize}, ${planOf(storm, "plannedPgbouncer")} with what may run on without its client.`
}

export function stormReport(storms: Storms): string {
  const runs = storms.flatMap((storm) => storm.runs)
  return `
Real Node.js processes against a real PostgreSQL: API instances with more requests at a time than connections, jobs that start together, a rolling deploy that doubles the API half-way, as many jobs again
just then, the moment that the first have ended, an idle spell, and a second burst with twice the requests. Every process has loaded, and has run its code, before the load begins; each run has
clients of its own in them. Requests are reads, lists, inserts, transactions with 5 ms of thought, inserts that violate a unique constraint, and sessions with temporary tables, which end slowly.

${storms.map(fleetInWords).join("\n")}

The ways run in turn, forwards and then backwards (ABBA). Refusals, timeouts, failures and jobs are the sum of the two runs; rates, latencies and peaks the mean of both (lower–higher). Peaks are of
the ${shownNumber(sum(runs.map(({ samples }) => samples)))} samples of \`pg_stat_activity\` in all, one every 10 ms, and count backends that are about to be refused. Latencies are of requests that were
served: a refused one is quick, and not among them. A client whose request failed comes back after 20 ms. One connection that the server refuses can fail several requests: all that wait for a plain
Prisma client to start. With \`auto\` the role's limit refuses connections, for which callers wait.

${stormTable(storms)}

Processes that did not end when told to: ${sum(runs.map(({ killed }) => killed))}. Connections left after the end: ${sum(runs.map(({ left }) => left))}.

${inFull(ALL)}
`.trim()
}

const isUnharmed = (runs: readonly StormFigures[]) =>
  failures(runs, () => true) === 0 && sum(runs.map(({ jobsFailed }) => jobsFailed)) === 0

const rateOf = (storm: StormOnCeiling, way: Way) =>
  median(runsOf(storm, way).map(({ perSecond }) => perSecond))

/** The ways of others that lost nothing and served at least nearly as much as this library as planned. */
function asGood(storm: StormOnCeiling): string {
  const ways = ALL.filter(
    (way) =>
      !WAYS[way].isOurs &&
      isUnharmed(runsOf(storm, way)) &&
      rateOf(storm, way) >= 0.95 * rateOf(storm, "planned"),
  )
  const names = ways.map((way) => {
    const more = Math.round(100 * (rateOf(storm, way) / rateOf(storm, "planned") - 1))
    return `${WAYS[way].name} (${more < 0 ? "−" : "+"}${Math.abs(more)} %)`
  })
  return `- **\`max_connections\` ${storm.maxConnections}**: ${names.join(", ") || "none"}.`
}

/** The table, and what it means, each sentence as this run has it. */
export function stormPage(storms: Storms): string {
  const runsOfAll = (isWanted: (way: Way) => boolean) =>
    storms.flatMap(({ runs }) => runs.filter(({ way }) => isWanted(way)))
  const planned = runsOfAll((way) => way === "planned")
  const peaks = storms.map((storm) => `${peakOf(storm, "planned")} of ${planOf(storm, "planned")}`)
  const auto = runsOfAll((way) => way === "auto")
  const unplanned = (way: Way) => WAYS[way].sizedBy === undefined && !WAYS[way].isPooled
  const refused = storms.map(({ maxConnections, runs }) => {
    const times = refusedByServer(runs.filter(({ way }) => unplanned(way)))
    return `${shownNumber(times)} times on the server of ${maxConnections}`
  })
  const pooled = storms.map((storm) => {
    const runs = runsOf(storm, "pgbouncer")
    const rates = [rateOf(storm, "pgbouncer"), rateOf(storm, "plannedPgbouncer")].map((rate) =>
      shownNumber(rate),
    )
    return `- **\`max_connections\` ${storm.maxConnections}**: it refused ${shownNumber(refusedToClients(runs))} requests for want of \`max_client_conn\`, and was refused ${shownNumber(refusedByServer(runs))} times for want of slots. It served ${rates[0]} requests/s, and the planned one ${rates[1]}.`
  })
  return `
${stormTable(storms)}

As planned, the fleet was refused ${shownNumber(refusedByServer(planned))} times and held at most ${peaks.join(", ")} planned connections, a deploy that doubles it included. With \`auto\`
the limit of the role refused ${shownNumber(refusedByServer(auto))} connections, and ${shownNumber(failures(auto, () => true))} requests failed.
The ways that know nothing of the fleet, without a pooler, were refused ${refused.join(", ")}: a deploy, or a job that starts, is enough.

**Where plain PgBouncer is enough**, with its own defaults, and where it is not:

${pooled.join("\n")}

**As good as this library as planned**, of the others: nothing failed, and at least 95 % of its requests a second.

${storms.map(asGood).join("\n")}
`.trim()
}

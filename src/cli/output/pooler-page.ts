import { label } from "../../error.ts"
import { duration } from "../../monitor/duration.ts"
import { sum } from "../../monitor/inspect/group-connections.ts"
import { nameOf } from "../../monitor/name-of.ts"
import { isFull, percentOfClients } from "../../monitor/pgbouncer/fullness.ts"
import type {
  PgBouncerApplication,
  PgBouncerPool,
  PgBouncerReport,
} from "../../monitor/pgbouncer/pgbouncer-report.ts"
import type { PoolerAttribution } from "../../monitor/pgbouncer/pooler-attribution.ts"
import { limitLine, mostServers, poolerLine } from "../../monitor/pgbouncer/pooler-line.ts"
import { bar, type Format } from "./formats.ts"
import type { PoolerSample } from "./sample.ts"
import { undeclaredName } from "./session-name.ts"

/** The number of applications, and of pools, on a screen. */
const SHOWN = 8

/** On a narrower terminal, only the most important columns are shown. */
const WIDE = 100

/** Renders a pooler for the person on call, as blocks of a page: its line, who its clients are, and its pools. */
export function poolerBlocks(
  sample: PoolerSample,
  threshold: number,
  format: Format,
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const name = label(sample.name)
  if (!("report" in sample)) {
    const { failure } = sample
    const why = `${name}: ${failure.name}: ${failure.problem}${failure.remedy && `. ${failure.remedy}.`}`
    return [format.verdict(why, "unsure")]
  }
  const { report, attribution } = sample
  const isWide = columns >= WIDE
  const isBad = isFull(report) || percentOfClients(report) > threshold
  return [
    format.verdict(`${name}: ${poolerLine(report)}`, isBad ? "bad" : "good"),
    format.list([...processLines(report), ...declaredLines(sample.name, attribution)]),
    applicationsTable(report, format, isWide),
    poolsTable(report, format, isWide),
    attribution === undefined ? "" : attributionTable(attribution, report, format),
  ]
}

function processLines(report: PgBouncerReport): string[] {
  const { processes, limits, clients, servers, mayHaveMore } = report
  const versions = [...new Set(processes.map(({ version }) => label(version)))].join(", ")
  const [fullest] = limits
  const of = processes.length > 1 ? `, of process ${fullest.process + 1}` : ""
  return [
    `PgBouncer ${versions}${processes.length > 1 ? `, ${processes.length} processes` : ""}. The fullest limit: ${limitLine(fullest)}${of}`,
    `${clients.active} clients have a server connection now; ${servers.idle} server connections are idle`,
    ...(mayHaveMore
      ? [
          "so_reuseport is on: other processes may have this port, and this console does not see them. Give the console of each, by its Unix socket, with one --console more",
        ]
      : []),
  ]
}

function declaredLines(name: string, attribution: PoolerAttribution | undefined): string[] {
  if (attribution === undefined) return []
  const { undeclared, declared } = attribution
  const { clients, total, deploy } = declared
  const others = undeclared.slice(0, SHOWN).map((each) => `${undeclaredName(each)} ${each.connections}`)
  return [
    `Declared for ${label(name)}: ${clients.total} clients, ${clients.deploy.total} during a deploy, of ${clients.capacity}; ${total} of the server's connections, ${deploy.total} during a deploy`,
    ...(others.length > 0 ? [`Clients that are not declared: ${others.join(", ")}`] : []),
  ]
}

function applicationsTable(
  { applications, clients }: PgBouncerReport,
  format: Format,
  isWide: boolean,
): string {
  if (applications.length === 0) return ""
  const rest = applications.slice(SHOWN)
  const row = ({ name, ...own }: PgBouncerApplication) => cellsOf(nameOf(name), own)
  const cellsOf = (name: string, own: Omit<PgBouncerApplication, "name" | "shares">) => {
    const longest = own.waiting === 0 ? "" : duration(own.longestWaitSeconds)
    return isWide
      ? [
          name,
          own.clients,
          own.active,
          own.waiting,
          longest,
          bar(own.clients, own.clients, clients.limit),
        ].map(String)
      : [name, own.clients, own.waiting, longest].map(String)
  }
  const more = {
    clients: sum(rest, (each) => each.clients),
    active: sum(rest, (each) => each.active),
    waiting: sum(rest, (each) => each.waiting),
    longestWaitSeconds: Math.max(0, ...rest.map((each) => each.longestWaitSeconds)),
  }
  const head = ["clients of", "clients", "active", "waiting", "longest wait", `of ${clients.limit}`]
  return format.table(isWide ? head : ["clients of", "clients", "waiting", "longest"], [
    ...applications.slice(0, SHOWN).map(row),
    ...(rest.length > 0 ? [cellsOf(`and ${rest.length} more`, more)] : []),
  ])
}

function poolsTable({ pools }: PgBouncerReport, format: Format, isWide: boolean): string {
  if (pools.length === 0) return ""
  const row = ({ database, user, mode, waiting, servers }: PgBouncerPool) => {
    const { used, idle, limit } = servers
    const name = `${label(database)}, ${label(user)}`
    const drawn = Number.isFinite(limit) && limit > 0 ? bar(used, used + idle, limit) : ""
    return isWide
      ? [`${name}, ${label(mode)}`, waiting, used, idle, mostServers(limit), drawn].map(String)
      : [name, waiting, used, mostServers(limit)].map(String)
  }
  const head = ["pool", "waiting", "in use", "idle", "of", ""]
  return format.table(isWide ? head : ["pool", "waiting", "in use", "of"], pools.slice(0, SHOWN).map(row))
}

function attributionTable(
  { allocations }: PoolerAttribution,
  { clients }: PgBouncerReport,
  format: Format,
): string {
  const rows = allocations.map(({ name, kind, declared, declaredInDeploy, seen }) => [
    `${name}${kind === "jobs" ? ", at their peak" : ""}`,
    `${declared}`,
    `${declaredInDeploy}`,
    `${seen}${seen > declaredInDeploy ? " !" : ""}`,
    bar(seen, declared, clients.limit),
  ])
  return format.table(["declared clients", "share", "in a deploy", "connected", ""], rows)
}

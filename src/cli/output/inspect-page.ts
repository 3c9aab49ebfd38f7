import { label } from "../../error.ts"
import { duration } from "../../monitor/duration.ts"
import type { Attribution, Undeclared } from "../../monitor/inspect/attribution.ts"
import type {
  ApplicationHolder,
  AutoService,
  ConnectionHolder,
  DatabaseReport,
  Session,
} from "../../monitor/inspect/database-report.ts"
import { groupConnections, sum } from "../../monitor/inspect/group-connections.ts"
import { nameOf } from "../../monitor/name-of.ts"
import { usableConnections } from "../../sizing/usable-connections.ts"
import { blockedLines } from "./blocked-lines.ts"
import { bar, type Format, page } from "./formats.ts"
import { poolerBlocks } from "./pooler-page.ts"
import { type Remedy, sessions } from "./remedies.ts"
import type { ReportSection } from "./report-sections.ts"
import type { ReportSample, Sample } from "./sample.ts"
import { sessionName, undeclaredName } from "./session-name.ts"

/** The number of applications on a screen. */
const SHOWN = 12

/** The number of databases, users and clients in a line. */
const TOP = 3

/** The number of undeclared names; JSON has all of them. */
const UNDECLARED_SHOWN = 5

/** On a narrower terminal, only the most important columns are shown. */
const WIDE = 100

/** Groups remedies under their headings: those that help now, and those that prevent it later. Nothing is executed. */
export const remedySections = (remedies: readonly Remedy[]): ReportSection[] =>
  [
    { heading: "What helps now (SQL is ready to paste, and not executed)", when: "now" },
    { heading: "Later, so that it does not come back", when: "later" },
  ]
    .map(({ heading, when }) => {
      const own = remedies.filter((remedy) => remedy.when === when)
      return {
        heading,
        lines: own.flatMap(({ why, sql }) => (sql === undefined ? [why] : [])),
        sql: own.flatMap(({ why, sql }) => (sql === undefined ? [] : [`${sql}  -- ${why}`])),
      }
    })
    .filter(({ lines, sql }) => lines.length + sql.length > 0)

/** Renders the report for the person on call, most important first, on one screen. */
export function inspectPage(
  sample: ReportSample,
  format: Format,
  columns = Number.POSITIVE_INFINITY,
): string {
  const { report, attribution, threshold } = sample
  const blocks = [
    [
      format.verdict(usedLine(report), report.percent > threshold ? "bad" : "good"),
      ...otherCeilingLines(attribution, report).map((line) => format.verdict(line, "bad")),
    ].join("\n"),
    format.list([...serverLines(report), ...unseenLines(sample.unseen)]),
    holdersTable(report, format, columns),
    attribution === undefined ? "" : attributionTable(attribution, report, format),
    ...poolersBlocks(sample, format, columns),
  ]
  return page(format, blocks, sectionsOf(sample))
}

/** Renders the poolers of a sample, one below the other. */
export const poolersBlocks = (
  { poolers = [], threshold }: Pick<Sample, "poolers" | "threshold">,
  format: Format,
  columns: number | undefined,
): string[] => poolers.flatMap((pooler) => poolerBlocks(pooler, threshold, format, columns))

const unseenLines = (names: readonly string[] = []): string[] =>
  names.length === 0
    ? []
    : [
        `Declared, and not asked: ${names.map(label).join(", ")}. Give --console VARIABLE, the variable with the URL of its console, to see its clients`,
      ]

/** Renders the difference between the declared ceiling and the server's: with it, no check of the declaration holds. */
export function otherCeilingLines(
  attribution: Attribution | undefined,
  { ceiling }: DatabaseReport,
): string[] {
  const declared = attribution?.otherCeiling
  if (declared === undefined) return []
  const { maxConnections, superuserReserved, reservedConnections, providerReserved } = ceiling
  if (declared.maxConnections !== maxConnections) {
    return [
      `max_connections is ${maxConnections}, but ${declared.maxConnections} is declared: set maxConnections to ${maxConnections}, then run check again`,
    ]
  }
  const fields = { superuserReserved, reservedConnections, providerReserved }
  return [
    `${usableConnections(ceiling)} of max_connections ${maxConnections} are usable, but the declaration counts on ${declared.usable}: set ${Object.entries(
      fields,
    )
      .map(([name, slots]) => `${name} to ${slots}`)
      .join(", ")}, then run check again`,
  ]
}

/** Renders the connections in use, and the limit that they are close to if it is not the server's. */
export function usedLine(report: DatabaseReport): string {
  const { used, usable, percent, binding, isUpperBound } = report
  const most = isUpperBound && binding !== "role" ? "at most " : ""
  const of =
    binding === "maxConnections" ? "" : `, by the ${LIMITS[binding]} ${label(report.session[binding])}`
  return `${most}${used} of ${usable} connections in use (${percent} %)${of}`
}

function serverLines(report: DatabaseReport): string[] {
  const { server, ceiling, session, limits, naivePercent, waiting } = report
  const { maxConnections, superuserReserved, reservedConnections, providerReserved } = ceiling
  const kept = [
    `${superuserReserved} are kept for superusers`,
    ...(reservedConnections > 0 ? [`${reservedConnections} by reserved_connections`] : []),
    ...(providerReserved > 0 ? [`${providerReserved} by the provider`] : []),
  ]
  const usable = limits.find(({ name }) => name === "maxConnections")?.limit ?? 0
  const role = label(session.role)
  return [
    `Role ${role} may use ${usable} of max_connections ${maxConnections}: ${kept.join(", ")}`,
    ...limits.flatMap(({ name, used, limit, percent }, index) =>
      index === 0 || name === "maxConnections"
        ? []
        : [`${LIMITS[name]} ${label(session[name])}: ${used} of ${limit} (${percent} %)`],
    ),
    ...limits
      .slice(1)
      .filter(({ name }) => name === "maxConnections")
      .map(({ used, limit, percent }) => `the server: ${used} of ${limit} (${percent} %)`),
    waitingLine(waiting),
    ...(report.databases.length === 0
      ? []
      : [
          `By database: ${topOf(report.databases)}. By user: ${topOf(report.users)}. By client: ${topOf(report.clients)}`,
        ]),
    ...(session.isCounted ? [] : ["This command's own connection is not counted: it is closed by now"]),
    ...(session.behindPooler ? ["A pooler is in between, and hides the clients behind it"] : []),
    ...(session.seesEverything
      ? []
      : [
          `${role} cannot see other roles' sessions, so the count may be too high; pg_monitor makes it exact`,
        ]),
    `PostgreSQL ${server.version}${server.isReplica ? ", a replica" : ""}, shared_buffers ${server.sharedBuffers} (count(*) / max_connections, as most dashboards show it: ${naivePercent.toFixed(2)} %)`,
  ]
}

function waitingLine({ onLocks, onClient }: DatabaseReport["waiting"]): string {
  const verb = onLocks === 1 ? "waits" : "wait"
  return `${sessions(onLocks)} ${verb} for a lock; ${onClient} ${onClient === 1 ? "waits" : "wait"} for ${onClient === 1 ? "its" : "their"} application, in an open transaction or statement`
}

const LIMITS = { database: "CONNECTION LIMIT of the database", role: "CONNECTION LIMIT of the role" } as const

const topOf = (holders: readonly Pick<ConnectionHolder, "name" | "connections">[], shown = TOP): string =>
  [
    ...holders.slice(0, shown).map(({ name, connections }) => `${nameOf(name)} ${connections}`),
    ...(holders.length > shown ? [`and ${holders.length - shown} more`] : []),
  ].join(", ")

function holdersTable({ applications, usable }: DatabaseReport, format: Format, columns: number): string {
  const isWide = columns >= WIDE
  const shown = applications.slice(0, SHOWN)
  const rest = applications.slice(SHOWN)
  const line = (holder: ApplicationHolder) => {
    const { connections, oldestSeconds, states } = holder
    const { active, idle, idleInTransaction, other, unknown } = states
    const cells = [
      holderOf(holder, isWide ? TOP : 1),
      connections,
      active,
      idle,
      idleInTransaction,
      other + unknown,
      duration(oldestSeconds),
    ]
    const kept = isWide ? cells : [cells[0], cells[1], cells[4], cells[6]]
    return [...kept.map(String), isWide ? bar(connections, connections, usable) : ""]
  }
  const head = isWide
    ? ["held by", "connections", "active", "idle", "idle in transaction", "other", "oldest", `of ${usable}`]
    : ["held by", "connections", "idle in tx", "oldest", ""]
  const more =
    rest.length === 0
      ? []
      : [
          [
            `and ${rest.length} more`,
            `${sum(rest, ({ connections }) => connections)}`,
            ...head.slice(2).map(() => ""),
          ],
        ]
  return format.table(head, [...shown.map(line), ...more])
}

/** Names an application; one without a name by its largest roles. */
function holderOf({ name, shares }: ApplicationHolder, shown: number): string {
  if (name !== "") return nameOf(name)
  const roles = [...groupConnections(shares, ({ user }) => user)]
    .map(([user, own]) => ({ name: user, connections: sum(own, ({ connections }) => connections) }))
    .sort((one, other) => other.connections - one.connections)
  return `${nameOf(name)} ${topOf(roles, shown)}`
}

function attributionTable({ allocations }: Attribution, { usable }: DatabaseReport, format: Format): string {
  const rows = allocations.map(({ name, kind, declared, declaredInDeploy, seen }) => [
    `${name}${kind === "consumer" ? "" : `, ${kind === "jobs" ? "at their peak" : kind}`}`,
    `${declared}`,
    `${declaredInDeploy}`,
    `${seen}${seen > declaredInDeploy ? " !" : ""}`,
    bar(seen, declared, usable),
  ])
  return format.table(["declared", "share", "in a deploy", "in use", ""], rows)
}

/** Renders undeclared connections, the largest first. */
function undeclaredLines(undeclared: readonly Undeclared[]): string[] {
  const rest = undeclared.slice(UNDECLARED_SHOWN)
  const connections = sum(rest, (each) => each.connections)
  return [
    ...undeclared.slice(0, UNDECLARED_SHOWN).map((each) => `${undeclaredName(each)}: ${each.connections}`),
    ...(rest.length === 0
      ? []
      : [
          `and ${rest.length} more ${rest.length === 1 ? "name" : "names"}: ${connections} (--format json lists all)`,
        ]),
    ...(undeclared.some(({ role }) => role)
      ? ["Declare what has no name by its role: under roles, with the name of its owner"]
      : []),
  ]
}

function sectionsOf({ report, attribution, remedies }: ReportSample): readonly ReportSection[] {
  const { deploys, autoServices, longestQuery, longestIdleInTransaction } = report
  return [
    {
      heading: "Not declared",
      lines: [
        ...undeclaredLines(attribution?.undeclared ?? []),
        ...(attribution?.allocations ?? [])
          .filter(({ seen, declaredInDeploy }) => seen > declaredInDeploy)
          .map(
            ({ name, seen, declaredInDeploy }) =>
              `${label(name)}: ${seen - declaredInDeploy} more than its ${declaredInDeploy}`,
          ),
      ],
    },
    {
      heading: "Deploy in progress",
      lines: deploys.map(
        ({ application, by, generations }) =>
          `${label(application)}: ${generations
            .map(({ names, connections, oldestSeconds }) => {
              const who = by === "version" ? names.map(label).join(", ") : `${names.length} instances`
              return `${connections} of ${who}, up to ${duration(oldestSeconds)} old`
            })
            .join("; ")}`,
      ),
    },
    {
      heading: "Sizes that follow the instances (auto)",
      lines: autoServices.map(autoServiceLine),
    },
    {
      heading: "Longest",
      lines: [
        ...(longestQuery ? [`query: ${sessionLine(longestQuery)}`] : []),
        ...(longestIdleInTransaction
          ? [`idle in transaction: ${sessionLine(longestIdleInTransaction)}`]
          : []),
      ],
    },
    {
      heading: "Blocked",
      lines: blockedLines(report),
    },
    ...remedySections(remedies),
  ].filter(({ lines, sql = [] }) => lines.length + sql.length > 0)
}

/** Renders how many pools share what: `api: 6 pools with 38 connections. CONNECTION LIMIT of the role app: 41 of 60`. */
function autoServiceLine({ name, role, isSuperuser, pools, connections, limits }: AutoService): string {
  const own = `${label(name)}: ${pools} ${pools === 1 ? "pool" : "pools"} with ${connections} ${connections === 1 ? "connection" : "connections"}`
  if (isSuperuser) return `${own}. Role ${nameOf(role)} is a superuser, whom no limit binds: auto is off`
  if (limits.length === 0)
    return `${own}. Neither role ${nameOf(role)} nor its database has a CONNECTION LIMIT: nothing but the pools keeps their sum`
  const shared = limits.map(
    (each) => `${LIMITS[each.name]} ${label(each.owner)}: ${each.used} of ${each.limit}`,
  )
  return `${own}. ${shared.join(", ")}`
}

const sessionLine = (session: Session): string => `${sessionName(session)}, ${duration(session.seconds)}`

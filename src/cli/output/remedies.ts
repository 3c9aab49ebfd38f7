import { label } from "../../error.ts"
import type { Attribution } from "../../monitor/inspect/attribution.ts"
import type { ConnectionHolder, DatabaseReport, Session } from "../../monitor/inspect/database-report.ts"
import { CLIENT_BACKEND } from "../../pool/auto/slot-sql.ts"
import { usableConnections } from "../../sizing/usable-connections.ts"
import { identifier } from "./sql-identifier.ts"

/** A suggestion, never executed here. Each is safe to paste at the time of the report. */
export interface Remedy {
  /** `now` frees connections or locks; `later` prevents the problem from returning. */
  readonly when: "now" | "later"
  readonly why: string
  /** SQL to paste; undefined if no statement helps. */
  readonly sql?: string
}

/** A transaction idle for this long counts as forgotten. */
const FORGOTTEN_SECONDS = 60

/** Slots that a limit of the largest role leaves to others: one to inspect, one to act, one spare. */
const LEFT_TO_OTHERS = 3

/**
 * Returns remedies for the problems in a report, in the order of their use. It never suggests a limit below the
 * connections in use: that would lock people out, and take connections from the application.
 *
 * @param threshold percentage of the usable connections above which the largest application comes first
 */
export function remediesFor(
  report: DatabaseReport,
  attribution: Attribution | undefined,
  threshold: number,
): Remedy[] {
  const { longestIdleInTransaction: longest, percent } = report
  const forgotten = longest !== undefined && longest.seconds >= FORGOTTEN_SECONDS ? longest : undefined
  const isHigh = percent > threshold
  return [
    ...(isHigh ? shrinkTheLargest(report, attribution) : []),
    ...endSessions(report, forgotten),
    ...(report.session.seesEverything ? [] : seeEverything(report)),
    ...(forgotten?.user ? endForgottenOnes(forgotten.user) : []),
    ...(isHigh ? [...limitTheLargestRole(report), ...keepSlots(report)] : []),
  ]
}

/** Suggests a smaller pool. Ending a pool's idle sessions frees nothing, because the pool opens them again. */
function shrinkTheLargest(
  { applications, usable }: DatabaseReport,
  attribution: Attribution | undefined,
): Remedy[] {
  const largest = applications.find(({ name }) => name !== null && name !== "")
  if (largest === undefined) return []
  const more = attribution?.allocations.find(
    ({ applications: names, seen, declaredInDeploy }) =>
      names.includes(largest.name ?? "") && seen > declaredInDeploy,
  )
  const beyond = more === undefined ? "" : `, ${more.seen - more.declaredInDeploy} more than declared`
  return [
    {
      when: "now",
      why: `${nameOf(largest)} holds ${largest.connections} of ${usable}${beyond}: stop one of its instances, or lower its pool size. To end its idle sessions frees nothing, its pools open them again`,
    },
  ]
}

const nameOf = ({ name }: ConnectionHolder): string => label(name ?? "")

function endSessions({ blockers }: DatabaseReport, forgotten: Session | undefined): Remedy[] {
  const root = blockers.find(
    ({ isRoot, frees, type }) => isRoot && frees > 0 && (type === CLIENT_BACKEND || type === null),
  )
  const ends: readonly (readonly [Session, string])[] = [
    ...(root === undefined ? [] : [[root, `keeps ${sessions(root.frees)} waiting`] as const]),
    ...(forgotten !== undefined && forgotten.pid !== root?.pid
      ? [[forgotten, `has left a transaction open for ${Math.round(forgotten.seconds)} s`] as const]
      : []),
  ]
  return ends.map(([session, reason]) => endSession(session, reason))
}

export const sessions = (count: number): string => `${count} ${count === 1 ? "session" : "sessions"}`

/** Ends a process by pid and start time: the pid may belong to another process by the time of the paste. */
function endSession({ pid, application, user, startedAt, mayEnd }: Session, reason: string): Remedy {
  const who = label(application || `pid ${pid}`)
  if (!mayEnd || startedAt === null) {
    const owner = user === null ? "its role" : `role ${label(user)}`
    return {
      when: "now",
      why: `${who} ${reason}: ${owner} or a member of pg_signal_backend can end pid ${pid}`,
    }
  }
  return {
    when: "now",
    why: `${who} ${reason}: end it. Its transaction rolls back, and its application gets an error`,
    sql: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ${pid} AND backend_start = '${startedAt}';`,
  }
}

const seeEverything = ({ session: { role } }: DatabaseReport): Remedy[] =>
  laterFor(role, "to see what other roles do", (quoted) => `GRANT pg_monitor TO ${quoted};`)

const endForgottenOnes = (role: string): Remedy[] =>
  laterFor(
    role,
    "so that no new session leaves a transaction open like that",
    (quoted) => `ALTER ROLE ${quoted} SET idle_in_transaction_session_timeout = '60s';`,
  )

/** Suggests a statement about a role, unless SQL cannot name it. */
function laterFor(role: string, why: string, statement: (quoted: string) => string): Remedy[] {
  const quoted = identifier(role)
  return quoted === undefined ? [] : [{ when: "later", why, sql: statement(quoted) }]
}

/** Suggests a limit above the role's connections, so that none in use is refused and others still get in. */
function limitTheLargestRole({ users, ceiling, session, binding }: DatabaseReport): Remedy[] {
  const largest = users.find(({ name }) => name !== null)
  if (binding !== "maxConnections" || largest?.name === null || largest === undefined) return []
  const most = usableConnections(ceiling) - LEFT_TO_OTHERS
  const isOthers = largest.name !== session.role && largest.limit === undefined
  if (!isOthers || largest.connections > most) return []
  return laterFor(
    largest.name,
    `so that ${nameOf(largest)} leaves ${LEFT_TO_OTHERS} slots to others; above that its own connections are refused`,
    (quoted) => `ALTER ROLE ${quoted} CONNECTION LIMIT ${most};`,
  )
}

/** Suggests reserved slots, so that a monitoring role gets in on a full server. */
function keepSlots({ server, ceiling, session, binding }: DatabaseReport): Remedy[] {
  if (server.versionNumber < 160_000 || binding !== "maxConnections" || session.isSuperuser) return []
  return [
    ...(ceiling.reservedConnections > 0
      ? []
      : [
          {
            when: "later",
            why: "to keep two slots for monitoring, after a restart; all others then have two fewer",
            sql: "ALTER SYSTEM SET reserved_connections = 2;",
          } as const,
        ]),
    ...(session.mayUseReserved
      ? []
      : laterFor(
          session.role,
          "so that this role gets them",
          (quoted) => `GRANT pg_use_reserved_connections TO ${quoted};`,
        )),
  ]
}

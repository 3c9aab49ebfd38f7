import { label } from "../../error.ts"
import type { Attribution } from "../../monitor/inspect/attribution.ts"
import type { ConnectionHolder, DatabaseReport, Session } from "../../monitor/inspect/database-report.ts"
import { CLIENT_BACKEND } from "../../monitor/inspect/server-sql.ts"
import { usableConnections } from "../../sizing/usable-connections.ts"
import { identifier } from "./sql-identifier.ts"

/** Something that helps. Nobody runs it but the reader, and each is safe for whoever pastes it at this moment. */
export interface Remedy {
  /** `now` frees something; `later` keeps it from coming back. */
  readonly when: "now" | "later"
  readonly why: string
  /** SQL to paste; undefined where no statement helps. */
  readonly sql?: string
}

/** A transaction that has been left open for so long is forgotten. */
const FORGOTTEN_SECONDS = 60

/** Slots that a limit of the largest role leaves to others: one to look, one to act, one to spare. */
const LEFT_TO_OTHERS = 3

/**
 * Remedies for what a report shows, in the order of their use. No limit is among them that is below what is in use: it would
 * lock people out, and take connections from the application.
 *
 * @param threshold in per cent of what is usable: above it, who holds the most comes first
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
    ...(report.session.seesEverything ? [] : [seeEverything(report)]),
    ...(forgotten?.user ? [endForgottenOnes(forgotten.user)] : []),
    ...(isHigh ? [...limitTheLargestRole(report), ...keepSlots(report)] : []),
  ]
}

/** To end idle sessions of a pool frees nothing: the pool opens them again. */
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
  const root = blockers.find(({ isRoot, type }) => isRoot && (type === CLIENT_BACKEND || type === null))
  const ends: readonly (readonly [Session, string])[] = [
    ...(root === undefined
      ? []
      : [[root, `blocks ${root.blocks} ${root.blocks === 1 ? "other" : "others"}`] as const]),
    ...(forgotten !== undefined && forgotten.pid !== root?.pid
      ? [[forgotten, `has left a transaction open for ${Math.round(forgotten.seconds)} s`] as const]
      : []),
  ]
  return ends.map(([session, reason]) => endSession(session, reason))
}

/** A process is named by when it began, too: its number may be another's by the time of the paste. */
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

const seeEverything = ({ session: { role } }: DatabaseReport): Remedy => ({
  when: "later",
  why: "to see what other roles do",
  sql: `GRANT pg_monitor TO ${identifier(role)};`,
})

const endForgottenOnes = (role: string): Remedy => ({
  when: "later",
  why: "so that no new session leaves a transaction open like that",
  sql: `ALTER ROLE ${identifier(role)} SET idle_in_transaction_session_timeout = '60s';`,
})

/** A limit above what the role holds, so that nothing is refused that is there, and others still get in. */
function limitTheLargestRole({ users, ceiling, session, binding }: DatabaseReport): Remedy[] {
  const largest = users.find(({ name }) => name !== null)
  if (binding !== "maxConnections" || largest?.name === null || largest === undefined) return []
  const most = usableConnections(ceiling) - LEFT_TO_OTHERS
  const isOthers = largest.name !== session.role && largest.limit === undefined
  if (!isOthers || largest.connections > most) return []
  return [
    {
      when: "later",
      why: `so that ${nameOf(largest)} leaves ${LEFT_TO_OTHERS} slots to others; above that its own connections are refused`,
      sql: `ALTER ROLE ${identifier(largest.name)} CONNECTION LIMIT ${most};`,
    },
  ]
}

/** How a monitoring role gets in when no other does. */
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
      : [
          {
            when: "later",
            why: "so that this role gets them",
            sql: `GRANT pg_use_reserved_connections TO ${identifier(session.role)};`,
          } as const,
        ]),
  ]
}

import { printable } from "../../error.ts"
import type { DatabaseReport, Session } from "../../monitor/inspect/database-report.ts"
import { CLIENT_BACKEND } from "../../monitor/inspect/server-sql.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"

/** SQL that may help, ready to paste; nobody runs it but the reader. */
export interface SuggestedStatement {
  readonly why: string
  readonly sql: string
}

/** A transaction that has been left open for so long is forgotten, or blocks. */
const FORGOTTEN_SECONDS = 60

/** What may help with what a report shows. */
export function suggestedSql(report: DatabaseReport, alert: number): SuggestedStatement[] {
  const { session, longestIdleInTransaction: forgotten, blockers, percent, databases, users } = report
  const isForgotten = forgotten !== undefined && forgotten.seconds >= FORGOTTEN_SECONDS
  const root = blockers.find(({ isRoot, type }) => isRoot && (type === CLIENT_BACKEND || type === null))
  const ends: readonly (readonly [Session, string])[] = [
    ...(root === undefined
      ? []
      : [[root, `blocks ${root.blocks} ${root.blocks === 1 ? "other" : "others"}`] as const]),
    ...(isForgotten && forgotten.pid !== root?.pid
      ? [[forgotten, `has left a transaction open for ${Math.round(forgotten.seconds)} s`] as const]
      : []),
  ]
  const role = forgotten?.user ?? users[0]?.name ?? session.role
  const database = databases[0]?.name ?? session.database
  return [
    ...(session.seesEverything
      ? []
      : [{ why: "to see what other roles do", sql: `GRANT pg_monitor TO ${identifier(session.role)};` }]),
    ...ends.map(([{ pid, application }, why]) => ({
      why: `${application || `pid ${pid}`} ${why}: end it`,
      sql: `SELECT pg_terminate_backend(${pid});`,
    })),
    ...(isForgotten
      ? [
          {
            why: "so that no transaction stays open like that",
            sql: `ALTER ROLE ${identifier(role)} SET idle_in_transaction_session_timeout = '60s';`,
          },
        ]
      : []),
    ...(percent > alert && report.binding === "maxConnections"
      ? [
          {
            why: `so that one database cannot take every slot: ${database} has the most`,
            sql: `ALTER DATABASE ${identifier(database)} CONNECTION LIMIT ${Math.max(1, Math.floor((report.usable * ALERT_PERCENT) / 100))};`,
          },
        ]
      : []),
    ...(percent > alert ? monitoringSlots(report.server.versionNumber) : []),
  ]
}

/** How a monitoring role gets in when nobody else does. */
export function monitoringSlots(versionNumber = 160_000): SuggestedStatement[] {
  if (versionNumber < 160_000) return []
  return [
    {
      why: "to keep slots for monitoring, PostgreSQL 16 and later, after a restart",
      sql: "ALTER SYSTEM SET reserved_connections = 2;",
    },
    { why: "and to say who gets them", sql: "GRANT pg_use_reserved_connections TO monitoring;" },
  ]
}

/** Quoted; a name that a terminal would not show as it is stands in PostgreSQL's escapes, which can be pasted all the same. */
function identifier(name: string): string {
  const quoted = `"${name.replaceAll('"', '""')}"`
  return printable(name) === name ? quoted : `U&${quoted.replace(/[^ -~]|[#\\]/gu, escaped)}`
}

/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
const escaped = (character: string): string => `\\+${character.codePointAt(0)?.toString(16).padStart(6, "0")}`

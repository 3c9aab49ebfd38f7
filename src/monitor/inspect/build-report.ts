import type { LimitName } from "../../pool/refusal-texts.ts"
import { usableConnections } from "../../sizing/usable-connections.ts"
import { autoServicesOf } from "./auto-services.ts"
import type {
  ApplicationHolder,
  BlockedSession,
  BlockingSession,
  ConnectionLimit,
  ConnectionShare,
  DatabaseReport,
  Session,
} from "./database-report.ts"
import { deploysOf } from "./deploys.ts"
import {
  groupBy,
  groupConnections,
  ofPool,
  type PoolConnections,
  statesOf,
  sum,
} from "./group-connections.ts"
import type { ConnectionGroup, InspectionRow, SessionRow } from "./inspection-row.ts"

/**
 * Adds up the server's answer. Pure, so that the report can be tested without a server.
 *
 * @param isTemporary true if the connection that asked is closed after this. A pooler keeps its own open.
 */
export function buildReport(
  answer: InspectionRow,
  behindPooler: boolean | undefined,
  isTemporary = false,
): DatabaseReport {
  const isCounted = !isTemporary || behindPooler !== false
  const groups = answer.groups.filter(({ own }) => isCounted || !own).map(ofPool)
  const row = { ...answer, groups }
  const connections = count(groups)
  const limits = limitsOf(row, connections)
  const [{ name: binding, limit: usable, used, free, percent }] = limits
  return {
    server: {
      version: row.version,
      versionNumber: row.versionNumber,
      sharedBuffers: row.sharedBuffers,
      sharedBuffersBytes: row.sharedBuffersBytes,
      isReplica: row.isReplica,
    },
    session: {
      pid: row.pid,
      database: row.database,
      role: row.role,
      isSuperuser: row.isSuperuser,
      mayUseReserved: row.mayUseReserved,
      seesEverything: row.seesEverything,
      behindPooler,
      isCounted,
    },
    ceiling: {
      maxConnections: row.maxConnections,
      superuserReserved: row.superuserReserved,
      reservedConnections: row.reservedConnections,
      providerReserved: row.providerReserved,
      databaseLimit: row.databaseLimit,
      roleLimit: row.roleLimit,
      databaseLimits: row.databaseLimits,
      roleLimits: row.roleLimits,
    },
    limits,
    binding,
    usable,
    used,
    free,
    percent,
    connections,
    isUpperBound: !row.seesEverything,
    certain: count(groups.filter(({ hidden }) => !hidden)),
    naivePercent: percentOf(row.rowsOfDatabase, row.maxConnections),
    states: statesOf(groups),
    waiting: {
      onLocks: sum(groups, ({ onLocks }) => onLocks),
      onClient: sum(groups, ({ onClient }) => onClient),
    },
    applications: applicationsOf(groups),
    clients: groupBy(groups, "client"),
    users: groupBy(groups, "user", row.roleLimits),
    databases: groupBy(groups, "database", row.databaseLimits),
    deploys: deploysOf(groups),
    autoServices: autoServicesOf(groups, row),
    longestQuery: row.longestQuery === null ? undefined : sessionOf(row.longestQuery),
    longestIdleInTransaction:
      row.longestIdleInTransaction === null ? undefined : sessionOf(row.longestIdleInTransaction),
    blocked: row.blocked.map(blockedOf),
    blockers: blockersOf(row),
  }
}

const count = (groups: readonly Pick<ConnectionGroup, "connections">[]) =>
  sum(groups, ({ connections }) => connections)

/** A percentage with two decimals, as in the usual alert query. */
export function percentOf(used: number, limit: number): number {
  return limit === 0 ? 100 : Math.round((10_000 * used) / limit) / 100
}

function limitsOf(row: InspectionRow, connections: number): DatabaseReport["limits"] {
  const { maxConnections, reservedConnections, mayUseReserved, isSuperuser } = row
  const kept = mayUseReserved ? 0 : reservedConnections
  const usable = isSuperuser ? maxConnections : usableConnections({ ...row, reservedConnections: kept })
  const server = limitOf("maxConnections", usable, connections)
  const others: ConnectionLimit[] = []
  if (!isSuperuser && row.databaseLimit >= 0) {
    others.push(limitOf("database", row.databaseLimit, count(countedBy(row).database)))
  }
  if (!isSuperuser && row.roleLimit >= 0) {
    others.push(limitOf("role", row.roleLimit, count(countedBy(row).role)))
  }
  // Sorting is stable: among equally used limits, the server's comes first.
  const [first = server, ...rest] = [server, ...others].sort((one, other) => other.percent - one.percent)
  return [first, ...rest]
}

/** The connections that count against a limit of this database, and against one of this role. */
function countedBy({ groups, database, role }: InspectionRow) {
  return {
    database: groups.filter((group) => group.database === database),
    role: groups.filter((group) => group.user === role),
  }
}

function applicationsOf(groups: readonly PoolConnections[]): ApplicationHolder[] {
  const byApplication = groupConnections(groups, ({ application }) => application)
  return groupBy(groups, "application").map((holder) => {
    const own = byApplication.get(holder.name) ?? []
    const pools = new Set(own.flatMap(({ pool }) => pool ?? [])).size
    return { ...holder, ...(pools > 0 ? { pools } : {}), shares: sharesOf(own) }
  })
}

/** Counts connections by role and database. */
export const sharesOf = (
  groups: readonly Pick<ConnectionGroup, "user" | "database" | "connections">[],
): ConnectionShare[] =>
  [...groupConnections(groups, ({ user }) => user)].flatMap(([user, own]) =>
    [...groupConnections(own, ({ database }) => database)].map(([database, shared]) => ({
      user,
      database,
      connections: count(shared),
    })),
  )

function limitOf(name: LimitName, limit: number, used: number): ConnectionLimit {
  const allowed = Math.max(0, limit)
  return { name, limit: allowed, used, free: Math.max(0, allowed - used), percent: percentOf(used, allowed) }
}

function sessionOf({
  pid,
  application,
  user,
  database,
  client,
  state,
  seconds,
  transaction,
  startedAt,
  mayEnd,
}: SessionRow): Session {
  const transactionSeconds = transaction === null ? undefined : Math.max(0, transaction)
  return {
    pid,
    application,
    user,
    database,
    client,
    state,
    seconds: Math.max(0, seconds ?? 0),
    transactionSeconds,
    startedAt,
    mayEnd,
  }
}

function blockedOf(row: InspectionRow["blocked"][number]): BlockedSession {
  // pg_blocking_pids() repeats a process for each lock.
  return { ...sessionOf(row), blockedBy: [...new Set(row.blockedBy)] }
}

function blockersOf({ blocked, blockers }: InspectionRow): BlockingSession[] {
  const waiting = new Set(blocked.map(({ pid }) => pid))
  return blockers
    .map((row) => ({
      ...sessionOf(row),
      type: row.type,
      blocks: blocked.filter(({ blockedBy }) => blockedBy.includes(row.pid)).length,
      isRoot: !row.waits && !waiting.has(row.pid),
      frees: freedBy(row.pid, blocked),
    }))
    .sort(
      (one, other) =>
        Number(other.isRoot) - Number(one.isRoot) || other.frees - one.frees || other.blocks - one.blocks,
    )
}

/** Counts the connections that can go on when a process ends: those that wait for it alone, and so on. */
function freedBy(pid: number, blocked: InspectionRow["blocked"]): number {
  const gone = new Set([pid])
  for (let before = 0; before < gone.size; ) {
    before = gone.size
    for (const { pid: each, blockedBy } of blocked) {
      // Nobody blocks one that has got its lock meanwhile.
      if (blockedBy.length > 0 && blockedBy.every((blocker) => gone.has(blocker))) gone.add(each)
    }
  }
  return gone.size - 1
}

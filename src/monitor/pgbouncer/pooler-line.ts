import { label } from "../../error.ts"
import { duration } from "../duration.ts"
import type { PgBouncerLimit, PgBouncerReport } from "./pgbouncer-report.ts"

/** Renders both sides of a pooler on one line. */
export function poolerLine({ clients, servers }: Pick<PgBouncerReport, "clients" | "servers">): string {
  const { used, limit, waiting, longestWaitSeconds } = clients
  const wait =
    waiting === 0
      ? "none waits"
      : `${waiting} ${waiting === 1 ? "waits" : "wait"}, for up to ${duration(longestWaitSeconds)}`
  return `${used} of ${limit} clients, ${wait}; ${servers.used} of ${mostServers(servers.limit)} server connections in use`
}

/** Renders the most server connections that there may be. */
export const mostServers = (limit: number): string =>
  Number.isFinite(limit) ? String(limit) : "any number of"

const LIMITS: Readonly<Record<PgBouncerLimit["name"], string>> = {
  maxClientConnections: "max_client_conn",
  poolSize: "pool size and reserve",
  maxDbConnections: "max_db_connections",
  maxUserConnections: "max_user_connections",
  maxDbClientConnections: "max_db_client_connections",
  maxUserClientConnections: "max_user_client_connections",
}

/** Renders one limit, with whose it is and what is used of it. */
export function limitLine({ name, database, user, used, limit, percent }: PgBouncerLimit): string {
  const owner = [
    ...(database === undefined ? [] : [label(database)]),
    ...(user === undefined ? [] : [`user ${label(user)}`]),
  ].join(", ")
  return `${LIMITS[name]}${owner && ` of ${owner}`}: ${used} of ${limit} (${percent} %)`
}

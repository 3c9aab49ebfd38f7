import type { PgBouncerLimit, PgBouncerReport } from "./pgbouncer-report.ts"

/** What a limit counts: clients, or server connections. */
export const sideOf = ({ name }: Pick<PgBouncerLimit, "name">): "clients" | "servers" =>
  name.endsWith("ClientConnections") || name === "maxClientConnections" ? "clients" : "servers"

const isReached = (report: PgBouncerReport, side: "clients" | "servers"): boolean =>
  report.limits.some((limit) => sideOf(limit) === side && limit.free === 0)

/** True if a process refuses further clients. */
export const isFullOfClients = (report: PgBouncerReport): boolean => isReached(report, "clients")

/** True if all server connections of a pool, of an entry or of a user are in use. */
export const isServerSideFull = (report: PgBouncerReport): boolean => isReached(report, "servers")

/**
 * The fullest of the limits on clients, in per cent. Server connections that are all in use are no problem before a client waits.
 */
export const percentOfClients = ({ limits }: Pick<PgBouncerReport, "limits">): number =>
  Math.max(...limits.filter((limit) => sideOf(limit) === "clients").map(({ percent }) => percent))

/** True if clients are refused, or wait for server connections that are all in use. */
export const isFull = (report: PgBouncerReport): boolean =>
  isFullOfClients(report) || (report.clients.waiting > 0 && isServerSideFull(report))

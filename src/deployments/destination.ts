import { type DatabaseUrl, parameterOf } from "../config/database-url.ts"
import { OPTIONS } from "../config/options.ts"

/** The host and port that a URL leads to. */
export interface Destination {
  /** Lower case, without the brackets of an address, a trailing dot, and the domain of a Kubernetes cluster. */
  readonly host: string
  readonly port: number
  /** The database that it names; undefined for an address in parts. */
  readonly database?: string
  /** The role that it logs in as; undefined if it names none. */
  readonly user?: string
  /** True if the URL says that it leads to PgBouncer: `pgbouncer=true`. */
  readonly isPooled?: true
}

export const destinationOf = (url: DatabaseUrl): Destination => ({
  host: normalHost(url.server.host),
  port: url.server.port,
  database: url.server.database,
  ...(url.server.user === undefined ? {} : { user: url.server.user }),
  ...(parameterOf(url, OPTIONS.pgbouncer.parameter) === "true" ? { isPooled: true } : {}),
})

/** True if the host does not identify a server: loopback, a socket, a sidecar proxy. */
export const isLocal = ({ host }: Destination): boolean => LOCAL.test(host)

export const normalHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$|\.$/g, "")
    .replace(/\.svc(\.cluster\.local)?$/, "")

const LOCAL = /^\/|^(.+\.)?localhost$|^127\.|^::1$|^0\.0\.0\.0$/

/** True if the host is the machine that has the URL, by name or by address. */
export const isLoopback = (place: Destination): boolean => isLocal(place) && !place.host.startsWith("/")

/** True if the host is a template that its reader fills in: `$DB_HOST`, `${host}`, `$(HOST)`, `{{ host }}`. */
export const isTemplate = (host: string): boolean => /[${}()]/.test(host)

/** `postgresql://`, also in quotes and as JDBC, R2DBC, SQLAlchemy and Django write it. */
const SCHEME = /^\s*["']?(?:(?:jdbc|r2dbc):(?:[\w-]+:)*?)?(?:postgres(?:ql)?|postgis|pg?sql)(?:\+\w+)?:\/\//i

export const isPostgresUrl = (text: string): boolean => SCHEME.test(text)

/** True if the URL is of another kind of database, as Prisma's providers and their drivers write it. */
export const isOtherDatabase = (url: string): boolean =>
  /^\s*["']?(mysqlx?|mariadb|mongodb(\+srv)?|sqlserver|mssql|sqlite|libsql|file):/i.test(url)

/** Rewrites such a URL in libpq's notation. */
export const plainUrl = (url: string): string =>
  SCHEME.test(url) ? url.replace(SCHEME, "postgresql://").replace(/["'\s]+$/, "") : url

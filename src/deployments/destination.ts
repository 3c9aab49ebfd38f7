import type { DatabaseUrl } from "../config/database-url.ts"

/** Where a URL leads. */
export interface Destination {
  /** In lower case, without the brackets of an address and without a dot at its end. */
  readonly host: string
  readonly port: number
}

export const destinationOf = ({ server }: DatabaseUrl): Destination => ({
  host: normalHost(server.host),
  port: server.port,
})

/** Whether it says nothing of a server: loopback, a socket, a proxy beside. */
export const isLocal = ({ host }: Destination): boolean => LOCAL.test(host)

export const normalHost = (host: string): string => host.toLowerCase().replace(/^\[|\]$|\.$/g, "")

const LOCAL = /^\/|^(.+\.)?localhost$|^127\.|^::1$|^0\.0\.0\.0$/

/** Whether it is the machine that has the URL, as a name or an address says. */
export const isLoopback = (place: Destination): boolean => isLocal(place) && !place.host.startsWith("/")

/** Whether a host is put together by whatever reads it: `$DB_HOST`, `${host}`, `$(HOST)`, `{{ host }}`. */
export const isTemplate = (host: string): boolean => /[${}()]/.test(host)

/** `postgresql://`, as JDBC, SQLAlchemy and Django write it too, and in quotes. */
const SCHEME = /^\s*["']?(?:jdbc:(?:[\w-]+:)*?)?(?:postgres(?:ql)?|postgis)(?:\+\w+)?:\/\//i

export const isPostgresUrl = (text: string): boolean => SCHEME.test(text)

/** The same in the notation of libpq. */
export const plainUrl = (url: string): string =>
  SCHEME.test(url) ? url.replace(SCHEME, "postgresql://").replace(/["'\s]+$/, "") : url

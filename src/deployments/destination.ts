import { parseDatabaseUrl } from "../config/parse-database-url.ts"

/** Where a URL leads. */
export interface Destination {
  /** In lower case, without the brackets of an address and without a dot at its end. */
  readonly host: string
  readonly port: number
}

/** Undefined where that cannot be seen. */
export function destinationOf(url: string | undefined): Destination | undefined {
  const parsed = url === undefined ? undefined : parseDatabaseUrl(url, "", [])
  return parsed && { host: normalHost(parsed.server.host), port: parsed.server.port }
}

/** Undefined where it cannot be seen, and where it says nothing of a server: loopback, a socket, a proxy beside. */
export function remoteDestinationOf(url: string | undefined): Destination | undefined {
  const destination = destinationOf(url)
  return destination === undefined || LOCAL.test(destination.host) ? undefined : destination
}

export const normalHost = (host: string): string => host.toLowerCase().replace(/^\[|\]$|\.$/g, "")

const LOCAL = /^\/|^(.+\.)?localhost$|^127\.|^::1$|^0\.0\.0\.0$/

export const isPostgresUrl = (text: string): boolean => /^postgres(ql)?:\/\//i.test(text)

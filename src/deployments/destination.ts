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

export const isPostgresUrl = (text: string): boolean => /^postgres(ql)?:\/\//i.test(text)

import { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import { PostgresConnection, type PostgresConnectionConfig } from "./postgres-connection.ts"

/** The backend of a connection, and the key with which another connection can cancel its query. */
export interface Backend {
  readonly processID?: number | null
  readonly secretKey?: number | null
  readonly host: string
  readonly port: number
}

/** The route by which a connection reached its server: the host name may resolve to another server by now. */
export interface Route {
  readonly address: string | undefined
  readonly isEncrypted: boolean
}

export function routeOf(stream: Socket | TLSSocket): Route {
  return { address: stream.remoteAddress, isEncrypted: "encrypted" in stream }
}

/**
 * Asks the server to stop the query that a backend runs, over a separate connection, which takes no slot.
 *
 * Best effort: resolves when the server has closed that connection, even if no query was stopped.
 *
 * PgBouncer drops a request whose connection we close, and one for a client that has disconnected.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export function cancelQuery(
  { processID, secretKey, host, port }: Backend,
  { address, isEncrypted }: Route,
  { ssl: tls, sslnegotiation }: PostgresConnectionConfig,
  timeoutMillis: number,
): Promise<void> {
  if (typeof processID !== "number" || typeof secretKey !== "number") return Promise.resolve()
  // The key is a secret: it is encrypted if the session is.
  const ssl = isEncrypted ? tls : false
  const socket = socketTo(address)
  const connection = new PostgresConnection({ ssl, sslnegotiation, stream: () => socket })
  socket.setTimeout(timeoutMillis, () => socket.destroy())
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
  const cancel = () => connection.cancel(processID, secretKey)
  connection.on("error", () => socket.destroy())
  connection.on("sslconnect", cancel)
  connection.on("connect", () => {
    if (!ssl) cancel()
    else if (sslnegotiation !== "direct") connection.requestSsl()
  })
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`)
  else connection.connect(port, host)
  return closed
}

/** A socket that connects to this address, independent of the name that TLS verifies there. */
function socketTo(address: string | undefined): Socket {
  const socket = new Socket()
  const connect = socket.connect.bind(socket)
  if (address !== undefined) {
    socket.connect = ((port: number) => connect(port, address)) as Socket["connect"]
  }
  return socket
}

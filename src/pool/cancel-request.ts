import { Socket } from "node:net"
import type { TLSSocket } from "node:tls"
import { PostgresConnection, type PostgresConnectionConfig } from "./postgres-connection.ts"

/** The backend that a connection talks to, and what lets others cancel its query. */
export interface Backend {
  readonly processID?: number | null
  readonly secretKey?: number | null
  readonly host: string
  readonly port: number
}

/** How a connection reached its server: its name may lead to another one by now. */
export interface Route {
  readonly address: string | undefined
  readonly isEncrypted: boolean
}

export function routeOf(stream: Socket | TLSSocket): Route {
  return { address: stream.remoteAddress, isEncrypted: "encrypted" in stream }
}

/**
 * Asks the server to stop the query that a backend runs, over a connection of its own, which takes no slot. Best
 * effort: it resolves when the server has closed that connection, whether or not it stopped anything.
 *
 * PgBouncer drops a request whose connection we close, and one for a client that has hung up.
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
  // The key is a secret: it travels as the session did.
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

/** A socket that connects to this address, whatever name is to be verified there. */
function socketTo(address: string | undefined): Socket {
  const socket = new Socket()
  const connect = socket.connect.bind(socket)
  if (address !== undefined) {
    socket.connect = ((port: number) => connect(port, address)) as Socket["connect"]
  }
  return socket
}

import { PostgresConnection, type PostgresConnectionConfig } from "./postgres-connection.ts"

/** The backend that a connection talks to, and what lets others cancel its query. */
export interface Backend {
  readonly processID?: number | null
  readonly secretKey?: number | null
  readonly host: string
  readonly port: number
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
  { ssl, sslnegotiation, tlsIsOptional = false }: PostgresConnectionConfig,
  timeoutMillis: number,
): Promise<void> {
  if (typeof processID !== "number" || typeof secretKey !== "number") return Promise.resolve()
  const connection = new PostgresConnection({ ssl, sslnegotiation, tlsIsOptional })
  const socket = connection.stream
  socket.setTimeout(timeoutMillis, () => socket.destroy())
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
  const cancel = () => connection.cancel(processID, secretKey)
  connection.on("error", () => {})
  connection.on("sslconnect", cancel)
  connection.on("connect", () => {
    if (!ssl) cancel()
    else if (sslnegotiation !== "direct") connection.requestSsl()
  })
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`)
  else connection.connect(port, host)
  return closed
}

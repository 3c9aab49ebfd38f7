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
 * effort: nobody waits for it, and nobody is told whether it arrived.
 *
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export function cancelQuery(
  { processID, secretKey, host, port }: Backend,
  { ssl, sslnegotiation, tlsIsOptional = false }: PostgresConnectionConfig,
  timeoutMillis: number,
): void {
  if (typeof processID !== "number" || typeof secretKey !== "number") return
  const connection = new PostgresConnection({ ssl, sslnegotiation, tlsIsOptional })
  const socket = connection.stream
  socket.setTimeout(timeoutMillis, () => socket.destroy())
  const cancel = () => {
    connection.cancel(processID, secretKey)
    connection.stream.end()
  }
  connection.on("error", () => {})
  connection.on("sslconnect", cancel)
  connection.on("connect", () => {
    if (!ssl) cancel()
    else if (sslnegotiation !== "direct") connection.requestSsl()
  })
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`)
  else connection.connect(port, host)
}

import { SocketTimeoutError } from "./timeout-error.ts"

type Query = (...parameters: unknown[]) => unknown
type Callback = (error: unknown, result?: unknown) => void

/**
 * A client's `query` whose caller is told after `millis`, whatever becomes of the query.
 *
 * node-postgres's own `query_timeout` forgets the query with its caller: the connection looks free while the
 * server is still at work on it, and what is sent next may be dropped, a ROLLBACK for one. Here nothing more is
 * sent: it would wait behind the query that is being stopped, and a COMMIT might even succeed.
 *
 * @param onTimeout what stops the query on the server, and keeps its connection from being used again
 */
export function withSocketTimeout(query: Query, millis: number, onTimeout: () => void): Query {
  let isOver = false
  function limited(callback: Callback): Callback {
    let isAnswered = false
    const timer = setTimeout(() => {
      isAnswered = true
      if (!isOver) onTimeout()
      isOver = true
      callback(new SocketTimeoutError())
    }, millis)
    return (error, result) => {
      clearTimeout(timer)
      if (!isAnswered) callback(error, result)
    }
  }
  function send(parameters: readonly unknown[], callback: Callback): unknown {
    if (!isOver) return query(...parameters, limited(callback))
    process.nextTick(callback, new SocketTimeoutError())
    return undefined
  }
  return (...parameters) => {
    const { submit, callback: own } = (parameters[0] ?? {}) as { submit?: unknown; callback?: unknown }
    // A cursor or a stream reads for as long as its caller likes.
    if (submit !== undefined || own !== undefined) return query(...parameters)
    const last = parameters.findLastIndex((parameter) => typeof parameter === "function")
    if (last !== -1) return send(parameters.slice(0, last), parameters[last] as Callback)
    return new Promise((resolve, reject) => {
      send(parameters, (error, result) => (error ? reject(error) : resolve(result)))
    })
  }
}

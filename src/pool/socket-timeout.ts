import { SocketTimeoutError, setTimeoutAfterIo } from "./timeouts.ts"

type Query = (...parameters: unknown[]) => unknown
type Callback = (error: unknown, result?: unknown) => void

/**
 * Wraps a client's `query`, so that its caller gets an error after `millis`, even if the query never ends.
 *
 * node-postgres's own `query_timeout` forgets the query together with its caller. The connection looks free while the
 * server is still running the query, and the next statement may be dropped, even a ROLLBACK.
 *
 * @param onTimeout stops the query on the server, and keeps its connection from being used again
 */
export function withSocketTimeout(query: Query, millis: number, onTimeout: () => void): Query {
  function send(config: unknown, values: unknown, callback: Callback): unknown {
    let isAnswered = false
    const giveUp = () => {
      if (isAnswered) return
      isAnswered = true
      onTimeout()
      callback(new SocketTimeoutError())
    }
    const timer = setTimeoutAfterIo(giveUp, millis)
    try {
      return query(config, values, (error: unknown, result: unknown) => {
        clearTimeout(timer)
        if (isAnswered) return
        isAnswered = true
        callback(error, result)
      })
    } catch (error) {
      clearTimeout(timer)
      throw error
    }
  }
  return (config, values, callback) => {
    const own = (config ?? {}) as { submit?: unknown; callback?: unknown }
    // A cursor or a stream has no time limit: its caller decides when to read.
    if (own.submit !== undefined) return query(config, values, callback)
    const given = [callback, values, own.callback].find((value) => typeof value === "function")
    const list = typeof values === "function" ? undefined : values
    if (given !== undefined) return send(config, list, given as Callback)
    return new Promise((resolve, reject) => {
      send(config, list, (error, result) => (error ? reject(error) : resolve(result)))
    })
  }
}

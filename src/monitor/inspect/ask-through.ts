import { flattenAggregateError } from "../../error.ts"
import type { LimitedPoolConfig } from "../../pool/limited-pool-config.ts"
import { PostgresClient } from "../../pool/postgres-client.ts"
import { OWN_APPLICATION_NAME } from "./own-name.ts"

/** The timeout if the URL has no `socket_timeout`: a server that takes longer for one of these queries is in trouble. */
const ANSWER_MS = 10_000

/** Far above 2 MB, the answer for ten thousand connections that are all different. */
const LONGEST_ANSWER_BYTES = 16_000_000

/** Asks through a connection of its own, which is closed afterwards. */
export async function askThrough<Result>(
  pool: LimitedPoolConfig,
  ask: (client: PostgresClient) => Promise<Result>,
): Promise<Result> {
  const client = new PostgresClient({
    fallback_application_name: OWN_APPLICATION_NAME,
    ...pool,
    socketTimeoutMillis: pool.socketTimeoutMillis || ANSWER_MS,
  })
  let left = LONGEST_ANSWER_BYTES
  try {
    await client.connect()
    client.connection.stream.on("data", (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) client.destroy()
    })
    const result = await ask(client)
    await client.end()
    return result
  } catch (error) {
    // Not awaited: a failed connection may take long to close.
    void client.end().catch(() => {})
    if (left < 0) throw new Error(`The server's answer is longer than ${LONGEST_ANSWER_BYTES / 1e6} MB`)
    throw flattenAggregateError(error)
  }
}

import { setTimeout as sleep } from "node:timers/promises"
import type { PoolClient } from "pg"
import { exponential } from "./random.ts"

const THOUGHT_MS = 8
const READ = "SELECT id, title FROM mission WHERE id = $1"
/** About 10 ms of a processor, whatever is in the tables. */
const ANALYSE = "SELECT sum(sqrt(n)) FROM generate_series(1, 60000) n"

/** What a connection is held for. */
export const HOLDS = {
  /** One short read. */
  read: (random) => (client) => client.query(READ, [1 + Math.floor(4_000 * random())]),
  /** Reads and a write in a transaction, with time to think that varies. */
  transaction(random) {
    const thought = exponential(THOUGHT_MS, random)
    return async (client) => {
      const id = 1 + Math.floor(4_000 * random())
      await client.query("BEGIN")
      await client.query(READ, [id])
      await sleep(thought())
      await client.query("UPDATE mission SET title = title WHERE id = $1", [id])
      await client.query("COMMIT")
    }
  },
  /** A slow read that keeps a processor of the server busy. */
  analysis: () => (client) => client.query(ANALYSE),
} satisfies Record<string, (random: () => number) => (client: PoolClient) => Promise<unknown>>

export type Hold = keyof typeof HOLDS

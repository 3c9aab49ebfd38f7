import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient } from "../../src/index.ts"

/** What a process is told to do with its one client. */
export type PooledOrder =
  /** To ask for twice as much at a time as its pool has connections, again and again. */
  | "work"
  /** To fill its pool with queries that last for ten minutes, and have the process's id in their text. */
  | "hang"
  /** To say what has become of its queries. */
  | "tell"
  /** To finish what it is doing, and to disconnect. */
  | "stop"

export interface PooledAnswer {
  readonly served: number
  readonly errors: readonly string[]
}

const client = createCoreClient(PrismaClient)
const size = Number(process.env["PRISMA_POOL_SIZE_CORE"])
let served = 0
let errors: string[] = []
let isWorking = true
const callers: Promise<void>[] = []

async function call(): Promise<void> {
  while (isWorking) {
    await client.$queryRaw`SELECT pg_sleep(0.01)::text`.then(
      () => {
        served += 1
      },
      ({ code, message }: { readonly code?: string; readonly message: string }) => {
        errors.push(`${code} ${message}`)
      },
    )
  }
}

process.on("message", async (order: PooledOrder) => {
  if (order === "work") for (let caller = 0; caller < 2 * size; caller += 1) callers.push(call())
  if (order === "hang")
    for (let query = 0; query < size; query += 1)
      client.$queryRawUnsafe(`SELECT pg_sleep(600)::text /* ${process.pid} */`).catch(() => {})
  if (order === "stop") {
    isWorking = false
    await Promise.all(callers)
    await client.$disconnect()
  }
  process.send?.({ served, errors } satisfies PooledAnswer)
  errors = []
})
// Nobody is left to give orders, whatever has become of the tests.
process.once("disconnect", () => process.exit())

import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client"
import { commitError, transactionIsOver, transactionRolledBack } from "./prisma-error.ts"

type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory["connect"]>>
type Transaction = Awaited<ReturnType<Adapter["startTransaction"]>>
type Query = Parameters<Transaction["executeRaw"]>[0]

/** The part of PrismaPg's transaction that its types leave out: the connection that it holds. */
interface HoldsClient {
  readonly client?: { readonly lastCommand?: string }
}

const ROLLBACK_TIMEOUT_MS = 2_000

async function withinLimit(rollback: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<number>((resolve) => {
    timer = setTimeout(resolve, ROLLBACK_TIMEOUT_MS, 0)
  })
  try {
    return await Promise.race([rollback, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** Methods that Prisma 6 lacks. They are absent here then too, since Prisma checks whether they exist. */
const SAVEPOINT_METHODS = ["createSavepoint", "rollbackToSavepoint", "releaseSavepoint"] as const

/** Codes after which nothing more can be sent: a statement timed out, or the connection was closed. */
const LOST = new Set(["P1008", "P1017"])

/**
 * Wraps PrismaPg's transaction, so that none of its statements reaches the server after its COMMIT or ROLLBACK. There a
 * statement would commit by itself, or become part of the transaction of the connection's next caller.
 *
 * Its rollback does not wait for a query that may never end, and does not fail. Its COMMIT fails if the server rolls back instead.
 */
export function pooledTransaction(inner: Transaction, translate: (error: unknown) => unknown): Transaction {
  let inFlight = 0
  let isLost = false
  let isOver = false
  let isReleased = false
  let lastError: unknown

  async function send<T>(statement: () => Promise<T>): Promise<T> {
    if (isOver) throw transactionIsOver()
    return counted(statement)
  }

  async function counted<T>(statement: () => Promise<T>): Promise<T> {
    inFlight += 1
    try {
      return await statement()
    } catch (cause) {
      const error = translate(cause)
      lastError = error
      isLost ||= LOST.has(String((error as { code?: unknown }).code))
      throw error
    } finally {
      inFlight -= 1
    }
  }

  /** Sends a statement. If its transaction is over before the answer, the end stopped it: that is the only error to report. */
  async function inTime<T>(statement: () => Promise<T>): Promise<T> {
    try {
      return await send(statement)
    } catch (error) {
      throw isOver ? transactionIsOver() : error
    }
  }

  async function commit(query: Query): Promise<number> {
    if (isOver) throw transactionIsOver()
    isOver = true
    try {
      const affected = await counted(() => inner.executeRaw(query))
      // The answer to a COMMIT after a failed statement, which node-postgres does not treat as an error.
      if ((inner as HoldsClient).client?.lastCommand === "ROLLBACK") throw transactionRolledBack(lastError)
      return affected
    } catch (error) {
      // Prisma 6.16 does not release the connection of a failed COMMIT.
      await release("rollback")
      throw commitError(error)
    }
  }

  async function rollback(query: Query): Promise<number> {
    if (isOver) return 0
    isOver = true
    // The release that follows closes a connection that is lost or has a query in flight, and closing rolls back as
    // well. So there is no need to wait for a query that may never end, or for an answer from a frozen network.
    if (isLost || inFlight > 0) return 0
    // For the same reason it does not fail. Prisma 6.16 and 7.0 handle no error of the ROLLBACK at a transaction's time limit,
    // so that the process would end; 6.16 releases no connection after one.
    return withinLimit(inner.executeRaw(query)).catch(() => 0)
  }

  /** Gives the connection back, once: a second time it could be another caller's. */
  async function release(how: "commit" | "rollback"): Promise<void> {
    isOver = true
    if (isReleased) return
    isReleased = true
    await inner[how]()
  }

  const transaction: Transaction = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    options: inner.options,
    queryRaw: (query) => inTime(() => inner.queryRaw(query)),
    executeRaw(query) {
      if (/^commit$/i.test(query.sql)) return commit(query)
      if (/^rollback$/i.test(query.sql)) return rollback(query)
      return inTime(() => inner.executeRaw(query))
    },
    commit: () => release("commit"),
    rollback: () => release("rollback"),
  }
  for (const method of SAVEPOINT_METHODS) {
    const implementation = inner[method]
    if (implementation) transaction[method] = (name) => inTime(() => implementation.call(inner, name))
  }
  return transaction
}

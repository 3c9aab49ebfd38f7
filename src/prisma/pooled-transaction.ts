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

/** Absent from Prisma 6, and absent here then too: Prisma looks whether they exist. */
const SAVEPOINT_METHODS = ["createSavepoint", "rollbackToSavepoint", "releaseSavepoint"] as const

/** A statement that timed out, a connection that was closed: nothing more can be sent. */
const LOST = new Set(["P1008", "P1017"])

/**
 * PrismaPg's transaction, which knows that it is over: from its COMMIT or ROLLBACK on nothing more of it reaches the
 * server, where it would commit by itself, or inside the transaction of whoever holds the connection next.
 *
 * Its rollback does not wait for a query that may never end, and its COMMIT does not pass for one where the server rolls
 * back.
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

  /** A statement that is answered when its transaction is over already was stopped by that: it says nothing else. */
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
      // The answer to a COMMIT after a statement that failed, which is no error to node-postgres.
      if ((inner as HoldsClient).client?.lastCommand === "ROLLBACK") throw transactionRolledBack(lastError)
      return affected
    } catch (error) {
      // Prisma 6.16 forgets the connection of a COMMIT that failed.
      await release("rollback")
      throw commitError(error)
    }
  }

  async function rollback(query: Query): Promise<number> {
    if (isOver) return 0
    isOver = true
    // The release that follows closes a connection that is lost or has a query in flight, which rolls back as
    // well: nobody has to wait for a query that may never end, or for an answer from a frozen network.
    return isLost || inFlight > 0 ? 0 : withinLimit(counted(() => inner.executeRaw(query)))
  }

  /** The connection goes back once: a second time it would be somebody else's. */
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

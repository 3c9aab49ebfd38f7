import type { PrismaPg } from "@prisma/adapter-pg"
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client"
import { prismaError, type ServerAddress } from "./prisma-error.ts"

type PrismaPgAdapter = Awaited<ReturnType<PrismaPg["connect"]>>
type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory["connect"]>>
type Transaction = Awaited<ReturnType<Adapter["startTransaction"]>>
type Query = Parameters<Adapter["queryRaw"]>[0]

/** An error in Prisma's own words. */
type Translate = (error: unknown) => unknown

/** PrismaPg's adapter on a pool that it shares, with the pool's errors in Prisma's own words. */
export class PooledAdapter implements Adapter {
  readonly provider = "postgres"
  readonly adapterName: string
  readonly #inner: PrismaPgAdapter
  readonly #release: () => Promise<void>
  readonly #translate: Translate
  readonly #rethrow: (error: unknown) => never

  constructor(inner: PrismaPgAdapter, release: () => Promise<void>, address: ServerAddress) {
    this.adapterName = inner.adapterName
    this.#inner = inner
    this.#release = release
    this.#translate = (error) => prismaError(error, address)
    this.#rethrow = (error) => {
      throw this.#translate(error)
    }
  }

  queryRaw(query: Query): ReturnType<Adapter["queryRaw"]> {
    return this.#inner.queryRaw(query).catch(this.#rethrow)
  }

  executeRaw(query: Query): Promise<number> {
    return this.#inner.executeRaw(query).catch(this.#rethrow)
  }

  executeScript(script: string): Promise<void> {
    return this.#inner.executeScript(script).catch(this.#rethrow)
  }

  async startTransaction(...args: Parameters<Adapter["startTransaction"]>): Promise<Transaction> {
    return pooledTransaction(
      await this.#inner.startTransaction(...args).catch(this.#rethrow),
      this.#translate,
    )
  }

  getConnectionInfo(): ReturnType<PrismaPgAdapter["getConnectionInfo"]> {
    return this.#inner.getConnectionInfo()
  }

  underlyingDriver(): ReturnType<PrismaPgAdapter["underlyingDriver"]> {
    return this.#inner.underlyingDriver()
  }

  async dispose(): Promise<void> {
    try {
      await this.#inner.dispose()
    } finally {
      await this.#release()
    }
  }
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

/** PrismaPg's transaction, whose rollback does not wait for a query that may never end. */
function pooledTransaction(inner: Transaction, translate: Translate): Transaction {
  let inFlight = 0
  let isLost = false
  async function counted<T>(result: Promise<T>): Promise<T> {
    inFlight += 1
    try {
      return await result
    } catch (cause) {
      const error = translate(cause)
      isLost ||= LOST.has(String((error as { code?: unknown }).code))
      throw error
    } finally {
      inFlight -= 1
    }
  }
  const transaction: Transaction = {
    provider: inner.provider,
    adapterName: inner.adapterName,
    options: inner.options,
    queryRaw: (query) => counted(inner.queryRaw(query)),
    async executeRaw(query) {
      if (!/^rollback$/i.test(query.sql)) return counted(inner.executeRaw(query))
      // The release that follows closes a connection that is lost or has a query in flight, which rolls back as
      // well: nobody has to wait for a query that may never end, or for an answer from a frozen network.
      return isLost || inFlight > 0 ? 0 : withinLimit(counted(inner.executeRaw(query)))
    },
    commit: () => inner.commit(),
    rollback: () => inner.rollback(),
  }
  for (const method of SAVEPOINT_METHODS) {
    const implementation = inner[method]
    if (implementation) transaction[method] = (name) => counted(implementation.call(inner, name))
  }
  return transaction
}

import type { PrismaPg } from "@prisma/adapter-pg"
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client"
import { prismaError, type ServerAddress } from "./prisma-error.ts"

type PrismaPgAdapter = Awaited<ReturnType<PrismaPg["connect"]>>
type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory["connect"]>>
type Transaction = Awaited<ReturnType<Adapter["startTransaction"]>>
type Query = Parameters<Adapter["queryRaw"]>[0]

/** PrismaPg's adapter on a pool that it shares, with the pool's errors in Prisma's own words. */
export class PooledAdapter implements Adapter {
  readonly provider = "postgres"
  readonly adapterName: string
  readonly #inner: PrismaPgAdapter
  readonly #release: () => Promise<void>
  readonly #translate: (error: unknown) => never

  constructor(inner: PrismaPgAdapter, release: () => Promise<void>, address: ServerAddress) {
    this.adapterName = inner.adapterName
    this.#inner = inner
    this.#release = release
    this.#translate = (error) => {
      throw prismaError(error, address)
    }
  }

  queryRaw(query: Query): ReturnType<Adapter["queryRaw"]> {
    return this.#inner.queryRaw(query).catch(this.#translate)
  }

  executeRaw(query: Query): Promise<number> {
    return this.#inner.executeRaw(query).catch(this.#translate)
  }

  executeScript(script: string): Promise<void> {
    return this.#inner.executeScript(script).catch(this.#translate)
  }

  async startTransaction(...args: Parameters<Adapter["startTransaction"]>): Promise<Transaction> {
    return pooledTransaction(await this.#inner.startTransaction(...args).catch(this.#translate))
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

/** Absent from Prisma 6, and absent here then too: Prisma looks whether they exist. */
const SAVEPOINT_METHODS = ["createSavepoint", "rollbackToSavepoint", "releaseSavepoint"] as const

/** PrismaPg's transaction, whose rollback does not wait for a query that may never end. */
function pooledTransaction(inner: Transaction): Transaction {
  let inFlight = 0
  async function counted<T>(result: Promise<T>): Promise<T> {
    inFlight += 1
    try {
      return await result
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
      // The release that follows closes a connection with a query in flight, which rolls back; a ROLLBACK would
      // be queued behind that query, and with it whoever waits for `$disconnect()`.
      if (inFlight > 0 && /^rollback$/i.test(query.sql)) return 0
      return counted(inner.executeRaw(query))
    },
    commit: () => inner.commit(),
    rollback: () => inner.rollback(),
  }
  for (const method of SAVEPOINT_METHODS) {
    const implementation = inner[method]
    if (implementation) transaction[method] = (name) => implementation.call(inner, name)
  }
  return transaction
}

import type { PrismaPg } from "@prisma/adapter-pg"
import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client"
import { pooledTransaction } from "./pooled-transaction.ts"
import { connectingError, prismaError, type ServerAddress } from "./prisma-error.ts"

type PrismaPgAdapter = Awaited<ReturnType<PrismaPg["connect"]>>
type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory["connect"]>>
type Query = Parameters<Adapter["queryRaw"]>[0]

/** PrismaPg's adapter on a shared pool, with the pool's errors translated into Prisma's. */
export class PooledAdapter implements Adapter {
  readonly provider = "postgres"
  readonly adapterName: string
  readonly #inner: PrismaPgAdapter
  readonly #release: () => Promise<void>
  readonly #translate: (error: unknown) => unknown
  readonly #rethrow: (error: unknown) => never
  readonly #rethrowOfBegin: (error: unknown) => never

  constructor(inner: PrismaPgAdapter, release: () => Promise<void>, address: ServerAddress) {
    this.adapterName = inner.adapterName
    this.#inner = inner
    this.#release = release
    this.#translate = (error) => prismaError(error, address)
    this.#rethrow = (error) => {
      throw this.#translate(error)
    }
    this.#rethrowOfBegin = (error) => {
      throw connectingError(error, address)
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

  async startTransaction(
    ...args: Parameters<Adapter["startTransaction"]>
  ): ReturnType<Adapter["startTransaction"]> {
    return pooledTransaction(
      await this.#inner.startTransaction(...args).catch(this.#rethrowOfBegin),
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

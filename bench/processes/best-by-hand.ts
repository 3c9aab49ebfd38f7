/**
 * The best client for Prisma 7 that somebody has written by hand and made public, as far as could be found: the rules of
 * cobuildwithus/murph (pull requests 715, 940, 946, 1439, 2292, 2355, 2748 and 3295), in code of our own.
 *
 * - One pool in a process: 15 connections unless `DATABASE_POOL_MAX` says otherwise, 5 s to get one, 5 s idle.
 * - An operation is tried again once, after 50 to 250 ms at random, where it is proven that no work was done: no connection
 *   was free in time, or none could be opened in time; of a transaction also where it did not start in time.
 * - A lost connection is tried again for a read outside of transactions, and for a transaction whose callback has not begun.
 * - Nothing is tried again while the pool has no connection to spare: that is a queue, which would only grow.
 * - Neither is what the server refuses for want of slots, nor a server that cannot be reached: those are errors at once.
 *
 * What it writes to the log, and what it tells its platform of the pool, changes nothing that is measured.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import { PrismaPg } from "@prisma/adapter-pg"
import pg from "pg"
import type { Client } from "./ways.ts"

const POOL = { max: 15, connectionTimeoutMillis: 5_000, idleTimeoutMillis: 5_000 }
const TRANSACTIONS = { maxWait: 10_000, timeout: 15_000 }
const RETRY_AFTER_MS = { least: 50, most: 250 }
const READS: ReadonlySet<string> = new Set([
  "findUnique",
  "findUniqueOrThrow",
  "findFirst",
  "findFirstOrThrow",
  "findMany",
  "count",
  "aggregate",
  "groupBy",
])

type Failure = "not free in time" | "not open in time" | "not started in time" | "lost"

const CODES: Readonly<Record<string, Failure>> = {
  P2024: "not free in time",
  P1017: "lost",
  ECONNRESET: "lost",
  ECONNABORTED: "lost",
  EPIPE: "lost",
}
const TEXTS: readonly (readonly [string, Failure])[] = [
  ["timeout exceeded when trying to connect", "not free in time"],
  ["Connection terminated due to connection timeout", "not open in time"],
  ["Unable to start a transaction in the given time", "not started in time"],
  ["Connection terminated unexpectedly", "lost"],
]
const MOST_CAUSES = 5

/** The parts of an error that may say what it is: Prisma's own, the adapter's or the driver's. */
interface ErrorParts {
  readonly code?: unknown
  readonly message?: unknown
  readonly cause?: unknown
  readonly meta?: { readonly driverAdapterError?: unknown }
}

/** What kind of failure an error is, or one of its causes; undefined for one that is never tried again. */
function failureOf(error: unknown): Failure | undefined {
  let current = error
  for (let depth = 0; depth < MOST_CAUSES && typeof current === "object" && current !== null; depth++) {
    const { code, message, cause, meta } = current as ErrorParts
    const known = CODES[String(code)] ?? TEXTS.find(([text]) => String(message).includes(text))?.[1]
    if (known !== undefined) return known
    current = cause ?? meta?.driverAdapterError
  }
  return undefined
}

const isFull = ({ idleCount, waitingCount, totalCount, options }: pg.Pool) =>
  idleCount === 0 && (waitingCount > 0 || totalCount >= (options.max ?? POOL.max))

/** Runs something, and once more where it failed in a way that `mayRetry` allows. */
async function withRetry<Result>(
  pool: pg.Pool,
  mayRetry: (failure: Failure) => boolean,
  run: () => Promise<Result>,
): Promise<Result> {
  const wasFull = isFull(pool)
  try {
    return await run()
  } catch (error) {
    const failure = failureOf(error)
    if (failure === undefined || !mayRetry(failure) || wasFull || isFull(pool)) throw error
    const { least, most } = RETRY_AFTER_MS
    await sleep(least + Math.random() * (most - least))
    if (isFull(pool)) throw error
    return await run()
  }
}

type Transaction = (work: unknown, options?: unknown) => Promise<unknown>

export function bestByHand(
  PrismaClient: typeof import("../../prisma/core/generated/client.ts").PrismaClient,
  connectionString: string,
): Client {
  const given = Number.parseInt(process.env["DATABASE_POOL_MAX"] ?? "", 10)
  const pool = new pg.Pool({ connectionString, ...POOL, ...(given > 0 && { max: given }) })
  const plain = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: true }),
    transactionOptions: TRANSACTIONS,
  })
  const inTransaction = new AsyncLocalStorage<true>()
  const extended = plain.$extends({
    query: {
      $allOperations({ args, model, operation, query }) {
        const isRead = model !== undefined && READS.has(operation)
        const mayRetry = (failure: Failure) =>
          failure === "lost" ? isRead && !inTransaction.getStore() : failure !== "not started in time"
        return withRetry(pool, mayRetry, () => query(args))
      },
    },
  })
  const client = extended as unknown as Client
  const transaction = client.$transaction.bind(client) as unknown as Transaction
  function retriedTransaction(work: unknown, options?: unknown): Promise<unknown> {
    if (typeof work !== "function") {
      const mayRetry = (failure: Failure) => failure !== "lost"
      return withRetry(pool, mayRetry, () => inTransaction.run(true, () => transaction(work, options)))
    }
    let hasBegun = false
    const callback = (tx: unknown) => {
      hasBegun = true
      return inTransaction.run(true, () => work(tx))
    }
    return withRetry(
      pool,
      () => !hasBegun,
      () => transaction(callback, options),
    )
  }
  return new Proxy(client, {
    get: (target, name) => (name === "$transaction" ? retriedTransaction : Reflect.get(target, name)),
  })
}

import { randomBytes } from "node:crypto"
import pg from "pg"
import { inject } from "vitest"
import { isPoolTimeout } from "../../src/index.ts"
import { type Postgres, postgresAt } from "./server.ts"

/** The server of the whole run. */
export function sharedPostgres(): Postgres {
  return postgresAt(inject("postgresPort"))
}

/** A database of a test's own on the server of the whole run. */
export async function freshDatabase(schema?: "core" | "analytics"): Promise<string> {
  const name = `test_${randomBytes(6).toString("hex")}`
  await sharedPostgres().createDatabase(name, schema)
  return name
}

/** How many backends the server has for a database, as a sampler sees them while a test goes on. */
export interface Backends {
  /** The most that were seen at any instant. */
  readonly peak: number
  readonly samples: number
}

const SAMPLE_MS = 5

/**
 * Runs `during`, and counts a database's client backends, but the superuser's, every few milliseconds from a connection of its
 * own. The function that `during` is given resolves when a sample has been taken that began after its call: what is there then
 * was seen, however busy the machine is.
 */
export async function sampleBackends(
  postgres: Postgres,
  database: string,
  during: (sampled: () => Promise<void>) => Promise<unknown>,
): Promise<Backends> {
  const client = new pg.Client(postgres.adminUrl())
  await client.connect()
  let peak = 0
  let begun = 0
  let samples = 0
  let over = false
  async function sample() {
    while (!over) {
      begun += 1
      peak = Math.max(peak, await backendsSeenBy(client, database))
      samples += 1
      // Without a pause the samplers of several tests would take both cores from what they look at.
      await sleep(SAMPLE_MS)
    }
  }
  const sampling = sample()
  async function sampled() {
    const next = begun + 1
    await eventually("a sample", () => samples >= next)
  }
  try {
    await during(sampled)
  } finally {
    over = true
    await sampling
    await client.end()
  }
  return { peak, samples }
}

const BACKENDS =
  "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = $1 AND usename <> 'postgres' AND backend_type = 'client backend'"

/** The client backends of a database, now, over a connection that is there. */
export async function backendsSeenBy(client: pg.Client, database: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(BACKENDS, [database])
  return rows[0]?.count ?? 0
}

/** The client backends of a database, now, but the superuser's: those are a test's own. */
export async function countBackends(postgres: Postgres, database: string): Promise<number> {
  const [row] = await postgres.sql<{ count: number }>(BACKENDS, [database])
  return row?.count ?? 0
}

/** Waits until a condition holds, and fails with what was wanted when it does not in time. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  millis = 60_000,
): Promise<void> {
  // Not the wall clock, which tests set.
  const end = performance.now() + millis
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not in ${millis} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The results of so many calls, which are all made at once. */
export const times = <T>(count: number, run: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => run(index))

export const sleep = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))

/** Collects this process's warnings of ours while `during` runs, those included that somebody else has seen before. */
export async function collectWarnings(during: () => Promise<unknown>): Promise<string[]> {
  delete (globalThis as Record<symbol, unknown>)[Symbol.for("prisma-pool-config.warnings.v1")]
  const messages: string[] = []
  const listener = (warning: Error) => {
    if (warning.name === "PoolConfigWarning") messages.push(warning.message)
  }
  process.on("warning", listener)
  try {
    await during()
    // A warning is emitted on the next tick.
    await sleep(10)
  } finally {
    process.off("warning", listener)
  }
  return messages
}

/** The error that a promise rejects with; fails when it does not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error("it did not reject")
}

/**
 * The outcome of a call that may wait for a connection longer than its pool lets it: it is made again after P2024. A pool_timeout
 * that a test sees end may be shorter than a busy machine takes to connect.
 */
export async function despitePoolTimeout<T>(call: () => PromiseLike<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isPoolTimeout(error)) throw error
    }
  }
}

/** Opens so many connections of a pool: all are held at a time. */
export async function openAll(pool: pg.Pool, count: number): Promise<void> {
  const held = await Promise.all(times(count, () => pool.connect()))
  for (const client of held) client.release()
}

/** The next error that would end the process. */
export function nextUncaught(): Promise<unknown> {
  return new Promise((resolve) => {
    const listeners = process.listeners("uncaughtException")
    process.removeAllListeners("uncaughtException")
    process.once("uncaughtException", (error) => {
      for (const listener of listeners) process.on("uncaughtException", listener)
      resolve(error)
    })
  })
}

/** What makes a backend end slowly: it has temporary tables to drop, and keeps its slot until it has. */
export const TEMPORARY_TABLE = `DO $$ BEGIN
  FOR i IN 1..40 LOOP EXECUTE format('CREATE TEMP TABLE IF NOT EXISTS t%s (id serial PRIMARY KEY, x text UNIQUE)', i); END LOOP;
END $$`

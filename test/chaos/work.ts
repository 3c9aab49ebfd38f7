import { setTimeout as sleep } from "node:timers/promises"
import type { Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import type { Random } from "../support/random.ts"
import type { Ledger } from "./ledger.ts"

/** What callers have seen so far. */
export class Seen {
  rightAnswers = 0
  readonly wrongAnswers: string[] = []
  /** How often each code was seen. */
  readonly codes: Record<string, number> = {}
  readonly withoutCode: string[] = []
  longestMillis = 0

  /** An answer that must be this one: another would be somebody else's. */
  answer(what: string, seen: unknown, expected: unknown): void {
    if (JSON.stringify(seen) === JSON.stringify(expected)) this.rightAnswers += 1
    else
      this.wrongAnswers.push(
        `${what}: ${JSON.stringify(seen)} where ${JSON.stringify(expected)} was asked for`,
      )
  }

  /** Counts an error, and says its code. */
  error(error: unknown): string {
    if (error instanceof Abort) return "abort"
    const { code } = error as { code?: unknown }
    if (typeof code !== "string") {
      this.withoutCode.push(String((error as Error)?.stack ?? error))
      return "none"
    }
    this.codes[code] = (this.codes[code] ?? 0) + 1
    return code
  }
}

/** What a callback throws by itself, and what must come out as it is. */
class Abort extends Error {}

export interface Worker {
  readonly client: PrismaClient
  readonly random: Random
  readonly ledger: Ledger
  readonly seen: Seen
}

export const PARTNERS = 20
export const nameOf = (partner: number) => `Partner ${partner}`

/** A session as a caller should get it: in no transaction of another, with no subscription of another. */
const SESSION = `SELECT $1::int AS tag, (SELECT count(*)::int FROM pg_listening_channels()) AS channels,
  pg_current_xact_id_if_assigned() IS NULL AS alone FROM pg_sleep($2::float8)`

const sleepTime = (random: Random) => random.of([0, 0, 0.01, 0.05, 0.3, 1.5])

let tags = 0

async function readSession({ client, random, seen }: Worker): Promise<void> {
  tags += 1
  const tag = tags
  const rows = await client.$queryRawUnsafe(SESSION, tag, sleepTime(random))
  seen.answer("session", rows, [{ tag, channels: 0, alone: true }])
}

async function readModel({ client, random, seen }: Worker): Promise<void> {
  const id = random.between(1, PARTNERS)
  const row = await client.partner.findUnique({ where: { id }, select: { id: true, name: true } })
  seen.answer("model", row, { id, name: nameOf(id) })
}

async function readInParallel(worker: Worker): Promise<void> {
  const reads = [readModel(worker), readSession(worker), readModel(worker)]
  const ends = await Promise.allSettled(reads)
  for (const end of ends) if (end.status === "rejected") throw end.reason
}

async function readInBatch({ client, random, seen }: Worker): Promise<void> {
  const ids = [random.between(1, PARTNERS), random.between(1, PARTNERS)]
  const rows = await client.$transaction(
    ids.map((id) => client.partner.findUnique({ where: { id }, select: { name: true } })),
  )
  seen.answer(
    "batch",
    rows,
    ids.map((id) => ({ name: nameOf(id) })),
  )
}

async function failUnique({ client, random }: Worker): Promise<void> {
  await client.partner.create({ data: { name: nameOf(random.between(1, PARTNERS)) } })
}

/** Tables that the server drops when the session ends: until then its backend is there, though its connection is closing. */
const TEMPORARY_TABLES = `DO $$ BEGIN FOR i IN 1..40 LOOP
  EXECUTE format('CREATE TEMP TABLE IF NOT EXISTS left_%s (id int PRIMARY KEY)', i);
END LOOP; END $$`

async function leaveSomethingBehind({ client, random }: Worker): Promise<void> {
  await client.$executeRawUnsafe(random.of(["LISTEN news", "BEGIN", TEMPORARY_TABLES]))
}

const insert = (entry: number, leg: number) => `INSERT INTO ledger VALUES (${entry}, ${leg})`

/** Writes two rows in one way or another, and has the ledger told what its caller was told. */
async function write(worker: Worker, how: (entry: number) => Promise<unknown>): Promise<void> {
  const { ledger, seen } = worker
  const entry = ledger.begin()
  try {
    await how(entry)
  } catch (error) {
    ledger.fail(entry, seen.error(error))
    return
  }
  ledger.acknowledge(entry)
}

type InTransaction = (tx: Prisma.TransactionClient, entry: number) => Promise<void>

const XACT = "SELECT pg_current_xact_id()::text AS id"

/** An interactive transaction that writes both rows, with something before its end. */
function inTransaction(worker: Worker, beforeEnd: InTransaction, limits = {}): Promise<void> {
  const { client, random, seen } = worker
  return write(worker, (entry) =>
    client.$transaction(async (tx) => {
      await tx.$executeRawUnsafe(insert(entry, 0))
      const first = await tx.$queryRawUnsafe(XACT)
      if (random.next() < 0.3)
        await tx.$queryRawUnsafe("SELECT 1 FROM pg_sleep($1::float8)", sleepTime(random))
      await tx.$executeRawUnsafe(insert(entry, 1))
      seen.answer("one transaction", await tx.$queryRawUnsafe(XACT), first)
      await beforeEnd(tx, entry)
    }, limits),
  )
}

async function nothing(): Promise<void> {}

const KINDS: readonly ((worker: Worker) => Promise<void>)[] = [
  readSession,
  readModel,
  readInParallel,
  readInBatch,
  failUnique,
  leaveSomethingBehind,
  (worker) =>
    write(worker, (entry) =>
      worker.client.$executeRawUnsafe(`INSERT INTO ledger VALUES (${entry}, 0), (${entry}, 1)`),
    ),
  (worker) =>
    write(worker, (entry) =>
      worker.client.$transaction([0, 1].map((leg) => worker.client.$executeRawUnsafe(insert(entry, leg)))),
    ),
  (worker) => inTransaction(worker, nothing),
  (worker) => inTransaction(worker, nothing, { maxWait: 6_000, timeout: 10_000 }),
  // Its time limit is near.
  (worker) => inTransaction(worker, nothing, { timeout: worker.random.between(3, 60) }),
  (worker) =>
    inTransaction(worker, async () => {
      throw new Abort("the callback's own")
    }),
  // An error that the callback catches: the transaction is rolled back whatever it says.
  (worker) =>
    inTransaction(worker, async (tx, entry) => {
      await tx.$executeRawUnsafe(insert(entry, 0)).catch(() => {})
    }),
]

/** One piece of work after the other, chosen at random, until it is told to stop. */
export async function workUntil(worker: Worker, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const start = performance.now()
    try {
      await worker.random.of(KINDS)(worker)
    } catch (error) {
      worker.seen.error(error)
    }
    worker.seen.longestMillis = Math.max(worker.seen.longestMillis, performance.now() - start)
    // A pool opens connections for no caller only while none waits. One that fails at once must leave the faults time.
    await sleep(worker.random.of([0, 0, 1, 20, 200]))
  }
}

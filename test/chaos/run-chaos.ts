import { setTimeout as sleep } from "node:timers/promises"
import { BasicTracerProvider, type ReadableSpan, type SpanProcessor } from "@opentelemetry/sdk-trace-base"
import pg from "pg"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient } from "../../src/index.ts"
import { poolStats, traceAcquires } from "../../src/monitor/index.ts"
import { countBackends, eventually, times } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"
import { Random } from "../support/random.ts"
import { startPostgres } from "../support/server.ts"
import { FAULTS, HIDES_BACKENDS, type Scene } from "./faults.ts"
import { type Account, LEDGER_TABLE, Ledger } from "./ledger.ts"
import { nameOf, PARTNERS, Seen, workUntil } from "./work.ts"

const LIMIT = 5
const CALLERS = 14
const DATABASE = "core"

/** Settings of a pool that change when it opens and closes connections, and whom it lets wait. */
export interface ChaosSettings {
  readonly minIdle: number
  readonly warm: boolean
  readonly maxWaiting: number
  /** Seconds. */
  readonly leakThreshold: number
  /** Seconds. */
  readonly maxConnectionLifetime: number
  /** True traces every acquire and every opening. */
  readonly traces: boolean
}

export const ALL_OFF: ChaosSettings = {
  minIdle: 0,
  warm: false,
  maxWaiting: 0,
  leakThreshold: 0,
  maxConnectionLifetime: 0,
  traces: false,
}

export const ALL_ON: ChaosSettings = {
  minIdle: 3,
  warm: true,
  maxWaiting: 6,
  leakThreshold: 1,
  maxConnectionLifetime: 1,
  traces: true,
}

export function randomSettings(seed: number): ChaosSettings {
  const random = new Random(seed)
  return {
    minIdle: random.between(0, LIMIT),
    warm: random.of([true, false]),
    maxWaiting: random.of([0, 1, 5, 20]),
    leakThreshold: random.of([0, 1, 3]),
    maxConnectionLifetime: random.of([0, 1, 2, 5]),
    traces: random.of([true, false]),
  }
}

/** What a run came to. */
export interface ChaosReport extends Account {
  readonly seed: number
  readonly settings: ChaosSettings
  readonly faults: Readonly<Record<string, number>>
  readonly rightAnswers: number
  readonly wrongAnswers: readonly string[]
  readonly codes: Readonly<Record<string, number>>
  readonly withoutCode: readonly string[]
  readonly unhandled: readonly string[]
  readonly samples: number
  readonly peak: number
  /** Samples with more backends than the limit, with the fault that went before. */
  readonly aboveLimit: Readonly<Record<string, number>>
  /** The same where documentation names it: a network that was frozen. */
  readonly aboveLimitAsDocumented: number
  /** Samples in which the pool itself knew of more connections than the limit: this is never documented. */
  readonly aboveLimitKnowingly: number
  /** Of what the server complained: a transaction inside another, or none to end. */
  readonly complaints: number
  readonly longestMillis: number
  /** True if both clients serve, hold nothing and let nobody wait, when it is over; else what is wrong. */
  readonly servesAtEnd: true | string
  readonly left: number
  readonly spans: number
  /** Spans that began and did not end, by name. */
  readonly openSpans: readonly string[]
}

/** Two clients of one pool and their callers, under one fault after the other for so long. */
export async function runChaos(seed: number, seconds: number, settings: ChaosSettings): Promise<ChaosReport> {
  const random = new Random(seed)
  let log = ""
  const server = await startPostgres({ max_connections: 40, lc_messages: "C" }, (text) => {
    log += text
  })
  const proxy = await startProxy(server.port)
  const unhandled: string[] = []
  const onUnhandled = (error: unknown) => unhandled.push(String((error as Error)?.stack ?? error))
  process.on("unhandledRejection", onUnhandled)
  const spans = new OpenSpans()
  const tracer = new BasicTracerProvider({ spanProcessors: [spans] }).getTracer("chaos")
  const stopTraces = settings.traces ? traceAcquires(tracer) : () => {}
  try {
    await server.createDatabase(DATABASE)
    await server.sql(LEDGER_TABLE, [], DATABASE)
    for (let id = 1; id <= PARTNERS; id += 1) {
      await server.sql("INSERT INTO partner (name) VALUES ($1)", [nameOf(id)], DATABASE)
    }
    const url = proxy.url(
      server.url(DATABASE, {
        connection_limit: LIMIT,
        pool_timeout: 6,
        connect_timeout: 3,
        socket_timeout: 3,
        max_connection_lifetime: settings.maxConnectionLifetime,
      }),
    )
    const env = {
      DATABASE_URL_CORE: url,
      PRISMA_POOL_MIN_IDLE: String(settings.minIdle),
      PRISMA_POOL_MAX_WAITING: String(settings.maxWaiting),
      PRISMA_POOL_LEAK_THRESHOLD: String(settings.leakThreshold),
    }
    const clients = times(2, () => createCoreClient(PrismaClient, { env, warm: settings.warm }))
    const scene: Scene = { random: random.split(), proxy, server, database: DATABASE, clients }

    const ledger = new Ledger()
    const seen = new Seen()
    const stop = new AbortController()
    const work = times(CALLERS, (index) => {
      const client = clients[index % clients.length] as PrismaClient
      return workUntil({ client, random: random.split(), ledger, seen }, stop.signal)
    })
    const sampler = new Sampler(server.adminUrl(), clients)
    const faults = await fault(scene, sampler, performance.now() + seconds * 1000)
    stop.abort()
    await Promise.all(work)
    const servesAtEnd = await serves(clients)
    await sampler.end()
    for (const client of clients) await client.$disconnect()
    await eventually("all are closed", async () => (await countBackends(server, DATABASE)) === 0).catch(
      () => {},
    )
    return {
      seed,
      settings,
      faults,
      ...(await ledger.account(server, DATABASE)),
      rightAnswers: seen.rightAnswers,
      wrongAnswers: seen.wrongAnswers,
      codes: seen.codes,
      withoutCode: seen.withoutCode,
      longestMillis: Math.round(seen.longestMillis),
      unhandled,
      samples: sampler.samples,
      peak: sampler.peak,
      aboveLimit: sampler.above,
      aboveLimitAsDocumented: sampler.aboveAsDocumented,
      aboveLimitKnowingly: sampler.aboveKnowingly,
      complaints: log.match(/WARNING: {2}there is (?:already a|no) transaction in progress/g)?.length ?? 0,
      servesAtEnd,
      left: await countBackends(server, DATABASE),
      spans: spans.begun,
      openSpans: [...spans.open].map(({ name }) => name),
    }
  } finally {
    stopTraces()
    process.off("unhandledRejection", onUnhandled)
    await proxy.close()
    await server.destroy()
  }
}

/** One fault after the other, with pauses. How often each was done. */
async function fault(scene: Scene, sampler: Sampler, end: number): Promise<Record<string, number>> {
  const done: Record<string, number> = {}
  while (performance.now() < end) {
    await sleep(scene.random.between(100, 900))
    const name = scene.random.of(Object.keys(FAULTS))
    sampler.faultBegins(name)
    // The server may be in the middle of the fault before.
    await FAULTS[name]?.(scene).catch(() => {})
    sampler.faultEnds()
    done[name] = (done[name] ?? 0) + 1
  }
  return done
}

/** Checks that all connections of each client serve, now or as soon as a probe has found that the server is there again. */
async function serves(clients: readonly PrismaClient[]): Promise<true | string> {
  for (const client of clients) {
    let text = ""
    const select = () => Promise.all(times(LIMIT, () => client.$queryRaw`SELECT 1 AS one`))
    await eventually("answers", async () => {
      const answers = await select().catch((error: Error) => error)
      // A fault of the last seconds may have lasted for so long that the pool has given the server up.
      if (answers instanceof Error && poolStats(client).isDown) return false
      text = answers instanceof Error ? String(answers) : JSON.stringify(answers)
      return true
    })
    if (text !== JSON.stringify(times(LIMIT, () => [{ one: 1 }]))) return `answered ${text}`
    const stats = poolStats(client)
    if (stats.used + stats.waiting > 0) return `holds or waits: ${JSON.stringify(stats)}`
  }
  return true
}

/** Follows spans until they end. */
class OpenSpans implements SpanProcessor {
  begun = 0
  readonly open = new Set<ReadableSpan>()

  onStart(span: ReadableSpan): void {
    this.begun += 1
    this.open.add(span)
  }

  onEnd(span: ReadableSpan): void {
    this.open.delete(span)
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

/** Counts backends every few milliseconds, whatever becomes of the server. */
class Sampler {
  samples = 0
  peak = 0
  readonly above: Record<string, number> = {}
  aboveAsDocumented = 0
  aboveKnowingly = 0
  #fault = "none"
  #isHiding = false
  /** Backends that were there while a network was frozen: until they end, their pool may have lost them. */
  readonly #suspects = new Set<number>()
  #over = false
  readonly #clients: readonly PrismaClient[]
  readonly #sampling: Promise<void>

  constructor(url: string, clients: readonly PrismaClient[]) {
    this.#clients = clients
    this.#sampling = this.#sample(url)
  }

  faultBegins(name: string): void {
    this.#fault = name
    this.#isHiding = HIDES_BACKENDS.has(name)
  }

  faultEnds(): void {
    this.#isHiding = false
  }

  async end(): Promise<void> {
    this.#over = true
    await this.#sampling
  }

  async #sample(url: string): Promise<void> {
    while (!this.#over) {
      const client = new pg.Client(url)
      client.on("error", () => {})
      try {
        await client.connect()
        while (!this.#over) {
          const { rows } = await client.query<{ pid: number }>(BACKENDS, [DATABASE])
          this.#count(rows.map(({ pid }) => pid))
        }
      } catch {
        await sleep(20)
      } finally {
        await client.end().catch(() => {})
      }
    }
  }

  #count(pids: readonly number[]): void {
    this.samples += 1
    this.peak = Math.max(this.peak, pids.length)
    if (this.#clients.some((client) => poolStats(client).total > LIMIT)) this.aboveKnowingly += 1
    if (this.#isHiding) for (const pid of pids) this.#suspects.add(pid)
    for (const pid of this.#suspects) if (!pids.includes(pid)) this.#suspects.delete(pid)
    if (pids.length <= LIMIT) return
    if (pids.length - LIMIT <= this.#suspects.size) this.aboveAsDocumented += 1
    else this.above[this.#fault] = (this.above[this.#fault] ?? 0) + 1
  }
}

/** The backends of a database but for those of a test. */
const BACKENDS =
  "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND usename <> 'postgres' AND backend_type = 'client backend'"

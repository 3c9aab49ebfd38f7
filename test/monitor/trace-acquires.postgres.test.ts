import {
  type Context,
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, PoolConfigError, poolConfigFromUrl } from "../../src/index.ts"
import { observePools, type PoolTracer, poolStats, traceAcquires } from "../../src/monitor/index.ts"
import { LimitedPool } from "../../src/pool/limited-pool.ts"
import { PATIENT } from "../support/held-transactions.ts"
import {
  despitePoolTimeout,
  eventually,
  freshDatabase,
  rejection,
  sharedPostgres,
  sleep,
} from "../support/helpers.ts"
import { startMetrics } from "../support/metrics.ts"
import { startProxy } from "../support/proxy.ts"
import { ROLE } from "../support/server.ts"
import { millisOf, startTraces } from "../support/traces.ts"

const postgres = sharedPostgres()
let database: string
let otel: ReturnType<typeof startTraces>
let stop = () => {}
beforeAll(async () => {
  database = await freshDatabase("core")
  otel = startTraces()
})
beforeEach(() => {
  stop()
  stop = () => {}
  otel.reset()
})
afterAll(() => otel.stop())

const ACQUIRE = "prisma-pool.acquire"
const CONNECT = "prisma-pool.connect"

const core = (size: number, timeout = 20) =>
  createCoreClient(PrismaClient, {
    env: {
      DATABASE_URL_CORE: postgres.url(database),
      PRISMA_POOL_SIZE_CORE: String(size),
      PRISMA_POOL_TIMEOUT: String(timeout),
    },
  })

const idOf = (span: ReadableSpan) => span.spanContext().spanId
const linksOf = ({ links }: ReadableSpan) => links.map((link) => link.context.spanId)

/** The names of the spans from the root of the trace down to this one. */
function pathOf(span: ReadableSpan | undefined): string[] {
  if (span === undefined) return []
  const parent = otel.all().find((other) => idOf(other) === span.parentSpanContext?.spanId)
  return [...pathOf(parent), span.name]
}

const only = (name: string): ReadableSpan => {
  const spans = otel.named(name)
  expect(spans).toHaveLength(1)
  return spans[0] as ReadableSpan
}

describe("a trace with @prisma/instrumentation", () => {
  test("has the acquire below the query, and the connection that it waited for linked to it", async () => {
    stop = traceAcquires(otel.tracer, { core: core(1) })
    const client = core(1)
    await otel.inSpan("request", () => client.mission.count())
    // The first one is that of Prisma's own connecting, which a query does when it is the first.
    const [first, second] = otel.named(ACQUIRE) as [ReadableSpan, ReadableSpan]
    expect(otel.named(ACQUIRE)).toHaveLength(2)
    expect(pathOf(first)).toEqual(["request", "prisma:client:operation", "prisma:client:connect", ACQUIRE])
    expect(pathOf(second)).toEqual(["request", "prisma:client:operation", "prisma:client:db_query", ACQUIRE])
    const connect = only(CONNECT)
    expect(pathOf(connect)).toEqual([CONNECT])
    expect(connect.spanContext().traceId).not.toBe(first.spanContext().traceId)
    expect(linksOf(connect)).toEqual([idOf(first)])
    // A connection is a call to the server, and an acquire is one within the process.
    expect([connect, first, second].map(({ kind }) => kind)).toEqual([
      SpanKind.CLIENT,
      SpanKind.INTERNAL,
      SpanKind.INTERNAL,
    ])
    for (const { attributes, status } of [first, second, connect]) {
      expect(attributes).toEqual({
        "db.client.connection.pool.name": "core",
        "server.address": "127.0.0.1",
        "server.port": postgres.port,
      })
      expect(status.code).toBe(SpanStatusCode.UNSET)
    }
    await client.$disconnect()
  })

  test("shows the wait for a full pool as the time of the acquire, and no connection", async () => {
    const client = core(1)
    await client.$connect()
    stop = traceAcquires(otel.tracer)
    let waiting: Promise<unknown> = Promise.resolve()
    await client.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1`
      waiting = otel.inSpan("waiting", () => client.mission.count())
      await eventually("it waits", () => poolStats(client).waiting === 1)
      await sleep(300)
    }, PATIENT)
    await waiting
    const [, waited] = otel.named(ACQUIRE) as [ReadableSpan, ReadableSpan]
    expect(pathOf(waited).slice(-4)).toEqual([
      "waiting",
      "prisma:client:operation",
      "prisma:client:db_query",
      ACQUIRE,
    ])
    expect(millisOf(waited)).toBeGreaterThanOrEqual(290)
    expect(otel.named(CONNECT)).toEqual([])
    await client.$disconnect()
  })

  test("has the acquire of a transaction below its start, and one for the whole of it", async () => {
    const client = core(1)
    await client.$connect()
    stop = traceAcquires(otel.tracer)
    await otel.inSpan("request", () =>
      client.$transaction(async (tx) => {
        await tx.mission.count()
        await tx.mission.count()
      }),
    )
    expect(pathOf(only(ACQUIRE))).toEqual([
      "request",
      "prisma:client:transaction",
      "prisma:client:start_transaction",
      ACQUIRE,
    ])
    await client.$disconnect()
  })
})

describe("the links of a connection", () => {
  test("are none where no caller waits for it", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 2 }), { minIdle: 1 })
    const held = await pool.connect()
    stop = traceAcquires(otel.tracer)
    await eventually("one is idle", () => pool.idleCount === 1)
    held.release()
    for (const span of otel.named(CONNECT)) {
      expect(pathOf(span)).toEqual([CONNECT])
      expect(linksOf(span)).toEqual([])
    }
    expect(otel.named(ACQUIRE)).toEqual([])
    expect(otel.named(CONNECT)).toHaveLength(1)
    await pool.end()
  })

  test("lead to those who waited when it began, and to those who came meanwhile and still wait", async () => {
    const proxy = await startProxy(postgres.port)
    await proxy.newConnections("ignore")
    const pool = createPool(proxy.url(postgres.url(database, { connection_limit: 1 })))
    stop = traceAcquires(otel.tracer)
    const early = pool.query("SELECT 1")
    const late = [pool.query("SELECT 1"), pool.query("SELECT 1")]
    await proxy.thaw()
    await Promise.all([early, ...late])
    const acquires = otel.named(ACQUIRE).map(idOf)
    expect(acquires).toHaveLength(3)
    expect(linksOf(only(CONNECT))).toEqual(acquires)
    await pool.end()
    await proxy.close()
  })

  test("are 32 at most, to those who have waited longest", async () => {
    const pool = createPool(postgres.url(database, { connection_limit: 1 }))
    stop = traceAcquires(otel.tracer)
    await Promise.all(Array.from({ length: 40 }, () => pool.query("SELECT 1")))
    const acquires = otel.named(ACQUIRE).map(idOf)
    expect(acquires).toHaveLength(40)
    expect(linksOf(only(CONNECT))).toEqual(acquires.slice(0, 32))
    await pool.end()
  })

  test("do not lead to other pools, to callers who have theirs, or to spans that are not sampled", async () => {
    const [one, two] = [1, 2].map((limit) => createPool(postgres.url(database, { connection_limit: limit })))
    if (one === undefined || two === undefined) throw new Error("no pools")
    const held = await one.connect()
    stop = traceAcquires(otel.tracer)
    const waiting = one.query("SELECT 1")
    const also = await two.connect()
    const dark: Context = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: "1".repeat(32),
      spanId: "2".repeat(16),
      traceFlags: TraceFlags.NONE,
    })
    await context.with(dark, () => two.query("SELECT 1"))
    held.release()
    await waiting
    const [first, second] = otel.named(CONNECT) as [ReadableSpan, ReadableSpan]
    expect(otel.named(CONNECT)).toHaveLength(2)
    expect(linksOf(first)).toEqual([idOf(otel.named(ACQUIRE)[0] as ReadableSpan)])
    expect(linksOf(second)).toEqual([])
    also.release()
    await Promise.all([one.end(), two.end()])
  })
})

test("a callback runs in the context of its caller, whoever gave the connection back", async () => {
  const pool = createPool(postgres.url(database, { connection_limit: 1 }))
  const held = await pool.connect()
  stop = traceAcquires(otel.tracer)
  const seen = new Promise((resolve) => {
    void otel.inSpan("asking", async (span) => {
      pool.connect((_, client, done) => {
        done()
        resolve([client !== undefined, trace.getActiveSpan() === span])
      })
    })
  })
  await otel.inSpan("returning", async () => held.release())
  expect(await seen).toEqual([true, true])
  expect(pathOf(only(ACQUIRE))).toEqual(["asking", ACQUIRE])
  await pool.end()
})

describe("errors", () => {
  const eventOf = ({ events }: ReadableSpan) => {
    expect(events.map(({ name }) => name)).toEqual(["exception"])
    return events[0]?.attributes
  }

  test("a full pool is P2024 on the acquire", async () => {
    const client = core(1, 1)
    await despitePoolTimeout(() => client.$connect())
    await client.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1`
      stop = traceAcquires(otel.tracer)
      expect(await rejection(client.mission.count())).toMatchObject({ code: "P2024" })
    }, PATIENT)
    const acquire = only(ACQUIRE)
    expect(acquire.attributes["error.type"]).toBe("P2024")
    expect(acquire.status).toEqual({
      code: SpanStatusCode.ERROR,
      message: expect.stringMatching(/^Timed out fetching a new connection .*http:\/\/pris\.ly\/d\//),
    })
    expect(eventOf(acquire)).toEqual({
      "exception.type": "P2024",
      "exception.message": acquire.status.message,
    })
    expect(otel.named(CONNECT)).toEqual([])
    await client.$disconnect()
  })

  test("a wrong password is 28P01 on both, and nowhere in them", async () => {
    const wrong = "wr0ng-pässword"
    const url = postgres.url(database).replace(encodeURIComponent(ROLE.password), encodeURIComponent(wrong))
    const pool = createPool(url)
    stop = traceAcquires(otel.tracer)
    await rejection(pool.query("SELECT 1"))
    for (const span of [only(ACQUIRE), only(CONNECT)]) {
      expect(span.attributes["error.type"]).toBe("28P01")
      expect(span.status.code).toBe(SpanStatusCode.ERROR)
      expect(eventOf(span)?.["exception.type"]).toBe("28P01")
      const all = JSON.stringify([span.attributes, span.events, span.status])
      for (const secret of [wrong, encodeURIComponent(wrong)]) expect(all).not.toContain(secret)
    }
    expect(linksOf(only(CONNECT))).toEqual([idOf(only(ACQUIRE))])
    await pool.end()
  })

  test("a URL in the error of a password function is hidden", async () => {
    const { pool: config } = poolConfigFromUrl(postgres.url(database))
    const password = async () => {
      throw new TypeError("no answer from https://x:s3cret@vault/token?key=s3cret: 503")
    }
    const pool = new LimitedPool({ ...config, password })
    stop = traceAcquires(otel.tracer)
    expect((await rejection(pool.query("SELECT 1"))).message).toContain("s3cret")
    for (const span of [only(ACQUIRE), only(CONNECT)]) {
      expect(span.attributes["error.type"]).toBe("TypeError")
      expect(span.status.message).toBe("no answer from *** 503")
      expect(eventOf(span)).toEqual({
        "exception.type": "TypeError",
        "exception.message": "no answer from *** 503",
      })
    }
    await pool.end()
  })

  test("a pool that has ended, and a Unix socket that is not there, which has no port", async () => {
    const ended = createPool(postgres.url(database))
    const away = createPool("postgresql://app@localhost/core?host=/nowhere", { reconnectTimeout: 0 })
    stop = traceAcquires(otel.tracer, { ended, away })
    await ended.end()
    await rejection(ended.query("SELECT 1"))
    await rejection(away.query("SELECT 1"))
    const [first, second] = otel.named(ACQUIRE) as [ReadableSpan, ReadableSpan]
    expect(first.status.message).toContain("after calling end on the pool")
    expect(second.attributes).toEqual({
      "db.client.connection.pool.name": "away",
      "server.address": "/nowhere",
      "error.type": "ENOENT",
    })
    await away.end()
  })
})

describe("names", () => {
  const names = (spans: ReadableSpan[]) =>
    spans.map(({ attributes }) => attributes["db.client.connection.pool.name"])

  test("are those given, and pools without one are left out", async () => {
    const [named, other] = [createPool(postgres.url(database)), createPool(postgres.url(database))]
    stop = traceAcquires(otel.tracer, { named })
    await Promise.all([other.query("SELECT 1"), named.query("SELECT 1")])
    expect(names(otel.all())).toEqual(["named", "named"])
    await Promise.all([named.end(), other.end()])
  })

  test("are those of observePools without any, though they were given in another order", async () => {
    const metrics = startMetrics()
    const stopMetrics = observePools(metrics.meter)
    const one = createPool(postgres.url(database, { connection_limit: 2 }))
    const two = createPool(postgres.url(database, { connection_limit: 3 }))
    const { "db.client.connection.max": maxima } = await metrics.read()
    await one.end()
    stop = traceAcquires(otel.tracer)
    await two.query("SELECT 1")
    const [name] = names(otel.named(ACQUIRE))
    expect(maxima?.[String(name)]).toBe(3)
    expect(String(name)).toMatch(/ #\d$/)
    stopMetrics()
    await Promise.all([two.end(), metrics.stop()])
  })
})

test("pools of another copy of the module are traced too", async () => {
  vi.resetModules()
  const copy = await import("../../src/index.ts")
  expect(copy.createPool).not.toBe(createPool)
  const pool = copy.createPool(postgres.url(database))
  stop = traceAcquires(otel.tracer, { copy: pool })
  await pool.query("SELECT 1")
  expect(
    otel
      .all()
      .map(({ name }) => name)
      .sort(),
  ).toEqual([ACQUIRE, CONNECT])
  await pool.end()
})

test("what it returns stops it: nothing is exported any more, not even what was under way", async () => {
  const pool = createPool(postgres.url(database, { connection_limit: 1 }))
  const stopIt = traceAcquires(otel.tracer)
  const held = await pool.connect()
  const waiting = pool.query("SELECT 1")
  const before = otel.all().length
  expect(before).toBe(2)
  stopIt()
  stopIt()
  held.release()
  await waiting
  await pool.query("SELECT 1")
  await pool.end()
  expect(otel.all()).toHaveLength(before)
})

describe("bad input", () => {
  test.each([
    ["nothing", undefined, undefined, "tracer"],
    ["null", null, undefined, "tracer"],
    ["a provider in the tracer's place", { getTracer: () => otel.tracer }, undefined, "tracer"],
    ["a URL in place of the pools", { startSpan() {} }, "postgresql://a:s3cret@h/d", "pools"],
    ["something without a pool", { startSpan() {} }, { é: {} }, "pools.é"],
  ])("%s", (_, tracer, pools, name) => {
    const call = () =>
      traceAcquires(tracer as unknown as PoolTracer, pools as unknown as Record<string, object>)
    expect(call).toThrow(PoolConfigError)
    try {
      call()
    } catch (error) {
      expect((error as PoolConfigError).issues.map((issue) => issue.name)).toEqual([name])
      expect(String(error)).not.toContain("s3cret")
    }
  })
})

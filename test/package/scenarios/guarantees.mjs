// What a Core client promises, one part a process. Arguments: the format to load, and the part. The settings are
// in the environment, as in production.
import { createRequire } from "node:module"

const [, , format, part] = process.argv
const load = format === "cjs" ? createRequire(import.meta.url) : (name) => import(name)

const { coreAdapter, createCoreClient, createPool, isPoolTimeout, isTooManyConnections, PoolConfigError } =
  await load("prisma-pool-config")
const { Prisma, PrismaClient } = await load("./core/generated/client.js")

/** A busy machine takes longer than Prisma's own 2 s for a connection, and 5 s for a transaction. */
const coreClient = (options) =>
  createCoreClient(PrismaClient, {
    transactionOptions: { maxWait: 60_000, timeout: 60_000 },
    ...options,
  })

const parts = {
  async limit() {
    const client = coreClient()
    const kinds = [
      () => client.mission.findMany(),
      () => client.$queryRaw`SELECT 1 FROM pg_sleep(0.05)`,
      () => client.$transaction([client.mission.count(), client.partner.count()]),
      () => client.$transaction((tx) => tx.$queryRaw`SELECT 1 FROM pg_sleep(0.05)`, { maxWait: 20_000 }),
    ]
    const served = await Promise.all(Array.from({ length: 30 }, (_, index) => kinds[index % kinds.length]()))
    // A pool opens no connection for who has been served before. All of them at a time, and they stay open.
    const release = await fill(client, Number(process.env.PRISMA_POOL_SIZE_CORE))
    await release()
    const [{ backends }] = await client.$queryRaw`SELECT count(*)::int AS backends FROM pg_stat_activity
      WHERE datname = current_database() AND usename = current_user AND backend_type = 'client backend'`
    await client.$disconnect()
    return { served: served.length, backends }
  },

  async fullPool() {
    const client = coreClient()
    const release = await fill(client, Number(process.env.PRISMA_POOL_SIZE_CORE))
    const [model, raw, batch, interactive, maxWait] = await Promise.all([
      refusal(() => client.mission.findMany()),
      refusal(() => client.$queryRaw`SELECT 1`),
      refusal(() => client.$transaction([client.mission.count(), client.partner.count()])),
      refusal(() => client.$transaction((tx) => tx.mission.count(), { maxWait: 10_000 })),
      refusal(() => client.$transaction((tx) => tx.mission.count(), { maxWait: 100 })),
    ])
    // The pool is as good as before.
    await release()
    await client.mission.count()
    await client.$disconnect()
    return { model, raw, batch, interactive, maxWait }
  },

  async nothingListens() {
    const client = coreClient()
    return {
      connect: await refusal(() => client.$connect()),
      query: await refusal(() => client.mission.findMany()),
      interactive: await refusal(() => client.$transaction((tx) => tx.mission.count())),
    }
  },

  async missingUrl() {
    const { DATABASE_URL_CORE, ...env } = process.env
    const client = coreClient({ env })
    const refused = {
      connect: await refusal(() => client.$connect()),
      query: await refusal(() => client.mission.findMany()),
      raw: await refusal(() => client.$queryRaw`SELECT 1`),
      interactive: await refusal(() => client.$transaction((tx) => tx.mission.count())),
    }
    // It is set later, as dotenv does: the same client works.
    env.DATABASE_URL_CORE = DATABASE_URL_CORE
    await client.mission.count()
    await client.$disconnect()
    return refused
  },

  async callSites() {
    const client = coreClient()
    const pool = createPool(process.env.DATABASE_URL_CORE, { leakThreshold: 1 })
    const locks = createPool(process.env.DATABASE_URL_CORE)
    await client.$connect()
    const held = () =>
      new Promise((resolve) => {
        process.on("warning", function listener({ message }) {
          if (!message.includes("has been held")) return
          process.off("warning", listener)
          resolve(message)
        })
      })
    const named = {}
    // Each waits for a lock until it has been reported.
    for (const call of [
      async function model() {
        await client.mission.findMany()
      },
      async function raw() {
        await client.$queryRaw`SELECT count(*) FROM mission`
      },
      async function interactive() {
        await client.$transaction((tx) => tx.mission.count())
      },
      async function batch() {
        await client.$transaction([client.mission.count(), client.partner.count()])
      },
      async function connect() {
        const connection = await pool.connect()
        await connection.query("SELECT count(*) FROM mission")
        connection.release()
      },
      async function query() {
        await pool.query("SELECT count(*) FROM mission")
      },
    ]) {
      const lock = await locks.connect()
      await lock.query("BEGIN; LOCK TABLE mission")
      const [message] = await Promise.all([
        held().then(async (text) => {
          await lock.query("COMMIT")
          return text
        }),
        call(),
      ])
      lock.release()
      named[call.name] = /taken by (\w+) \([^<]*guarantees\.mjs/.exec(message)?.[1] ?? null
    }
    await Promise.all([client.$disconnect(), pool.end(), locks.end()])
    return named
  },

  async schema() {
    const client = coreClient()
    await client.partner.create({ data: { name: "written by a model query" } })
    const seen = await client.$queryRaw`SELECT name FROM partner`
    await client.$disconnect()
    return seen
  },

  async effects() {
    const client = coreClient()
    const settings = ["search_path", "statement_timeout", "work_mem", "application_name"]
    const shown = {}
    for (const name of settings) {
      const [row] = await client.$queryRaw`SELECT current_setting(${name}) AS value`
      shown[name] = row.value
    }
    const [{ pid }] = await client.$queryRaw`SELECT pg_backend_pid() AS pid`
    const [{ pid: next }] = await client.$queryRaw`SELECT pg_backend_pid() AS pid`
    await client.$disconnect()
    return { ...shown, singleUse: pid !== next }
  },

  async monitor() {
    const { inspectDatabase, poolStats } = await load("prisma-pool-config/monitor")
    class PrismaService extends PrismaClient {
      constructor() {
        super({ adapter: coreAdapter() })
      }
    }
    const clients = [coreClient(), new PrismaService()]
    await clients[0].mission.count()
    const extended = clients.map((client) => client.$extends({ client: { hello: () => "hello" } }))
    const stats = [...clients, ...extended].map((client) => poolStats(client))
    const { connections, session } = await inspectDatabase(extended[0])
    for (const client of clients) await client.$disconnect()
    return { stats, connections, database: session.database }
  },

  async transactionEnd() {
    const client = coreClient()
    const late = refusal(() =>
      client.$transaction((tx) => tx.$queryRaw`SELECT 1 FROM pg_sleep(20)`, { timeout: 300 }),
    )
    const aborted = refusal(() =>
      client.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT 1/0`.catch(() => {})
      }),
    )
    const inFlight = refusal(() =>
      client.$transaction(
        async (tx) => {
          const statement = tx.$queryRaw`SELECT 1 FROM pg_sleep(20)`
          throw await statement.catch((error) => error)
        },
        { timeout: 300 },
      ),
    )
    const deferred = refusal(() =>
      client.$transaction(async (tx) => {
        await tx.$executeRaw`ALTER TABLE partner DROP CONSTRAINT partner_name_key, ADD UNIQUE (name) DEFERRABLE INITIALLY DEFERRED`
        for (const name of ["same", "same"]) await tx.partner.create({ data: { name } })
      }),
    )
    const refused = {
      late: await late,
      aborted: await aborted,
      inFlight: await inFlight,
      deferred: await deferred,
    }
    await client.mission.count()
    await client.$disconnect()
    return Object.fromEntries(Object.entries(refused).map(([name, { code }]) => [name, code]))
  },

  socketTimeout: () => refusals("SELECT 1 FROM pg_sleep(600)"),

  cut: () => refusals("SELECT 1 FROM pg_terminate_backend(pg_backend_pid())"),
}

/** What a statement ends with in each kind of call, and that the client serves afterwards. */
async function refusals(sql) {
  const client = coreClient()
  const refused = {
    raw: await refusal(() => client.$queryRawUnsafe(sql)),
    execute: await refusal(() => client.$executeRawUnsafe(sql)),
    batch: await refusal(() => client.$transaction([client.mission.count(), client.$queryRawUnsafe(sql)])),
    interactive: await refusal(() =>
      client.$transaction((tx) => tx.$queryRawUnsafe(sql), { timeout: 60_000 }),
    ),
  }
  // With a socket_timeout of a second, a busy machine may need another try.
  let after = { code: "P1008" }
  while (after.code === "P1008") after = await refusal(() => client.mission.count())
  if (after !== SERVED) throw new Error(after.text)
  await client.$disconnect()
  return refused
}

const SERVED = "it was not refused"

/** Why something was refused, as a caller can tell, and after how long. */
async function refusal(run) {
  const start = Date.now()
  try {
    await run()
  } catch (error) {
    return {
      code: error.code,
      text: error.message.trim().split("\n").at(-1),
      known: error instanceof Prisma.PrismaClientKnownRequestError,
      isPoolTimeout: isPoolTimeout(error),
      isTooManyConnections: isTooManyConnections(error),
      issues: error instanceof PoolConfigError ? error.issues.map(({ name }) => name) : [],
      waited: Date.now() - start,
    }
  }
  return SERVED
}

/** Takes every connection of the pool. What it returns gives them back. */
async function fill(client, size) {
  const [released, release] = signal()
  const holders = Array.from({ length: size }, () => {
    const [held, hold] = signal()
    const over = client.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1`
        hold()
        await released
      },
      { timeout: 60_000 },
    )
    return { held, over }
  })
  await Promise.all(holders.map(({ held }) => held))
  return async () => {
    release()
    await Promise.all(holders.map(({ over }) => over))
  }
}

function signal() {
  let resolve
  const promise = new Promise((fulfil) => {
    resolve = fulfil
  })
  return [promise, resolve]
}

console.log(JSON.stringify(await parts[part]()))

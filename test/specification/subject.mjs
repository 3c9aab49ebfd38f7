// What the specification is played on, as a process of its own: a Core client, a pool of createPool, or a client of Prisma 8
// over such a pool. Arguments: the modules to load, as JSON. A path is of this project, where tsx reads it; a name is of a
// user's, where nothing is.
import { inspect } from "node:util"

const modules = JSON.parse(process.argv[2])
const { createCoreClient, createPrismaClient, createPool, isPoolTimeout, isTooManyConnections } =
  await import(modules.library)
const { poolStats } = await import(modules.monitor)
const generated = modules.client && (await import(modules.client))
const prisma8 = modules.contract && {
  postgres: (await import("@prisma/orm-postgres/runtime")).default,
  contractJson: (await import(modules.contract, { with: { type: "json" } })).default,
}

/** Prisma's own limits, batches' among them, where a case is not about them: a busy machine takes longer than 2 s. */
const PATIENT = { maxWait: 60_000, timeout: 60_000 }

const withoutSuffix = (env) =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name.replace(/_CORE$/, ""), value]))

/** The calls of a case, on a client. */
function prismaCalls(env) {
  const { PrismaClient } = generated.default ?? generated
  const client = modules.isUnnamed
    ? createPrismaClient(PrismaClient, { env: withoutSuffix(env), transactionOptions: PATIENT })
    : createCoreClient(PrismaClient, { env, transactionOptions: PATIENT })
  const run = (on, sql) => on.$queryRawUnsafe(sql)
  return {
    connect: () => client.$connect(),
    disconnect: () => client.$disconnect(),
    query: ({ sql }) => run(client, sql),
    model: () => client.partner.count(),
    create: ({ name }) => client.partner.create({ data: { name } }),
    batch: ({ sql }) => client.$transaction([run(client, sql), client.partner.count()]),
    transaction: ({ sql, limits, goesOn }, during) =>
      client.$transaction(
        async (tx) => {
          const statements = [sql].flat()
          for (const statement of statements) {
            const answer = run(tx, statement)
            await (goesOn ? answer.catch(() => {}) : answer)
          }
          await during?.()
        },
        { ...PATIENT, ...limits },
      ),
    stats: () => poolStats(client),
  }
}

/** The same on a pool of node-postgres. */
function poolCalls({ DATABASE_URL_CORE }) {
  const pool = createPool(DATABASE_URL_CORE)
  const query = async (text, values) => (await pool.query(text, values)).rows
  async function transaction({ sql }, during) {
    const client = await pool.connect()
    let error
    try {
      for (const statement of ["BEGIN", sql].flat()) await client.query(statement)
      await during?.()
      await client.query("COMMIT")
    } catch (reason) {
      error = reason
      throw reason
    } finally {
      client.release(error)
    }
  }
  return {
    connect: async () => (await pool.connect()).release(),
    disconnect: () => pool.end(),
    query: ({ sql }) => query(sql),
    model: () => query("SELECT count(*)::int FROM partner"),
    create: ({ name }) => query("INSERT INTO partner (name) VALUES ($1)", [name]),
    batch: transaction,
    transaction,
    stats: () => poolStats(pool),
  }
}

/** The same on a client of Prisma 8 over a pool of node-postgres. */
function prisma8Calls({ DATABASE_URL_CORE }) {
  const pool = createPool(DATABASE_URL_CORE)
  const db = prisma8.postgres({ contractJson: prisma8.contractJson, pg: pool, verifyMarker: false })
  async function query(on, sql) {
    const statement = db.raw.sql([sql])
    const columns = [...sql.matchAll(/\bAS (\w+)|^SELECT (name)\b/g)].map(([, alias, name]) => alias ?? name)
    if (columns.length === 0) return on.execute(statement.affectedCount().build())
    const isNumber = (name) => ["one", "two", "pid", "channels"].includes(name)
    const row = columns.map((name) => [name, isNumber(name) ? "pg/int4@1" : "pg/text@1"])
    return on.query(statement.returnsRow(Object.fromEntries(row)).build())
  }
  const transaction = ({ sql }, during) =>
    db.transaction(async (tx) => {
      for (const statement of [sql].flat()) await query(tx, statement)
      await during?.()
    })
  return {
    connect: async () => (await db.runtime().connection()).release(),
    async disconnect() {
      await db.close()
      // What it was given stays open.
      await pool.end()
    },
    query: ({ sql }) => query(db.runtime(), sql),
    model: () => db.orm.public.Partner.aggregate((all) => ({ count: all.count() })),
    create: ({ name }) => db.orm.public.Partner.create({ name }),
    batch: transaction,
    transaction,
    stats: () => poolStats(pool),
  }
}

/** What the pool or the server said: Prisma 8 wraps it in errors of its own. */
const unwrapped = (error) =>
  error.cause && (["sql_query", "sql_connection"].includes(error.kind) || /^RUNTIME\./.test(error.code))
    ? unwrapped(error.cause)
    : error

const callsOf = prisma8 ? prisma8Calls : modules.client ? prismaCalls : poolCalls

const clients = new Map()
/** Functions that release the connections that a case holds, by name. */
const releases = new Map()
let ended = 0

/** The outcome of a call, as a value that can be sent to another process. */
async function outcomeOf(run) {
  const start = performance.now()
  const waited = () => ({ place: ++ended, millis: performance.now() - start })
  try {
    const value = await run()
    return { served: value ?? null, ...waited() }
  } catch (error) {
    return {
      // Every way in which a password could show.
      text: [error.message, error.stack, inspect(error, { depth: 8, showHidden: true })].join("\n"),
      code: unwrapped(error).code ?? null,
      isPoolTimeout: isPoolTimeout(error),
      isTooManyConnections: isTooManyConnections(error),
      ...waited(),
    }
  }
}

const requests = {
  /** Answered when everything is loaded. */
  ready() {},
  open({ id, env }) {
    clients.set(id, callsOf(env))
  },
  call: ({ id, call, given }) => outcomeOf(() => clients.get(id)[call](given)),
  /** Answers when the connection is held, or when it was refused. */
  hold({ id, name, given }) {
    let release
    const released = new Promise((resolve) => {
      release = resolve
    })
    return new Promise((resolve) => {
      const during = () => {
        resolve({ served: null })
        return released
      }
      const over = outcomeOf(() => clients.get(id).transaction({ sql: "SELECT 1", ...given }, during))
      over.then(resolve)
      releases.set(name, [
        ...(releases.get(name) ?? []),
        () => {
          release()
          return over
        },
      ])
    })
  },
  async release({ name }) {
    const released = await Promise.all(releases.get(name).map((release) => release()))
    releases.delete(name)
    return released
  },
  stats: ({ id }) => clients.get(id).stats(),
}

process.on("message", async ({ number, request, parameters }) => {
  let answer
  try {
    answer = { result: (await requests[request](parameters)) ?? null }
  } catch (error) {
    answer = { error: String(error?.stack ?? error) }
  }
  // What a database calls a bigint has no place in a message.
  const text = JSON.stringify({ number, ...answer }, (_, value) =>
    typeof value === "bigint" ? Number(value) : value,
  )
  process.send(JSON.parse(text))
})

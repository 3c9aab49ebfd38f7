// Prisma 8 over a pool, and over a URL: what its callers see. Argument: which part.
import postgres from "@prisma/orm-postgres/runtime"
import { poolStats } from "prisma-pool-config/monitor"
import { createPool, isPoolTimeout, isTooManyConnections } from "prisma-pool-config/pool"
import contractJson from "./src/prisma/generated/contract.json" with { type: "json" }

const { SERVER_URL, SILENT_URL, CLOSED_URL } = process.env

/** A URL with further parameters. */
function urlOf(parameters, url = SERVER_URL) {
  const own = new URL(url)
  for (const [name, value] of Object.entries(parameters)) own.searchParams.set(name, String(value))
  return own.href
}

const overPool = (pool, options) => postgres({ contractJson, pg: pool, verifyMarker: false, ...options })
const overUrl = (url, poolOptions) => postgres({ contractJson, url, verifyMarker: false, poolOptions })

const times = (count, run) => Array.from({ length: count }, run)
const select = (db, sql, row, on = db.runtime()) =>
  on.query(db.raw.sql([sql]).returnsRow(row).build()).then(([first]) => first)
const answer = (db, on) => select(db, "SELECT 1 AS one", { one: "pg/int4@1" }, on)
const sleep = (db, seconds) =>
  db.runtime().execute(
    db.raw
      .sql([`SELECT pg_sleep(${seconds})`])
      .affectedCount()
      .build(),
  )

/** What a caller has of an error. */
async function refused(promise) {
  const start = performance.now()
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  )
  if (error === undefined) return { served: true }
  return {
    name: error.name,
    code: error.code,
    sqlState: error.sqlState,
    cause: error.cause?.code,
    isPoolTimeout: isPoolTimeout(error),
    isTooManyConnections: isTooManyConnections(error),
    message: error.message,
    millis: performance.now() - start,
  }
}

/** Takes so many connections; returns a function that releases them. */
async function hold(db, count) {
  const release = Promise.withResolvers()
  const taken = times(count, () => Promise.withResolvers())
  const held = taken.map(({ resolve }) =>
    db.transaction(async (tx) => {
      await answer(db, tx)
      resolve()
      await release.promise
    }),
  )
  await Promise.all(taken.map(({ promise }) => promise))
  return async () => {
    release.resolve()
    await Promise.all(held)
  }
}

const parts = {
  /** The errors of the pool, as Prisma 8 hands them on. */
  async errors() {
    const pool = createPool(urlOf({ connection_limit: 1, pool_timeout: 3 }))
    const db = overPool(pool)
    const release = await hold(db, 1)
    const [query, transaction] = await Promise.all([
      refused(answer(db)),
      refused(db.transaction((tx) => answer(db, tx))),
    ])
    await release()
    const hasty = createPool(urlOf({ connection_limit: 1, socket_timeout: 1 }))
    const slow = await refused(sleep(overPool(hasty), 30))
    const waiting = createPool(urlOf({ connect_timeout: 1 }, SILENT_URL))
    const silent = await refused(answer(overPool(waiting)))
    const closed = createPool(CLOSED_URL)
    const connect = await refused(overPool(closed).connect())
    const away = await refused(answer(overPool(closed)))
    await Promise.all([pool, hasty, waiting, closed].map((each) => each.end()))
    return { query, transaction, slow, silent, connect, away }
  },

  /** A client that was closed, and another one over its pool. */
  async close() {
    const pool = createPool(urlOf({ connection_limit: 1 }))
    const pid = (db) => select(db, "SELECT pg_backend_pid() AS pid", { pid: "pg/int4@1" })
    const first = overPool(pool)
    const before = await pid(first)
    await first.close()
    const closed = await refused((async () => pid(first))())
    const after = await pid(overPool(pool))
    await pool.end()
    return { closed, isSameConnection: before.pid === after.pid, left: pool.totalCount }
  },

  /** A transaction whose callback catches the error of a statement, after which the server rolls back. */
  async rollback() {
    const pool = createPool(urlOf({ connection_limit: 1 }))
    const db = overPool(pool)
    const transaction = await refused(
      db.transaction(async (tx) => {
        await tx.orm.public.Partner.create({ name: "half" })
        await tx.orm.public.Partner.create({ name: "half" }).catch(() => {})
      }),
    )
    const written = await db.orm.public.Partner.aggregate((all) => ({ partners: all.count() }))
    await pool.end()
    return { transaction, ...written }
  },

  /** The check of the contract, which is on unless it is switched off, where a transaction comes first. */
  async marker() {
    const pool = createPool(urlOf({ connection_limit: 1, pool_timeout: 3 }))
    const [unchecked, checked] = [overPool(pool), overPool(pool, { verifyMarker: "onFirstUse" })]
    const first = (db) => refused(db.transaction((tx) => answer(db, tx)))
    const off = await first(unchecked)
    const on = await first(checked)
    const { used } = poolStats(pool)
    const next = await refused(answer(checked))
    await pool.end()
    return { off, on, used, next }
  },

  /** Thirty callers over a URL that allows three connections. */
  async limit() {
    const db = overUrl(urlOf({ connection_limit: 3 }))
    await Promise.all(times(30, () => sleep(db, 0.1)))
    // They stay open for ten seconds more.
    const seen = await select(
      db,
      `SELECT count(*)::int AS backends FROM pg_stat_activity
       WHERE datname = current_database() AND usename = current_user AND backend_type = 'client backend'`,
      { backends: "pg/int4@1" },
    )
    await db.close()
    return seen
  },

  /** What else the parameters of a URL do there. */
  async url() {
    const full = overUrl(urlOf({ pool_timeout: 1 }), { connectionTimeoutMillis: 8_000 })
    const silent = overUrl(urlOf({ connect_timeout: 1 }, SILENT_URL), { connectionTimeoutMillis: 8_000 })
    const slow = overUrl(urlOf({ socket_timeout: 1 }))
    const session = overUrl(
      urlOf({
        schema: "tenant",
        application_name: "the URL",
        statement_timeout: 4321,
        options: "-c work_mem=5MB",
      }),
    )
    const names = ["search_path", "application_name", "statement_timeout", "work_mem"]
    const settings = names.map((name) => `current_setting('${name}') AS ${name}`)
    const spec = Object.fromEntries(names.map((name) => [name, "pg/text@1"]))
    const release = await hold(full, 10)
    const [pool_timeout, connect_timeout, socket_timeout, told] = await Promise.all([
      refused(answer(full)),
      refused(answer(silent)),
      refused(sleep(slow, 2)),
      select(session, `SELECT ${settings}`, spec),
    ])
    await release()
    await Promise.all([full, silent, slow, session].map((db) => db.close()))
    return { pool_timeout, connect_timeout, socket_timeout, session: told }
  },
}

console.log(JSON.stringify((await parts[process.argv[2]]()) ?? null))

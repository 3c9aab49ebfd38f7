import { expect, onTestFinished, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, type Pool } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import type { PoolOptions } from "../../src/pool/pool-options.ts"
import { eventually, freshDatabase, sharedPostgres } from "../support/helpers.ts"

const postgres = sharedPostgres()
const url = async (size: number) =>
  postgres.url(await freshDatabase(), { connection_limit: size, pool_timeout: 60 })

const STATEMENTS = ["SET statement_timeout = '60s'", "SELECT 1 FROM pg_sleep(0.05)"]

/** A pool with a listener of `connect` that sends statements one after the other; their answers, in order. */
async function poolWithListener({ size, ...options }: PoolOptions & { size: number }) {
  const pool = createPool(await url(size), options)
  onTestFinished(() => pool.end())
  const answers: string[] = []
  pool.on("connect", async (client) => {
    for (const statement of STATEMENTS) {
      await client.query(statement).then(
        ({ command }) => answers.push(command),
        (error: Error) => answers.push(error.message),
      )
    }
  })
  return { pool, answers }
}

const IN_FULL = ["SET", "SELECT"]

test("a connection that is kept ready is kept when the statements of connect listeners are over", async () => {
  const { pool, answers } = await poolWithListener({ size: 2, minIdle: 2 })
  await pool.query("SELECT 1")
  await eventually("2 are ready", () => poolStats(pool).idle === 2)
  expect(poolStats(pool).opened).toBe(2)
  expect(answers.sort()).toEqual([...IN_FULL, ...IN_FULL].sort())
})

test("so is one whose caller was served by another", async () => {
  const { pool, answers } = await poolWithListener({ size: 2 })
  const held = await pool.connect()
  const next = pool.connect()
  held.release()
  ;(await next).release()
  await eventually("both are idle", () => poolStats(pool).idle === 2)
  expect(answers).toEqual([...IN_FULL, ...IN_FULL])
})

test("so is one whose caller sends nothing", async () => {
  const { pool, answers } = await poolWithListener({ size: 1 })
  for (const client of [await pool.connect()]) client.release()
  expect(poolStats(pool).idle).toBe(1)
  expect(answers).toEqual(IN_FULL)
})

test("so is the first of a pool whose size follows the others", async () => {
  const { pool, answers } = await poolWithListener({ size: 2, poolSize: "auto", budget: 10 })
  await pool.query("SELECT 1")
  expect(answers).toEqual(IN_FULL)
  expect(poolStats(pool).opened).toBe(1)
})

test("a statement of theirs that does not end keeps no caller waiting for longer than half of its time", async () => {
  const pool = createPool((await url(1)).replace("pool_timeout=60", "pool_timeout=2&connect_timeout=1"))
  const sent: Promise<unknown>[] = []
  pool.on("connect", (client) => sent.push(client.query("SELECT pg_sleep(60)").catch(() => {})))
  const client = await pool.connect()
  client.release()
  await pool.end()
  await Promise.all(sent)
})

test("listeners that make a connection unfit to be kept do not make the pool open one after the other", async () => {
  const pools: Pool[] = []
  const client = createCoreClient(PrismaClient, {
    env: { DATABASE_URL_CORE: await url(3), PRISMA_POOL_MIN_IDLE: "2" },
    warm: true,
    onPool: (pool) => pools.push(pool.on("connect", (its) => void its.query("LISTEN changes"))),
  })
  await client.$connect()
  // The caller's own, and one that was to be kept: the next one comes later.
  expect(poolStats(client).opened).toBe(2)
  await client.$disconnect()
})

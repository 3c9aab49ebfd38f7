import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createPool } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { eventually, freshDatabase, sharedPostgres, times } from "../support/helpers.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"

const postgres = sharedPostgres()
let database: string
let proxy: TcpProxy
beforeAll(async () => {
  database = await freshDatabase()
  proxy = await startProxy(postgres.port)
})
afterAll(() => proxy.close())

const poolOf = (size: number) =>
  createPool(
    proxy.url(postgres.url(database, { connection_limit: size, pool_timeout: 0, connect_timeout: 0 })),
  )

describe("a pool opens at most 4 connections at a time", () => {
  test("of a cold pool of 15, and all callers are served", async () => {
    await proxy.newConnections("ignore")
    const pool = poolOf(15)
    const callers = times(20, () => pool.query("SELECT pg_backend_pid() AS pid"))
    expect(poolStats(pool)).toMatchObject({ total: 4, waiting: 20 })
    await eventually("4 attempts", () => proxy.attempts >= 4)
    expect(poolStats(pool)).toMatchObject({ total: 4, waiting: 20 })
    await proxy.thaw()
    expect(await Promise.all(callers)).toHaveLength(20)
    await pool.end()
  })

  test("and a caller takes whichever comes first: here one that is returned", async () => {
    await proxy.newConnections("pass")
    const pool = poolOf(3)
    const held = await pool.connect()
    await proxy.newConnections("ignore")
    const callers = times(2, () => pool.connect())
    expect(poolStats(pool)).toMatchObject({ total: 3, waiting: 2 })
    held.release()
    const [first] = callers
    const served = await first
    expect(served).toBe(held)
    served?.release()
    const [, second] = callers
    const other = await second
    expect(other).toBe(held)
    other?.release()
    await proxy.thaw()
    await pool.end()
  })

  test("each pool of a process has its own 4", async () => {
    await proxy.newConnections("ignore")
    const pools = [poolOf(10), poolOf(9)]
    const callers = pools.flatMap((pool) => times(10, () => pool.query("SELECT 1")))
    expect(pools.map((pool) => poolStats(pool).total)).toEqual([4, 4])
    await proxy.thaw()
    await Promise.all(callers)
    await Promise.all(pools.map((pool) => pool.end()))
  })
})

// A size that follows the living instances: PRISMA_POOL_SIZE=auto.
import { afterEach, beforeEach, expect, test } from "vitest"
import { poolConfigFromUrl } from "../../src/index.ts"
import { LimitedPool } from "../../src/pool/limited-pool.ts"
import { eventually, freshDatabase, sharedPostgres, times } from "../support/helpers.ts"

const postgres = sharedPostgres()
const ROLE = "follower"
let database: string
const open: LimitedPool[] = []

beforeEach(async () => {
  database = await freshDatabase()
  await postgres.sql(
    `DROP ROLE IF EXISTS ${ROLE}; CREATE ROLE ${ROLE} LOGIN PASSWORD 'x' CONNECTION LIMIT 20`,
  )
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.end()))
  await postgres.sql(`DROP ROLE IF EXISTS ${ROLE}`)
})

function newPool(cap = 15): LimitedPool {
  const { pool: config } = poolConfigFromUrl(
    `postgresql://${ROLE}:x@127.0.0.1:${postgres.port}/${database}?connection_limit=${cap}&application_name=api%401`,
  )
  const auto = { cap, fixed: cap, reserved: 10 }
  const pool = new LimitedPool({ ...config, auto })
  open.push(pool)
  return pool
}

/** Callers that always want more. */
function hungry(pool: LimitedPool, callers = 20) {
  let over = false
  const errors: unknown[] = []
  const all = times(callers, async () => {
    while (!over) await pool.query("SELECT pg_sleep(0.02)").catch((error) => errors.push(error))
  })
  return {
    errors,
    async stop() {
      over = true
      await Promise.all(all)
    },
  }
}

test("one pool takes what is shared, and gives it back for a second one", async () => {
  const first = newPool()
  const one = hungry(first)
  await eventually("it has its cap", async () => first.totalCount === 15)
  const second = newPool()
  const two = hungry(second)
  await eventually(
    "both have their share of 20 - 2",
    async () => first.totalCount === 9 && second.totalCount === 9,
  )
  const names = await postgres.sql<{ name: string }>(
    "SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE usename = $1",
    [ROLE],
  )
  expect(names.map(({ name }) => name.replace(/#[0-9a-z]{6}$/, "#"))).toEqual(["api@1#", "api@1#"])
  await one.stop()
  await two.stop()
  expect([...one.errors, ...two.errors]).toEqual([])
})

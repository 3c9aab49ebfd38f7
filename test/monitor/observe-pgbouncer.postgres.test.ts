import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { observePgBouncer } from "../../src/monitor/index.ts"
import { installed } from "../support/client-tools.ts"
import { eventually, freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { startMetrics } from "../support/metrics.ts"
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts"
import { clientsOf, type PgBouncerClients } from "../support/pgbouncer-clients.ts"
import { refusedNames } from "../support/refused-names.ts"
import { ROLE } from "../support/server.ts"
import { consoleOf, NEW, OLD } from "./pgbouncer-console.ts"

const PREFIX = "prisma_pool.pgbouncer"

let otel: ReturnType<typeof startMetrics>
let stop = () => {}
beforeEach(() => {
  otel = startMetrics()
})
afterEach(async () => {
  stop()
  stop = () => {}
  await otel.stop()
})

describe.skipIf(!installed("pgbouncer"))("observePgBouncer", () => {
  let database: string
  let bouncer: PgBouncer
  let clients: PgBouncerClients
  beforeEach(async () => {
    database = await freshDatabase()
    bouncer = await startPgBouncer(sharedPostgres(), { poolSize: 2, settings: { stats_users: ROLE.user } })
    clients = clientsOf(bouncer, database)
  })
  afterEach(async () => {
    await clients.end()
    await bouncer.destroy()
  })

  test("measures who is connected, who waits and what is in use, and nothing while it is down", async () => {
    stop = observePgBouncer(otel.meter, bouncer.url("pgbouncer"), { name: "core" })
    await clients.hold("api@1.4.2#k3f9ab", 2)
    await clients.connect("api@1.4.3", 1)
    await clients.wait("etl", 3)
    const pool = `core ${database} app`
    await eventually("three wait", async () => (await otel.read())[`${PREFIX}.waiting`]?.[pool] === 3)
    const measured = await otel.read()
    expect(measured[`${PREFIX}.clients`]).toEqual({
      ...{ "core api active": 2, "core api waiting": 0, "core api idle": 1 },
      ...{ "core etl active": 0, "core etl waiting": 3, "core etl idle": 0 },
    })
    expect(measured[`${PREFIX}.server_connections`]).toEqual({ [`${pool} used`]: 2, [`${pool} idle`]: 0 })
    expect(measured[`${PREFIX}.longest_wait`]?.[pool]).toBeGreaterThan(0)
    expect(measured[`${PREFIX}.used`]).toEqual({
      "core max_client_conn 0  ": 6,
      [`core pool_size 0 ${database} app`]: 2,
    })
    expect(measured[`${PREFIX}.usable`]).toEqual({
      "core max_client_conn 0  ": 200,
      [`core pool_size 0 ${database} app`]: 2,
    })
    expect(measured[`${PREFIX}.up`]).toEqual({ core: 1 })

    await bouncer.kill()
    const down = await otel.read()
    expect(down[`${PREFIX}.up`]).toEqual({ core: 0 })
    expect(down[`${PREFIX}.waiting`]).toEqual({ [pool]: Number.NaN })
    await bouncer.start()
    const again = await otel.read()
    expect(again[`${PREFIX}.up`]).toEqual({ core: 1 })
    // Its series stays, and what has gone is 0.
    expect(again[`${PREFIX}.waiting`]).toEqual({ [pool]: 0 })
  })
})

test("the limits of several processes are several series", async () => {
  stop = observePgBouncer(otel.meter, [consoleOf(OLD), consoleOf(NEW)])
  const { [`${PREFIX}.used`]: used = {} } = await otel.read()
  expect(used).toMatchObject({
    "pgbouncer max_client_conn 0  ": 8,
    "pgbouncer max_client_conn 1  ": 320,
    "pgbouncer max_db_connections 1 core ": 9,
    "pgbouncer max_user_connections 1  app": 7,
  })
})

test("everything that is wrong is named at once", () => {
  const wrong = () =>
    // @ts-expect-error JavaScript callers may give anything
    observePgBouncer({}, "postgresql://app:s3cret@db/core", { name: " ", timeout: 0, fleet: {} })
  expect(refusedNames(wrong)).toEqual(["meter", "console", "fleet", "name", "timeout"])
})

import { describe, expect, test } from "vitest"
import { checkFleet, type Fleet, type Pooler } from "../../src/sizing/index.ts"

const api = { instances: 40, poolSize: 5, surge: 40, pooler: "pgbouncer" }
const pooler: Pooler = { instances: 1, poolSize: 60, maxClientConnections: 500 }

/** 40 instances behind one process, and a migration that connects directly while a deploy rolls. */
const ONE_PROCESS = {
  maxConnections: 100,
  reserved: { metabase: 10 },
  consumers: { api, migrate: { instances: 0, surge: 1, poolSize: 2 } },
  poolers: { pgbouncer: pooler },
} satisfies Fleet

const withPooler = (fields: Partial<Pooler>) =>
  checkFleet({ ...ONE_PROCESS, poolers: { pgbouncer: { ...pooler, ...fields } } })

test("in session mode the pools of authUser, which looks users up, take no clients", () => {
  const fields = { poolMode: "session", poolSize: 100, authUser: "lookup", authDbname: "postgres" } as const
  const check = withPooler(fields)
  // The server: 2 pools × 100, and 5 that a vanished instance leaves; 1 pool × 100 for 200 clients.
  expect(check.poolers?.["pgbouncer"]).toMatchObject({
    total: 205,
    clients: { total: 200, capacity: 100, fits: false },
  })
})

describe("in session mode, of several pools,", () => {
  const session = (fields: Partial<Pooler>) =>
    withPooler({ poolMode: "session", poolSize: 100, ...fields }).poolers?.["pgbouncer"]?.clients.capacity

  test("the smallest decides, in which all clients may be", () => {
    expect(session({ pools: 3 })).toBe(100)
    expect(session({ pools: 3, reservePoolSize: 7, maxUserConnections: 60 })).toBe(60)
    const [one, other] = [
      { database: "core", user: "api" },
      { database: "core", user: "jobs" },
    ] as const
    expect(session({ pools: [one, { ...other, poolSize: 30, reservePoolSize: 2 }] })).toBe(32)
    expect(session({ pools: [one, { ...other, maxDbConnections: 25 }] })).toBe(25)
  })

  test("one in as many processes as there are at the least", () => {
    // Several processes get their clients unevenly: 80 % of 3 × 100.
    expect(session({ pools: 2, instances: 4, minInstances: 3 })).toBe(240)
    expect(session({ instances: 2 })).toBe(160)
  })
})

test("clients have the room of the fewest processes, and the server the connections of the most", () => {
  const check = withPooler({ instances: 5, minInstances: 2 })
  expect(check.poolers?.["pgbouncer"]).toMatchObject({ total: 305, clients: { capacity: 800 } })
  const few = withPooler({ instances: 5, minInstances: 1, maxClientConnections: 100 })
  expect(few.nextSteps.join()).toContain("80 % of 1 × 100 max_client_conn, with the fewest processes")
  expect(few.nextSteps.join()).toContain("raise its maxClientConnections from 100 to 500")
})

describe("both tiers by hand", () => {
  test("one process that stops before it starts", () => {
    const check = checkFleet(ONE_PROCESS)
    // The server: 10 reserved + 1 process × 60 + the 5 connections of one instance that may vanish = 75. A deploy adds
    // the migration's 2, and no process of the pooler.
    expect([check.total, check.deploy.total]).toEqual([75, 77])
    expect(check).toMatchObject({ fits: true, alert: false, free: 22, deploy: { fits: true } })
    // The clients: 40 × 5 = 200, and (40 + 40) × 5 = 400 of the 80 % of 1 × 500 = 400.
    expect(check.poolers?.["pgbouncer"]).toMatchObject({
      total: 65,
      orphans: 5,
      deploy: { total: 65, orphans: 5 },
      clients: { total: 200, capacity: 400, fits: true, deploy: { total: 400, fits: true } },
    })
    // 400 of 400 is fuller than 77 of 97.
    expect(check.bindingTier).toBe("poolers.pgbouncer")
    expect(check.tiers).toEqual([
      { name: "poolers.pgbouncer", limit: 400, total: 200, fits: true, deploy: { total: 400, fits: true } },
      { name: "server", limit: 97, total: 75, fits: true, deploy: { total: 77, fits: true } },
    ])
    expect(check.consumers.api).toEqual({ total: 200, deploy: { total: 400 }, pooler: "pgbouncer" })
    expect(check.arithmetic).toEqual([
      "usable = 100 max_connections − 3 superuser_reserved_connections − 0 reserved_connections = 97",
      "total = 10 metabase + 0 migrate (0 × 2) + 65 pgbouncer (1 × 60 + 5 orphans) = 75, within 97",
      "deploy = 10 metabase + 2 migrate ((0 + 1) × 2) + 65 pgbouncer (1 × 60 + 5 orphans) = 77, within 97",
      "pgbouncer, one process = 1 pool × 60 = 60",
      "pgbouncer, capacity = 80 % of 1 × 500 max_client_conn = 400 clients",
      "pgbouncer, clients = 200 api (40 × 5) = 200, within 400",
      "pgbouncer, clients in a deploy = 400 api ((40 + 40) × 5) = 400, within 400",
    ])
  })

  test("two replicas of two processes, and two users under one max_db_connections", () => {
    const check = checkFleet({
      maxConnections: 50,
      consumers: {
        api: { instances: 10, poolSize: 4, surge: 10, pooler: "pgbouncer" },
        worker: { instances: 2, poolSize: 1, surge: 0, pooler: "pgbouncer" },
      },
      poolers: {
        pgbouncer: {
          instances: 4, // 2 replicas × so_reuseport 2
          surge: 2, // one replica more
          pools: 2,
          databases: 1,
          poolSize: 5,
          reservePoolSize: 3,
          maxDbConnections: 6,
          maxClientConnections: 26,
          orphans: 0, // client_connection_check_interval is set
        },
      },
    })
    // A process: 2 pools × (5 + 3) = 16, of which max_db_connections leaves 6. Four of them 24, in a deploy six 36.
    expect([check.total, check.deploy.total, check.usable]).toEqual([24, 36, 47])
    // The clients: 10 × 4 + 2 × 1 = 42, in a deploy 20 × 4 + 2 = 82 of floor(80 % of 4 × 26 = 104) = 83.
    expect(check.poolers?.["pgbouncer"]?.clients).toEqual({
      total: 42,
      capacity: 83,
      fits: true,
      deploy: { total: 82, fits: true },
    })
    expect(check.fits && check.deploy.fits).toBe(true)
    expect(check.arithmetic).toContain(
      "pgbouncer, one process = 2 pools × (5 + 3 in reserve) = 16, capped at 6",
    )
  })

  test("a list of pools with sizes of their own, caps by database and by user, and a pool for auth_query", () => {
    const listed = (fields: Partial<Pooler>) =>
      checkFleet({
        maxConnections: 300,
        consumers: { api: { instances: 4, poolSize: 9, pooler: "pgbouncer" } },
        poolers: {
          pgbouncer: {
            instances: 2,
            surge: 1,
            poolSize: 10,
            reservePoolSize: 1,
            pools: [
              { database: "core", user: "app", poolSize: 20, maxDbConnections: 30, maxUserConnections: 25 },
              { database: "core", user: "report", poolSize: 5, reservePoolSize: 2 },
              { database: "analytics", user: "app" },
            ],
            authUser: "lookup",
            maxClientConnections: 100,
            ...fields,
          },
        },
      }).poolers?.["pgbouncer"]
    // core: app 21 + report 7 + lookup 11 = 39, capped at 30. analytics: app 11 + lookup 11 = 22. Together 52.
    // By user: app 21 + 11 = 32, capped at 25; report 7; lookup 22. Together 54, which is more.
    // 2 × 52 = 104 and 3 × 52 = 156, with the 9 connections of one instance.
    expect(listed({})).toMatchObject({ total: 113, orphans: 9, deploy: { total: 165, orphans: 9 } })
    // auth_dbname leaves analytics 11: 41. By user 25 + 7 + 11 = 43.
    expect(listed({ authDbname: "core" })).toMatchObject({ total: 91, deploy: { total: 132 } })
    // In an entry of its own, its 11 are no longer under the cap of core: min(28, 30) + 11 + 11 = 50. By user 43 still.
    expect(listed({ authDbname: "postgres" })).toMatchObject({ total: 95, deploy: { total: 138 } })
    // One that is in the list already has no further pool.
    expect(listed({ authUser: "app" })).toEqual(listed({ authUser: "app", authDbname: "core" }))
  })

  test("two poolers beside a budget, jobs behind one of them, and a limit of the role", () => {
    const check = checkFleet({
      maxConnections: 200,
      limits: { role: 127 },
      consumers: {
        live: { poolSize: "auto", budget: 40, instances: 3, surge: 3 },
        api: { instances: 6, poolSize: 5, poolsPerInstance: 2, surge: 6, pooler: "fast" },
      },
      jobs: [{ name: "import", concurrent: 3, poolSize: 4, pooler: "batch" }],
      poolers: {
        fast: { instances: 1, surge: 1, poolSize: 30, maxClientConnections: 150 },
        batch: { instances: 1, poolSize: 8, reservePoolSize: 2, maxClientConnections: 100 },
      },
    })
    // live: a budget of 40 + 3 logins, in a deploy + 6. fast: 30 + the 2 × 5 of one instance, in a deploy 60 + 10.
    // batch: 8 + 2, and the 4 of one run. 43 + 40 + 14 = 97, and 46 + 70 + 14 = 130.
    expect([check.total, check.deploy.total]).toEqual([97, 130])
    // Logins do not count against the limit: 97 − 3 = 94, and 130 − 6 = 124 of 127.
    expect(check.bounds.find(({ name }) => name === "role")).toMatchObject({
      total: 94,
      deploy: { total: 124 },
    })
    // The clients: 6 × 2 × 5 = 60 and 120 of 120; 3 runs × 4 = 12 of 80.
    expect(check.poolers?.["fast"]?.clients).toMatchObject({
      total: 60,
      capacity: 120,
      deploy: { total: 120 },
    })
    expect(check.poolers?.["batch"]?.clients).toMatchObject({
      total: 12,
      capacity: 80,
      deploy: { total: 12 },
    })
    expect(check.poolers?.["batch"]?.jobs).toMatchObject({ runs: 3, connections: 12 })
    expect(check.jobs).toMatchObject({ runs: 0, connections: 0 })
    expect(check.tiers?.map(({ name }) => name)).toEqual(["poolers.fast", "server", "poolers.batch"])
    // The role's limit is fuller than the server: 124 of 127.
    expect(check.tiers?.[1]).toMatchObject({ limit: 127, total: 94 })
  })
})

describe("each tier has a verdict of its own", () => {
  test("one client too many in a deploy", () => {
    const check = withPooler({ maxClientConnections: 499 })
    // 80 % of 499 are 399.
    expect(check).toMatchObject({ fits: true, deploy: { fits: false }, bindingTier: "poolers.pgbouncer" })
    expect(check.tiers).toMatchObject([{ fits: true, deploy: { fits: false } }, { deploy: { fits: true } }])
    expect(check.nextSteps).toEqual([
      "Clients of pgbouncer: 1 too many during a deploy: 400 of 399, 80 % of 1 × 499 max_client_conn",
      "Clients of pgbouncer: raise its maxClientConnections from 499 to 500",
      "Clients of pgbouncer: change api alone: a poolSize of 4 instead of 5, or 39 instances and a surge of 39 instead of 40, or a surge of 39 instead of 40",
    ])
  })

  test("one client too many, deploy or not", () => {
    // 80 % of 249 are 199.
    const check = withPooler({ maxClientConnections: 249 })
    expect(check).toMatchObject({ fits: false, deploy: { fits: false }, bindingTier: "poolers.pgbouncer" })
    expect(check.tiers).toMatchObject([{ fits: false, total: 200, limit: 199 }, { fits: true }])
    expect(check.nextSteps[0]).toBe(
      "Clients of pgbouncer: 1 too many: 200 of 199, 80 % of 1 × 249 max_client_conn, and 400 during a deploy",
    )
    expect(withPooler({ maxClientConnections: 250 }).fits).toBe(true)
  })

  test("one connection too many for the server", () => {
    // 10 + 2 + s + 5 = 97 with a pool of 80; steadily 95.
    expect(withPooler({ poolSize: 80 })).toMatchObject({ fits: true, deploy: { total: 97, fits: true } })
    const check = withPooler({ poolSize: 81 })
    expect(check).toMatchObject({ fits: true, deploy: { total: 98, fits: false } })
    expect(check.tiers?.find(({ name }) => name === "server")).toMatchObject({
      fits: true,
      deploy: { fits: false },
    })
    expect(check.nextSteps).toEqual([
      "1 too many during a deploy: 98 of 97 usable",
      "Lower every poolSize in proportion: migrate 1 instead of 2, pgbouncer 80 instead of 81",
      "Change pgbouncer alone: a poolSize of 80 instead of 81",
      "Change migrate alone: a poolSize of 1 instead of 2, or a surge of 0 instead of 1",
      "Raise max_connections from 100 to 101 for the deploy, if the server has the memory",
    ])
  })

  test("a deploy of the pooler itself", () => {
    const check = withPooler({ surge: 1 })
    // 10 + 2 + 2 × 60 + 5.
    expect(check).toMatchObject({ fits: true, deploy: { total: 137, fits: false } })
    expect(check.nextSteps).toContain(
      "Change pgbouncer alone: a poolSize of 40 instead of 60, or a surge of 0 instead of 1",
    )
    expect(withPooler({ surge: 1, poolSize: 40 }).deploy).toEqual({ total: 97, fits: true })
  })

  test("both, each with steps of its own", () => {
    const { nextSteps, fits, bindingTier } = withPooler({ poolSize: 90, maxClientConnections: 100 })
    expect(fits).toBe(false)
    // 400 of 80 are fuller than 107 of 97.
    expect(bindingTier).toBe("poolers.pgbouncer")
    expect(nextSteps[0]).toBe("8 too many: 105 of 97 usable, and 107 during a deploy")
    expect(nextSteps).toContain(
      "Clients of pgbouncer: 120 too many: 200 of 80, 80 % of 1 × 100 max_client_conn, and 400 during a deploy",
    )
  })

  test("fewer processes are proposed only where they take all clients", () => {
    const of = (maxClientConnections: number) =>
      withPooler({ instances: 2, poolSize: 45, maxClientConnections }).nextSteps.join("\n")
    expect(of(500)).toContain("a poolSize of 40 instead of 45, or 1 instance instead of 2")
    expect(of(499)).toContain("a poolSize of 40 instead of 45")
    expect(of(499)).not.toContain("1 instance")
  })
})

describe("backends without a client", () => {
  test("are as many as the largest instance or run has, and never more than the pooler opens", () => {
    expect(withPooler({}).poolers?.["pgbouncer"]?.orphans).toBe(5)
    expect(withPooler({ poolSize: 3 }).poolers?.["pgbouncer"]).toMatchObject({ orphans: 3, total: 6 })
    expect(withPooler({ orphans: 0 }).poolers?.["pgbouncer"]?.orphans).toBe(0)
    expect(withPooler({ orphans: 70 }).poolers?.["pgbouncer"]?.total).toBe(130)
  })

  test("are of a deploy alone where the largest instance is", () => {
    const consumers = {
      ...ONE_PROCESS.consumers,
      shell: { instances: 0, surge: 1, poolSize: 20, pooler: "pgbouncer" },
    }
    const check = checkFleet({ ...ONE_PROCESS, consumers })
    expect(check.poolers?.["pgbouncer"]).toMatchObject({ orphans: 5, deploy: { orphans: 20 } })
  })
})

test("what the pools are spread over is as much as it can be, unless it is said", () => {
  const capped = { poolSize: 10, pools: 4, maxDbConnections: 15, orphans: 0 }
  expect(withPooler(capped).poolers?.["pgbouncer"]?.total).toBe(40)
  expect(withPooler({ ...capped, databases: 2 }).poolers?.["pgbouncer"]?.total).toBe(30)
  // Two entries have one pool, and one has two: 10 + 10 + 15.
  expect(withPooler({ ...capped, databases: 3 }).poolers?.["pgbouncer"]?.total).toBe(35)
  const byUser = { poolSize: 10, pools: 4, maxUserConnections: 5, orphans: 0 }
  expect(withPooler(byUser).poolers?.["pgbouncer"]?.total).toBe(20)
  expect(withPooler({ ...byUser, users: 1 }).poolers?.["pgbouncer"]?.total).toBe(5)
  // auth_user has a pool in each of 4 entries, or of 2, or of one.
  expect(withPooler({ pools: 4, poolSize: 10, authUser: "a", orphans: 0 }).total).toBe(10 + 80)
  expect(withPooler({ pools: 4, poolSize: 10, databases: 2, authUser: "a", orphans: 0 }).total).toBe(10 + 60)
  expect(withPooler({ pools: 4, poolSize: 10, authUser: "a", authDbname: "b", orphans: 0 }).total).toBe(60)
})

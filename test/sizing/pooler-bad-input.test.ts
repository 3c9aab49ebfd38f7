import { describe, expect, test } from "vitest"
import { checkFleet, type Fleet, sizeFleet } from "../../src/sizing/index.ts"
import { badValues, names, refusal, title } from "../support/bad-values.ts"

const pooler = {
  instances: 1,
  minInstances: 1,
  surge: 1,
  pools: 2,
  databases: 1,
  users: 2,
  poolSize: 20,
  reservePoolSize: 5,
  maxDbConnections: 30,
  maxUserConnections: 30,
  maxClientConnections: 500,
  orphans: 3,
}
const fleet = {
  maxConnections: 100,
  consumers: { api: { instances: 1, poolSize: 5, pooler: "pgbouncer" } },
  poolers: { pgbouncer: pooler },
}
const refused = (given: unknown) => refusal(() => checkFleet(given as Fleet))
const withPooler = (fields: object) => refused({ ...fleet, poolers: { pgbouncer: { ...pooler, ...fields } } })
const { databases: _1, users: _2, ...unspread } = pooler
const withPools = (pools: unknown) => refused({ ...fleet, poolers: { pgbouncer: { ...unspread, pools } } })

describe.each(Object.keys(pooler))("the %s of a pooler", (field) => {
  const path = `poolers.pgbouncer.${field}`
  // A list of pools is not a number of them, and has messages of its own.
  const bad = badValues.filter((value) => field !== "pools" || !Array.isArray(value))

  test.each(bad.map((value) => [title(value), value]))("is refused when it is %s", (_, value) => {
    expect(names(withPooler({ [field]: value }))).toContain(path)
  })

  test("is refused above its range", () => {
    expect(names(withPooler({ [field]: 1_000_001 }))).toContain(path)
  })
})

describe("what is missing", () => {
  test("is an error where no default is right", () => {
    expect(names(refused({ ...fleet, poolers: { pgbouncer: {} } }))).toEqual([
      "poolers.pgbouncer.instances",
      "poolers.pgbouncer.poolSize",
      "poolers.pgbouncer.maxClientConnections",
    ])
  })

  test("is solved for by sizeFleet, but for the processes", () => {
    const open = (fields: object) => ({ ...fleet, poolers: { pgbouncer: fields } }) as Fleet
    expect(names(refusal(() => sizeFleet(open({}))))).toEqual(["poolers.pgbouncer.instances"])
    expect(sizeFleet(open({ instances: 1 })).fits).toBe(true)
  })
})

/** A pooler, or a fleet, and the whole message. */
const MESSAGES: readonly (readonly [string, unknown, string])[] = [
  [
    "more processes at the least than there are",
    { minInstances: 2 },
    "poolers.pgbouncer.minInstances: received 2, but there are 1 processes (instances). Give the most processes as instances, or at most 1 as minInstances.",
  ],
  [
    "a pool size of 0",
    { poolSize: 0 },
    "poolers.pgbouncer.poolSize: received 0, which is unlimited in PgBouncer 1.24 and later, and no connection at all before. Give PgBouncer's default_pool_size, a whole number from 1 to 10000.",
  ],
  [
    "more databases than pools",
    { databases: 3 },
    "poolers.pgbouncer.databases: received 3, but there are 2 pools (pools). Give pools, the pairs of a database entry and a user, or at most 2 databases.",
  ],
  [
    "more users than pools",
    { users: 4 },
    "poolers.pgbouncer.users: received 4, but there are 2 pools (pools). Give pools, the pairs of a database entry and a user, or at most 2 users.",
  ],
  [
    "more pools than there can be pairs",
    { pools: 7, databases: 2, users: 3 },
    "poolers.pgbouncer.pools: received 7, but 2 databases and 3 users have 6 pairs. Give at most 6 pools, or more databases or users.",
  ],
  [
    "auth_dbname alone",
    { authDbname: "auth" },
    "poolers.pgbouncer.authDbname: has no effect without authUser. Give both, or leave it out.",
  ],
  [
    "a blank auth_user",
    { authUser: " " },
    'poolers.pgbouncer.authUser: received " ". Give the name of PgBouncer\'s auth_user.',
  ],
  [
    "statement mode",
    { poolMode: "statement" },
    'poolers.pgbouncer.poolMode: received "statement". Give transaction or session.',
  ],
  [
    "PgBouncer's own name of a setting",
    { default_pool_size: 20 },
    "poolers.pgbouncer.default_pool_size: is not a known field. Use instances, minInstances, surge, pools, databases, users, reservePoolSize, maxDbConnections, maxUserConnections, poolMode, authUser, authDbname, orphans, poolSize, maxClientConnections.",
  ],
]

describe("a pooler is refused, with a reason and a remedy:", () => {
  test.each(MESSAGES)("%s", (_, fields, message) => {
    expect(withPooler(fields as object).message).toBe(message)
  })
})

const app = { database: "core", user: "app" }

describe("a list of pools is refused, with a reason and a remedy:", () => {
  test.each<readonly [string, unknown, string]>([
    ["an empty one", [], "poolers.pgbouncer.pools: has no pool. Give at least one."],
    [
      "a pool without a user",
      [{ database: "core" }],
      "poolers.pgbouncer.pools[0].user: missing. Give the name of a user.",
    ],
    [
      "a pair that is there twice",
      [app, { ...app, poolSize: 3 }],
      'poolers.pgbouncer.pools[1]: has database "core" and user "app", as pools[0]. Give every pair once.',
    ],
    [
      "two caps of one entry",
      [
        { ...app, maxDbConnections: 5 },
        { ...app, user: "b", maxDbConnections: 6 },
      ],
      'poolers.pgbouncer.pools[1].maxDbConnections: received 6, but database "core" has 5 in another pool. Give the same for every pool of one database.',
    ],
    [
      "two caps of one user",
      [
        { ...app, maxUserConnections: 5 },
        { ...app, database: "b", maxUserConnections: 0 },
      ],
      'poolers.pgbouncer.pools[1].maxUserConnections: received 0, but user "app" has 5 in another pool. Give the same for every pool of one user.',
    ],
    [
      "a pool of 0",
      [{ ...app, poolSize: 0 }],
      "poolers.pgbouncer.pools[0].poolSize: received 0, which is unlimited in PgBouncer 1.24 and later, and no connection at all before. Give PgBouncer's default_pool_size, a whole number from 1 to 10000.",
    ],
  ])("%s", (_, pools, message) => {
    expect(withPools(pools).message).toBe(message)
  })

  test("beside what it says itself", () => {
    expect(names(withPooler({ pools: [app] }))).toEqual([
      "poolers.pgbouncer.databases",
      "poolers.pgbouncer.users",
    ])
  })
})

describe("the names of poolers", () => {
  test("that are not there, in consumers and jobs", () => {
    const consumers = { ...fleet.consumers, worker: { instances: 1, poolSize: 1, pooler: "pgbuoncer" } }
    const jobs = [{ name: "import", poolSize: 1, pooler: "other" }]
    expect(
      refused({ ...fleet, consumers, jobs }).message,
    ).toBe(`consumers.worker.pooler: received "pgbuoncer", which is not under poolers. Give one of "pgbouncer", or leave it out for a connection straight to the server.
jobs.import.pooler: received "other", which is not under poolers. Give one of "pgbouncer", or leave it out for a connection straight to the server.`)
    expect(refused({ maxConnections: 100, consumers: fleet.consumers }).message).toBe(
      'consumers.api.pooler: received "pgbouncer", which is not under poolers. Declare it under poolers, or leave it out for a connection straight to the server.',
    )
  })

  test("that nothing has", () => {
    expect(refused({ ...fleet, consumers: {} }).message).toBe(
      'poolers.pgbouncer: has no consumer or job behind it. Give pooler "pgbouncer" to each that connects through it, or leave it out.',
    )
  })

  test("belong to one server", () => {
    const replica = { maxConnections: 50, consumers: fleet.consumers }
    expect(names(refused({ servers: { primary: fleet, replica } }))).toEqual([
      "servers.replica.consumers.api.pooler",
    ])
  })
})

test("auto is refused behind a pooler, whose sessions its pools would count", () => {
  const consumers = { api: { instances: 1, poolSize: "auto", budget: 20, pooler: "pgbouncer" } }
  expect(refused({ ...fleet, consumers }).message).toBe(
    "consumers.api.poolSize: cannot be \"auto\" behind a pooler: its pools count the server's sessions, which are the pooler's. Give a number, or leave out pooler.",
  )
})

import { describe, expect, test } from "vitest"
import { buildReport } from "../../src/monitor/inspect/build-report.ts"
import type { ConnectionGroup, InspectionRow } from "../../src/monitor/inspect/inspection-row.ts"

// What no server on this machine can be brought to say: hours of age, other addresses, Amazon's settings.

const group = (fields: Partial<ConnectionGroup>): ConnectionGroup => ({
  database: "core",
  user: "app",
  application: "api",
  client: "10.0.0.1",
  state: "idle",
  hidden: false,
  own: false,
  connections: 1,
  oldest: 5,
  onLocks: 0,
  onClient: 0,
  ...fields,
})

const HOUR = 3600

const report = (fields: Partial<InspectionRow>) =>
  buildReport(
    {
      version: "18.4",
      versionNumber: 180004,
      sharedBuffers: "128MB",
      sharedBuffersBytes: 2 ** 27,
      isReplica: false,
      maxConnections: 100,
      superuserReserved: 3,
      reservedConnections: 0,
      providerReserved: 0,
      pid: 1,
      database: "core",
      role: "app",
      isSuperuser: false,
      mayUseReserved: false,
      seesEverything: true,
      databaseLimit: -1,
      roleLimit: -1,
      rowsOfDatabase: 0,
      groups: [],
      databaseLimits: {},
      roleLimits: {},
      superusers: [],
      longestQuery: null,
      longestIdleInTransaction: null,
      blocked: [],
      blockers: [],
      ...fields,
    },
    undefined,
  )

describe("usable slots", () => {
  test("what Amazon keeps is kept from ordinary roles too", () => {
    const { usable } = report({ maxConnections: 112, reservedConnections: 2, providerReserved: 4 })
    expect(usable).toBe(112 - 3 - 2 - 4)
  })

  test("fewer than none are none, and all of them taken", () => {
    const { usable, free, percent } = report({
      maxConnections: 5,
      reservedConnections: 4,
      groups: [group({})],
    })
    expect({ usable, free, percent }).toEqual({ usable: 0, free: 0, percent: 100 })
  })

  test("the limit that is used most comes first, not the one with the fewest left", () => {
    const groups = [group({ connections: 80, user: "other" }), group({ connections: 2 })]
    expect(report({ groups, roleLimit: 10 }).limits).toEqual([
      { name: "maxConnections", limit: 97, used: 82, free: 15, percent: 84.54 },
      { name: "role", limit: 10, used: 2, free: 8, percent: 20 },
    ])
    expect(report({ groups, roleLimit: 2 }).binding).toBe("role")
  })

  test("of limits that are equally used the server's comes first; a limit of 0 is used up", () => {
    const groups = [group({ connections: 97 })]
    expect(report({ groups, databaseLimit: 97, roleLimit: 97 }).binding).toBe("maxConnections")
    expect(report({ roleLimit: 0 }).limits[0]).toEqual({
      name: "role",
      limit: 0,
      used: 0,
      free: 0,
      percent: 100,
    })
  })

  test("the document's percentage has two decimals, as its own query", () => {
    expect(report({ maxConnections: 300, rowsOfDatabase: 100 }).naivePercent).toBe(33.33)
  })
})

describe("two generations of one application", () => {
  test("by the versions in its name, the oldest first, and one of three names alone is none", () => {
    const groups = [
      group({ application: "api@b2c3", oldest: 30, connections: 2 }),
      group({ application: "api@a1b2", oldest: HOUR, connections: 3 }),
      group({ application: "api@a1b2", oldest: 2 * HOUR, state: "active" }),
      group({ application: "job@a1b2", oldest: HOUR }),
      group({ application: "@scope/tool", oldest: HOUR }),
    ]
    expect(report({ groups }).deploys).toEqual([
      {
        application: "api",
        by: "version",
        generations: [
          { names: ["api@a1b2"], connections: 4, oldestSeconds: 2 * HOUR },
          { names: ["api@b2c3"], connections: 2, oldestSeconds: 30 },
        ],
      },
    ])
  })

  test("without versions, by addresses that appeared in the last ten minutes beside older ones", () => {
    const groups = [
      group({ client: "10.0.0.1", oldest: HOUR, connections: 5 }),
      // An instance that replaced most of its connections is still an old one.
      group({ client: "10.0.0.1", oldest: 10, state: "active" }),
      group({ client: "10.0.0.7", oldest: 40, connections: 2 }),
      group({ client: "10.0.0.6", oldest: 30 }),
      group({ application: "metabase", client: "10.0.0.9", oldest: HOUR }),
      group({ application: "new", client: "10.0.0.9", oldest: 20 }),
      group({ application: "", client: "10.0.0.9", oldest: 20 }),
      group({ application: "", client: "10.0.0.8", oldest: HOUR }),
    ]
    expect(report({ groups }).deploys).toEqual([
      {
        application: "api",
        by: "client",
        generations: [
          { names: ["10.0.0.1"], connections: 6, oldestSeconds: HOUR },
          { names: ["10.0.0.6", "10.0.0.7"], connections: 3, oldestSeconds: 40 },
        ],
      },
    ])
  })

  test("not of what may not be looked into", () => {
    const hidden = { hidden: true, client: null, state: null, oldest: null }
    const groups = [group({ ...hidden, application: "api@1" }), group({ ...hidden, application: "api@2" })]
    expect(report({ groups, seesEverything: false }).deploys).toEqual([])
  })
})

describe("names and ages", () => {
  test("a connection that is logging in has neither database nor user, and is counted", () => {
    const starting = { database: null, user: null, application: "", client: null, state: "starting" }
    const { connections, states, databases } = report({ groups: [group(starting)] })
    expect(connections).toBe(1)
    expect(states.other).toBe(1)
    expect(databases).toMatchObject([{ name: null, connections: 1 }])
  })

  test("names are names, whatever they are", () => {
    const groups = [group({ user: "__proto__" }), group({ user: "constructor" }), group({ user: "é 🐘" })]
    const { users } = report({ groups, roleLimits: { "é 🐘": 4 } })
    expect(users.map(({ name, limit }) => [name, limit])).toEqual([
      ["__proto__", undefined],
      ["constructor", undefined],
      ["é 🐘", 4],
    ])
  })

  test("a clock that was set back makes nothing younger than now", () => {
    expect(report({ groups: [group({ oldest: -50 })] }).applications[0]?.oldestSeconds).toBe(0)
  })
})

describe("pools whose size is auto", () => {
  const auto = (application: string, fields: Partial<ConnectionGroup> = {}) =>
    group({ application, oldest: 2 * HOUR, ...fields })

  test("are one application, whatever their ids; a # that is no id is part of the name", () => {
    const groups = [
      auto("api@1.4.2#k3f9ab", { connections: 4 }),
      auto("api@1.4.2#000zzz", { connections: 2, state: "active" }),
      auto("api@1.4.2"),
      ...["job#42", "job#k3f9aB", "job#k3f9abc", "job#k3f9ab@1", "#k3f9ab"].map((name) => auto(name)),
    ]
    const { applications, deploys } = report({ groups })
    expect(applications.map(({ name, connections, pools }) => [name, connections, pools])).toEqual([
      ["api@1.4.2", 7, 2],
      ["#k3f9ab", 1, undefined],
      ["job#42", 1, undefined],
      ["job#k3f9aB", 1, undefined],
      ["job#k3f9ab@1", 1, undefined],
      ["job#k3f9abc", 1, undefined],
    ])
    expect(applications[0]?.shares).toEqual([{ user: "app", database: "core", connections: 7 }])
    expect(deploys).toEqual([])
  })

  test("of two versions are a deploy, by the versions", () => {
    const groups = [auto("api@1#k3f9ab"), auto("api@1#000zzz"), auto("api@2#b2c3d4", { oldest: 30 })]
    expect(report({ groups }).deploys).toEqual([
      {
        application: "api",
        by: "version",
        generations: [
          { names: ["api@1"], connections: 2, oldestSeconds: 2 * HOUR },
          { names: ["api@2"], connections: 1, oldestSeconds: 30 },
        ],
      },
    ])
  })

  test("share within one role, and the limits of the role and of their databases are theirs", () => {
    const groups = [
      auto("api@1#k3f9ab", { connections: 3 }),
      auto("api@2#000zzz", { database: "billing", connections: 2 }),
      auto("psql", { connections: 4 }),
      auto("api@1#b2c3d4", { user: "batch" }),
      auto("api@1#c3d4e5", { user: "postgres", database: "billing", connections: 2 }),
    ]
    const limits = {
      roleLimits: { app: 60, other: 1 },
      databaseLimits: { billing: 12 },
      superusers: ["postgres"],
    }
    expect(report({ groups, ...limits }).autoServices).toEqual([
      {
        name: "api",
        role: "app",
        isSuperuser: false,
        pools: 2,
        connections: 5,
        limits: [
          { name: "database", owner: "billing", limit: 12, used: 4 },
          { name: "role", owner: "app", limit: 60, used: 9 },
        ],
      },
      { name: "api", role: "postgres", isSuperuser: true, pools: 1, connections: 2, limits: [] },
      { name: "api", role: "batch", isSuperuser: false, pools: 1, connections: 1, limits: [] },
    ])
    expect(report({ groups: [auto("api"), auto("job#42")] }).autoServices).toEqual([])
  })
})

test("a chain of blockers: who waits for nobody is the root, and a prepared transaction is 0", () => {
  const session = {
    type: "client backend",
    application: "api",
    user: "app",
    database: "core",
    client: null,
    startedAt: null,
    mayEnd: false,
  }
  const row = (pid: number) => ({ ...session, pid, state: "active", seconds: 1, transaction: 2 })
  const { blocked, blockers } = report({
    blocked: [
      { ...row(2), blockedBy: [1, 1] },
      { ...row(3), blockedBy: [1, 2] },
      { ...row(4), blockedBy: [0] },
    ],
    blockers: [
      { ...row(2), waits: true },
      { ...row(1), waits: false },
      // It waits, and for whom is beyond what the query asks.
      { ...row(9), waits: true },
    ],
  })
  expect(blocked.map(({ pid, blockedBy }) => [pid, blockedBy])).toEqual([
    [2, [1]],
    [3, [1, 2]],
    [4, [0]],
  ])
  expect(blockers.map(({ pid, blocks, isRoot, frees }) => [pid, blocks, isRoot, frees])).toEqual([
    [1, 2, true, 2],
    [2, 1, false, 0],
    [9, 0, false, 0],
  ])
})

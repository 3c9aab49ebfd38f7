import { describe, expect, test } from "vitest"
import { attributionOf, type DeclaredFleet } from "../../src/monitor/inspect/attribution.ts"
import { buildReport } from "../../src/monitor/inspect/build-report.ts"
import type { ConnectionGroup, InspectionRow } from "../../src/monitor/inspect/inspection-row.ts"
import { judgeDeploy } from "../../src/monitor/inspect/preflight.ts"
import { checkFleet, type Fleet, type Limits } from "../../src/sizing/index.ts"

const group = (application: string, connections: number, more: Partial<ConnectionGroup> = {}) => ({
  database: "core",
  user: "app",
  application,
  client: "10.0.0.1",
  state: "idle",
  hidden: false,
  own: false,
  connections,
  oldest: 5,
  onLocks: 0,
  onClient: 0,
  ...more,
})

const ROW: InspectionRow = {
  version: "18.4",
  versionNumber: 180004,
  sharedBuffers: "128MB",
  sharedBuffersBytes: 2 ** 27,
  isReplica: false,
  maxConnections: 100,
  superuserReserved: 3,
  reservedConnections: 2,
  providerReserved: 1,
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
}

const consumers = {
  api: { instances: 2, poolSize: 5, surge: 2 },
  worker: { instances: 1, poolSize: 3 },
}
const jobs = [{ name: "import", concurrent: 1, poolSize: 4 }]
const reserved = { metabase: 10, admin: 1 }

/** A deploy of 10 + 3 + 4, ten more of the API while it rolls, and 11 outside the fleet. */
function judged(row: Partial<InspectionRow>, limits: Limits = {}, declared: Fleet["consumers"] = consumers) {
  const fleet: DeclaredFleet = {
    maxConnections: 100,
    reserved,
    check: checkFleet({ maxConnections: 100, reserved, limits, consumers: declared, jobs }),
    jobs: jobs.map(({ name }) => name),
    applications: {},
    roles: {},
  }
  const { role, roleLimit, isSuperuser, databaseLimit } = { ...ROW, ...row }
  const limitsOfServer = {
    roleLimits: roleLimit < 0 || isSuperuser ? {} : { [role]: roleLimit },
    databaseLimits: databaseLimit < 0 ? {} : { core: databaseLimit },
  }
  const report = buildReport({ ...ROW, ...limitsOfServer, ...row }, undefined)
  return judgeDeploy(report, attributionOf(report, fleet), fleet)
}

describe("the server's slots", () => {
  test("are Σ max(declared, seen) + undeclared + surge, of what is left to ordinary roles", () => {
    const groups = [group("api", 12), group("psql", 3), group("metabase", 1), group("prisma-pool-config", 1)]
    const parts = { held: 12 + 3 + 4 + 11, undeclared: 3, surge: 10 }
    const server = {
      name: "maxConnections",
      source: "server",
      limit: 94,
      total: 33,
      deploy: { total: 43 },
      grows: [
        { name: "api", kind: "consumer" },
        { name: "worker", kind: "consumer" },
        { name: "jobs", kind: "jobs" },
      ],
      ...parts,
    }
    expect(judged({ groups })).toEqual({
      fits: true,
      binding: "maxConnections",
      bounds: [server],
      usable: 94,
      total: 43,
      ...parts,
    })
  })

  test("are the same for who may take more of them: the fleet is an ordinary role", () => {
    expect(judged({ isSuperuser: true, mayUseReserved: true }).usable).toBe(94)
  })

  test("are enough when the last one is taken, and not for one more", () => {
    const total = 17 + 11 + 10
    const withSlots = (slots: number) => judged({ maxConnections: 6 + slots })
    expect(withSlots(total)).toMatchObject({ fits: true, total, usable: total })
    expect(withSlots(total - 1)).toMatchObject({ fits: false, total, usable: total - 1 })
  })
})

describe("a CONNECTION LIMIT of the server", () => {
  test.each([
    ["role", { roleLimit: 20 }],
    ["database", { databaseLimit: 20 }],
  ] as const)("of the %s is judged, though every slot is free", (name, row) => {
    const { fits, binding, bounds, usable, total } = judged(row)
    expect({ fits, binding, usable, total }).toEqual({ fits: false, binding: name, usable: 94, total: 38 })
    // What is reserved outside the fleet has a role, and perhaps a database, of its own.
    expect(bounds).toMatchObject([
      { name, source: "server", limit: 20, total: 17, deploy: { total: 27 } },
      { name: "maxConnections", limit: 94, total: 28, deploy: { total: 38 } },
    ])
    expect(judged({ ...row, databaseLimit: name === "database" ? 27 : -1, roleLimit: -1 }).fits).toBe(true)
  })

  test("of 0 is a limit, and -1 is none", () => {
    expect(judged({ roleLimit: 0 })).toMatchObject({ fits: false, binding: "role" })
    expect(judged({ roleLimit: -1, databaseLimit: -1 }).bounds).toHaveLength(1)
  })

  test("counts what is seen of that database or role, whoever's it is", () => {
    const groups = [
      group("api", 4),
      group("psql", 2),
      group("psql", 3, { user: "owner" }),
      group("psql", 5, { database: "other" }),
      group("metabase", 1),
      group("metabase", 2, { user: "metabase" }),
    ]
    const { bounds } = judged({ groups, databaseLimit: 50, roleLimit: 50 })
    expect(bounds.find(({ name }) => name === "database")).toMatchObject({
      held: 17 + 3,
      undeclared: 5,
      surge: 10,
    })
    expect(bounds.find(({ name }) => name === "role")).toMatchObject({
      held: 17 + 1,
      undeclared: 7,
      surge: 10,
    })
  })

  test("counts what is in use there where that is more than what is declared", () => {
    const groups = [group("api", 15), group("api", 1, { user: "owner" })]
    const { bounds } = judged({ groups, roleLimit: 90 })
    expect(bounds.find(({ name }) => name === "role")?.held).toBe(15 + 3 + 4)
    expect(bounds.find(({ name }) => name === "maxConnections")?.held).toBe(16 + 3 + 4 + 11)
  })

  test("does not count a consumer that is seen with another role: as when a monitoring role looks", () => {
    const groups = [
      group("api", 8),
      group("worker", 3),
      group("import", 1),
      group("grafana", 2, { user: "mon" }),
    ]
    expect(judged({ groups, role: "mon", roleLimit: 3 })).toMatchObject({
      fits: true,
      binding: "role",
      bounds: [{ held: 0, undeclared: 2, surge: 0, limit: 3 }, { name: "maxConnections" }],
    })
    // A job that is not running may have that role.
    expect(judged({ groups: groups.slice(0, 2), role: "mon", roleLimit: 3 })).toMatchObject({
      fits: false,
      bounds: [{ held: 4, surge: 0 }, { name: "maxConnections" }],
    })
  })

  test("of a role does not hold for a superuser; that of the database is the fleet's all the same", () => {
    expect(judged({ isSuperuser: true, roleLimit: 5, databaseLimit: 20 })).toMatchObject({
      fits: false,
      binding: "database",
      bounds: [{ name: "database" }, { name: "maxConnections" }],
    })
  })
})

describe("a limit that is declared", () => {
  test("counts where the server has none, and where the server's is higher", () => {
    const declared = { source: "declaration", limit: 20, deploy: { total: 27 } }
    const ofServer = { source: "server", name: "role", owner: "app", limit: 40 }
    for (const [roleLimit, others] of [
      [-1, []],
      [40, [ofServer]],
    ] as const) {
      expect(judged({ roleLimit }, { role: 20 })).toMatchObject({
        fits: false,
        binding: "role",
        bounds: [declared, ...others, { name: "maxConnections" }],
      })
    }
    expect(judged({ roleLimit: 20 }, { role: 40 }).bounds[0]).toMatchObject({ source: "server", limit: 20 })
  })

  test("is for consumers and jobs together, with whatever role they are seen; others count where the fleet is", () => {
    const groups = [group("api", 12), group("psql", 2)]
    expect(judged({ groups }, { role: 20 }).bounds[0]).toMatchObject({ held: 19, undeclared: 2, surge: 10 })
    const elsewhere = [group("api", 12), group("grafana", 2, { user: "mon" })]
    expect(judged({ groups: elsewhere, role: "mon" }, { role: 20 }).bounds[0]).toMatchObject({
      held: 19,
      undeclared: 0,
      surge: 10,
    })
  })
})

test("of bounds with as much room the server's slots come first", () => {
  const { bounds } = judged({ maxConnections: 6 + 38, databaseLimit: 27, roleLimit: 27 })
  expect(bounds.map(({ name }) => name)).toEqual(["maxConnections", "database", "role"])
})

test("the logins beside a budget take slots of the server, and count against no limit", () => {
  const shared = { api: { poolSize: "auto", budget: 20, instances: 3, surge: 2 } } as const
  const ofServer = { roleLimit: 24, databaseLimit: 24 }
  const { fits, bounds } = judged(ofServer, { role: 24 }, shared)
  expect(fits).toBe(true)
  expect(bounds.map(({ name, source, total, deploy }) => [name, source, total, deploy.total])).toEqual([
    ["database", "server", 24, 24],
    ["role", "server", 24, 24],
    ["role", "declaration", 24, 24],
    // With 11 outside the fleet, and a login for each instance.
    ["maxConnections", "server", 24 + 11 + 3, 24 + 11 + 5],
  ])
  expect(judged({ ...ofServer, roleLimit: 23 }, {}, shared).fits).toBe(false)
})

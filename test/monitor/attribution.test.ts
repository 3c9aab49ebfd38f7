import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { attributionOf, type DeclaredFleet } from "../../src/monitor/inspect/attribution.ts"
import type { ApplicationHolder, DatabaseReport } from "../../src/monitor/inspect/database-report.ts"
import { checkFleet } from "../../src/sizing/index.ts"

const STATES = { active: 0, idle: 0, idleInTransaction: 0, other: 0, unknown: 0 }
const NOBODY = {
  name: null,
  oldestSeconds: undefined,
  states: STATES,
}

function reportWith(applications: Readonly<Record<string, number>>, hidden = 0): DatabaseReport {
  const holders: ApplicationHolder[] = Object.entries(applications).map(([name, connections]) => ({
    name,
    connections,
    oldestSeconds: 1,
    states: STATES,
    shares: [{ user: "app", database: "core", connections }],
  }))
  const all =
    hidden > 0
      ? [
          ...holders,
          {
            ...NOBODY,
            connections: hidden,
            shares: [{ user: null, database: null, connections: hidden }],
          },
        ]
      : holders
  return {
    applications: all,
    ceiling: {
      maxConnections: 100,
      superuserReserved: 3,
      reservedConnections: 2,
      providerReserved: 1,
      databaseLimit: -1,
      roleLimit: -1,
    },
  } as unknown as DatabaseReport
}

const consumers = {
  "scaleway_container.api": { instances: 2, poolSize: 5, surge: 2 },
  'module.jobs.scaleway_container.worker["eu"]': { instances: 1, poolSize: 3 },
  metabase: { instances: 1, poolSize: 4 },
}
const jobs = [
  { name: 'scaleway_job_definition.jobs["talent"]', concurrent: 1, poolSize: 2 },
  { name: "import", concurrent: 1, poolSize: 2 },
]

const fleet = (more: Partial<DeclaredFleet> = {}): DeclaredFleet => ({
  maxConnections: 100,
  reserved: { Metabase: 10, admin: 1 },
  check: checkFleet({ maxConnections: 100, reserved: { admin: 1 }, consumers, jobs }),
  jobs: jobs.map(({ name }) => name),
  applications: {},
  roles: {},
  ...more,
})

const seen = (applications: Readonly<Record<string, number>>, more: Partial<DeclaredFleet> = {}) => {
  const { allocations, undeclared } = attributionOf(reportWith(applications), fleet(more))
  return {
    held: Object.fromEntries(
      allocations.filter((share) => share.seen > 0).map(({ name, seen: held }) => [name, held]),
    ),
    undeclared: undeclared.map(({ name }) => name),
  }
}

describe("an application is put to the account of", () => {
  test.each([
    ["the consumer of its name", "metabase", "metabase"],
    ["the last part of an address", "api", "scaleway_container.api"],
    ["the whole address", "scaleway_container.api", "scaleway_container.api"],
    ["the key of an address", "eu", 'module.jobs.scaleway_container.worker["eu"]'],
    ["a name with a version", "api@1.4.2", "scaleway_container.api"],
    ["a name in whatever case", "API", "scaleway_container.api"],
    ["all jobs together", "talent", "jobs"],
    ["all jobs together, by a plain name", "import", "jobs"],
    ["what is reserved", "Admin", "admin"],
  ])("%s", (_, application, name) => {
    expect(seen({ [application]: 2 })).toEqual({ held: { [name]: 2 }, undeclared: [] })
  })

  test("whomever the declaration names, the longest pattern first", () => {
    const applications = { "job-*": "import", "job-api-*": "scaleway_container.api", "api-*": "api" }
    expect(seen({ "job-x": 1, "job-api-1": 2, "api-production@2": 4 }, { applications })).toEqual({
      held: { jobs: 1, "scaleway_container.api": 6 },
      undeclared: [],
    })
  })

  test("nobody, and then it is named", () => {
    expect(seen({ psql: 1, "": 2, "prisma-pool-config": 1, "api-production": 1 })).toEqual({
      held: {},
      undeclared: ["", "psql", "api-production"],
    })
    const { undeclared } = attributionOf(reportWith({}, 3), fleet())
    expect(undeclared).toMatchObject([{ name: null, connections: 3 }])
  })
})

test("another ceiling than the server's is said", () => {
  const other = (more: Partial<DeclaredFleet>) => attributionOf(reportWith({}), fleet(more)).otherCeiling
  const withUsable = (usable: number) => ({ check: { ...fleet().check, usable } })
  // The server leaves 94 of 100.
  expect(other(withUsable(94))).toBeUndefined()
  expect(other(withUsable(95))).toEqual({ maxConnections: 100, usable: 95 })
  expect(other({ ...withUsable(94), maxConnections: 200 })).toEqual({ maxConnections: 200, usable: 94 })
  // Whoever declares fewer than there are is safe.
  expect(other(withUsable(50))).toBeUndefined()
  expect(other({ ...withUsable(1_000), maxConnections: undefined })).toBeUndefined()
})

test("no connection is lost, and none counts twice", () => {
  const name = fc.oneof(fc.constantFrom("api", "talent", "psql", "", "metabase", "admin@2"), fc.string())
  fc.assert(
    fc.property(fc.dictionary(name, fc.integer({ min: 1, max: 20 })), (applications) => {
      const { allocations, undeclared } = attributionOf(reportWith(applications), fleet())
      const own = applications["prisma-pool-config"] ?? 0
      const sum = [
        ...allocations.map((share) => share.seen),
        ...undeclared.map((holder) => holder.connections),
        own,
      ]
      expect(sum.reduce((total, held) => total + held, 0)).toBe(
        Object.values(applications).reduce((total, held) => total + held, 0),
      )
    }),
  )
})

test("sessions of what is behind a pooler are the pooler's, by application and by role", () => {
  const pooled = {
    maxConnections: 100,
    consumers: {
      api: { instances: 4, poolSize: 5, surge: 4, pooler: "pgbouncer" },
      worker: { instances: 1, poolSize: 3 },
    },
    jobs: [
      { name: "import", concurrent: 1, poolSize: 2, pooler: "pgbouncer" },
      { name: "report", concurrent: 1, poolSize: 1 },
    ],
    poolers: { pgbouncer: { instances: 1, surge: 1, poolSize: 10, maxClientConnections: 100 } },
  }
  const declared = {
    check: checkFleet(pooled),
    reserved: {},
    jobs: ["report"],
    jobsBehind: { import: "pgbouncer" },
    roles: { app: "api" },
  }
  const { allocations } = attributionOf(
    reportWith({ "api@1.2.0": 4, import: 2, pgbouncer: 1, "": 3, worker: 2, report: 1 }),
    fleet(declared),
  )
  const shown = allocations.map(({ name, kind, declared, declaredInDeploy, seen }) => [
    name,
    kind,
    declared,
    declaredInDeploy,
    seen,
  ])
  expect(shown).toEqual([
    ["worker", "consumer", 3, 3, 2],
    // A pool of 10, and the 5 of one instance of the API.
    ["pgbouncer", "pooler", 15, 25, 10],
    ["jobs", "jobs", 1, 1, 1],
  ])
})

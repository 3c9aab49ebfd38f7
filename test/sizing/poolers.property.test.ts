import fc from "fast-check"
import { expect, test } from "vitest"
import { mostInProcess } from "../../src/sizing/capped-pools.ts"
import {
  checkFleet,
  type Fleet,
  type FleetCheck,
  type OpenFleet,
  type Pooler,
  sizeFleet,
} from "../../src/sizing/index.ts"
import { type PoolsValues, poolsInProcess } from "../../src/sizing/pooler-pools.ts"
import { anyJob, nameJobs } from "../support/any-job.ts"
import { runs } from "../support/properties.ts"

const count = (most: number) => fc.integer({ min: 1, max: most })
const POOLERS = ["fast", "batch"] as const

const pool = fc.record({
  poolSize: fc.option(count(9), { nil: undefined }),
  reservePoolSize: fc.option(fc.nat(2), { nil: undefined }),
})

/** Each pair once, and no cap of their own: those of the pooler. */
const listed = fc.tuple(pool, pool, pool).map(([one, other, third]) => [
  { database: "core", user: "app", ...withoutAbsent(one) },
  { database: "core", user: "report", ...withoutAbsent(other) },
  { database: "analytics", user: "app", ...withoutAbsent(third) },
])

const spreads = fc.oneof(
  fc.record({ pools: listed }),
  fc
    .tuple(count(5), count(5), count(5))
    .map(([pools, databases, users]) => ({
      pools: Math.min(pools, databases * users),
      databases: Math.min(pools, databases * users, databases),
      users: Math.min(pools, databases * users, users),
    }))
    .filter(({ pools, databases, users }) => pools <= databases * users),
  fc.record({ pools: count(5) }),
)

const pooler: fc.Arbitrary<Pooler> = fc
  .record({
    spread: spreads,
    fixed: fc.record({
      instances: count(4),
      surge: fc.nat(4),
      poolSize: count(20),
      reservePoolSize: fc.nat(4),
      maxDbConnections: fc.constantFrom(0, 3, 10, 25),
      maxUserConnections: fc.constantFrom(0, 3, 10, 25),
      maxClientConnections: count(150),
    }),
    own: fc.record({ authUser: fc.constantFrom("lookup", "app"), orphans: fc.nat(10) }, { requiredKeys: [] }),
  })
  .map(({ spread, fixed, own }) => ({ ...spread, ...fixed, ...own }))

const consumer = fc.record(
  {
    instances: fc.nat(6),
    surge: fc.nat(6),
    poolSize: count(8),
    poolsPerInstance: count(2),
    pooler: fc.constantFrom(...POOLERS),
  },
  { requiredKeys: ["instances", "surge", "poolSize", "poolsPerInstance"] },
)

/** A consumer behind a pooler, so that it has something. */
const one = (pooler: string) => ({ instances: 1, surge: 0, poolSize: 2, poolsPerInstance: 1, pooler })

const fleets: fc.Arbitrary<Fleet> = fc
  .record({
    maxConnections: fc.integer({ min: 10, max: 400 }),
    role: fc.integer({ min: -1, max: 200 }),
    consumers: fc.dictionary(fc.constantFrom("api", "worker", "live"), consumer),
    poolers: fc.record({ fast: pooler, batch: pooler }),
  })
  .map(({ role, consumers, ...fleet }) => ({
    ...fleet,
    limits: { role },
    consumers: { ...consumers, first: one("fast"), last: one("batch") },
  }))

/** Calendars are swept for every sum: few of the fleets have jobs. */
const fleetsWithJobs: fc.Arbitrary<Fleet> = fc
  .record({
    fleet: fleets,
    jobs: fc.array(fc.tuple(anyJob, fc.record({ poolSize: count(4) })), { minLength: 1, maxLength: 3 }),
  })
  .map(({ fleet, jobs }) => ({
    ...fleet,
    jobs: nameJobs(jobs).map((job, index) => (index === 0 ? { ...job, pooler: "fast" } : job)),
  }))

function withoutAbsent<Fields extends object>(fields: Fields): { [name in keyof Fields]: never } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}

/** Every number that must not fall, and every verdict that must not get better, when something is added. */
function uses({ total, deploy, tiers = [], poolers = {}, fits }: FleetCheck): number[] {
  return [
    total,
    deploy.total,
    Number(!fits),
    Number(!deploy.fits),
    ...Object.values(poolers).flatMap((each) => [
      each.total,
      each.orphans,
      each.deploy.total,
      each.deploy.orphans,
      each.clients.total,
      each.clients.deploy.total,
    ]),
    ...["server", "poolers.fast", "poolers.batch"].flatMap((name) => {
      const tier = tiers.find((each) => each.name === name)
      return [Number(!tier?.fits), Number(!tier?.deploy.fits)]
    }),
  ]
}

function expectNoLess(before: FleetCheck, after: FleetCheck) {
  const [small, large] = [uses(before), uses(after)]
  expect(large.filter((use, index) => use < (small[index] ?? 0))).toEqual([])
}

const poolerOf = ({ poolers }: Fleet): Pooler => {
  const pooler = poolers?.["fast"]
  if (pooler === undefined) throw new Error("no pooler")
  return pooler
}

const changed = (fleet: Fleet, fields: Partial<Pooler>): Fleet => ({
  ...fleet,
  poolers: { ...fleet.poolers, fast: { ...poolerOf(fleet), ...fields } },
})

test("one client more, in any of the ways there are, makes no sum smaller and no verdict better", () => {
  fc.assert(
    fc.property(
      fleets,
      fc.constantFrom("instances", "surge", "poolSize", "poolsPerInstance"),
      fc.nat(),
      (fleet, field, at) => {
        const names = Object.keys(fleet.consumers)
        const name = names[at % names.length] ?? ""
        const own = fleet.consumers[name]
        if (own === undefined || own.poolSize === "auto") return
        const more = { ...own, [field]: (own[field] ?? 0) + 1 }
        expectNoLess(
          checkFleet(fleet),
          checkFleet({ ...fleet, consumers: { ...fleet.consumers, [name]: more } }),
        )
      },
    ),
    runs(200),
  )
})

test("one process, pool or connection more of a pooler makes no sum smaller, and no verdict on the server better", () => {
  fc.assert(
    fc.property(
      fleets,
      fc.constantFrom("surge", "poolSize", "reservePoolSize", "instances"),
      (fleet, field) => {
        const own = poolerOf(fleet)
        const more = changed(fleet, { [field]: (own[field] ?? 0) + 1 })
        // A further process takes further clients.
        const clients = field === "instances" ? { maxClientConnections: 1_000_000 } : {}
        expectNoLess(checkFleet(changed(fleet, clients)), checkFleet({ ...changed(more, clients) }))
      },
    ),
    runs(200),
  )
})

test("a cap, or a smaller spread, that goes lowers no sum", () => {
  fc.assert(
    fc.property(
      fleets,
      fc.constantFrom("maxDbConnections", "maxUserConnections", "databases", "users"),
      (fleet, field) => {
        const { [field]: _, ...own } = poolerOf(fleet)
        const without = { ...fleet, poolers: { ...fleet.poolers, fast: own } }
        expectNoLess(checkFleet(fleet), checkFleet(without))
      },
    ),
    runs(200),
  )
})

test("the sum is never above pools × size, nor above the caps", () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const { poolers = {} } = checkFleet(fleet)
      for (const [name, own] of Object.entries(fleet.poolers ?? {})) {
        const { instances, pools = 1, databases, users, authUser, poolSize, reservePoolSize = 0 } = own
        if (typeof pools !== "number" || authUser !== undefined) continue
        const most = Math.min(
          pools * (poolSize + reservePoolSize),
          own.maxDbConnections ? (databases ?? pools) * own.maxDbConnections : Number.POSITIVE_INFINITY,
          own.maxUserConnections ? (users ?? pools) * own.maxUserConnections : Number.POSITIVE_INFINITY,
        )
        const { total = 0, orphans = 0 } = poolers[name] ?? {}
        expect(total - orphans).toBeLessThanOrEqual(instances * most)
        if (pools % (databases ?? pools) === 0 && pools % (users ?? pools) === 0) {
          expect(total - orphans).toBe(instances * most)
        }
      }
    }),
    runs(200),
  )
})

test("a number of pools is the same as a list of as many, spread evenly", () => {
  const values = fc.record({
    pools: count(12),
    databases: count(5),
    users: count(5),
    reservePoolSize: fc.nat(3),
    maxDbConnections: fc.nat(30),
    maxUserConnections: fc.nat(30),
    auth: fc.constantFrom({}, { authUser: "lookup" }, { authUser: "lookup", authDbname: "other" }),
  })
  fc.assert(
    fc.property(values, count(12), ({ auth, pools, ...rest }, size) => {
      const databases = Math.min(pools, rest.databases)
      const users = Math.min(pools, rest.users)
      const counted: PoolsValues = { ...rest, ...auth, pools, databases, users }
      const list = Array.from({ length: pools }, (_, index) => ({
        database: `d${index % databases}`,
        user: `u${index % users}`,
        poolSize: undefined,
        reservePoolSize: undefined,
        maxDbConnections: undefined,
        maxUserConnections: undefined,
      }))
      const spelt: PoolsValues = { ...rest, ...auth, pools: list, databases: undefined, users: undefined }
      expect(mostInProcess(poolsInProcess(counted), size)).toBe(mostInProcess(poolsInProcess(spelt), size))
    }),
    runs(300),
  )
})

test("what sizeFleet plans, checkFleet accepts: with open pools, clients, or both", () => {
  const left = fc.subarray(["poolSize", "maxClientConnections", "clients"] as const)
  let fitting = 0
  const plan = (fleet: Fleet, open: readonly string[]) => {
    const without = (fields: object, names: readonly string[]) =>
      Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
    const opened = <Parts extends object>(parts: Parts, names: readonly string[]) =>
      Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, without(part, names)]))
    const sizes = open.includes("clients") ? ["poolSize"] : []
    const given = {
      ...fleet,
      consumers: opened(fleet.consumers, sizes),
      jobs: (fleet.jobs ?? []).map((job) => without(job, sizes)),
      poolers: opened(fleet.poolers ?? {}, open),
    } as unknown as OpenFleet
    const { fits, check, fleet: sized, shortfall, nextSteps } = sizeFleet(given)
    const again = checkFleet(sized)
    expect(again).toEqual(check)
    expect(fits).toBe(again.fits && again.deploy.fits && !again.alert)
    expect(shortfall > 0).toBe(!fits)
    expect(nextSteps.length > 0).toBe(!fits)
    fitting += Number(fits)
  }
  fc.assert(fc.property(fleets, left, plan), runs(200))
  fc.assert(fc.property(fleetsWithJobs, left, plan), runs(20))
  expect(fitting).toBeGreaterThan(20)
})

const number = (text: string, pattern: RegExp) => Number(text.match(pattern)?.[1])

test("every change to a pooler that is named is enough, and the next larger number is not", () => {
  let named = 0
  fc.assert(
    fc.property(fleets, (fleet) => {
      const now = checkFleet(fleet)
      const { nextSteps } = now
      const wants = (check: FleetCheck) => {
        const server = check.tiers?.find(({ name }) => name === "server")
        return server?.fits && server.deploy.fits && (!(now.fits && now.deploy.fits) || !check.alert)
      }
      const line = nextSteps.find((step) => step.startsWith("Change fast alone")) ?? ""
      for (const [field, pattern] of [
        ["poolSize", /a poolSize of (\d+)/],
        ["surge", /or a surge of (\d+)|alone: a surge of (\d+)/],
      ] as const) {
        const smaller = number(line, pattern)
        if (Number.isNaN(smaller)) continue
        named += 1
        expect(wants(checkFleet(changed(fleet, { [field]: smaller })))).toBe(true)
        expect(wants(checkFleet(changed(fleet, { [field]: smaller + 1 })))).toBe(false)
      }
      const clients = nextSteps.find((step) => step.startsWith("Clients of fast: raise")) ?? ""
      const most = number(clients, /to (\d+)$/)
      if (Number.isNaN(most)) return
      const fits = (maxClientConnections: number) => {
        const clients = checkFleet(changed(fleet, { maxClientConnections })).poolers?.["fast"]?.clients
        return clients?.fits && clients.deploy.fits
      }
      expect([fits(most), fits(most - 1)]).toEqual([true, false])
    }),
    runs(600),
  )
  expect(named).toBeGreaterThan(20)
})

test("the pooler that a next step names would do", () => {
  const wide = fc.record({
    maxConnections: fc.integer({ min: 7, max: 150 }),
    api: fc.record({ instances: count(200), surge: fc.nat(50), poolSize: count(30) }),
    worker: fc.record({ instances: count(60), poolSize: count(3), poolsPerInstance: count(3) }),
  })
  let named = 0
  fc.assert(
    fc.property(wide, ({ maxConnections, api, worker }) => {
      const { nextSteps } = checkFleet({ maxConnections, consumers: { api, worker } })
      const step = nextSteps.find((each) => each.startsWith("Even one")) ?? ""
      const [, ...found] =
        /poolSize (\d+) and maxClientConnections (\d+), and behind it a poolSize of api (\d+), worker (\d+)/.exec(
          step,
        ) ?? []
      if (found.length === 0) return
      named += 1
      const [poolSize = 0, maxClientConnections = 0, ofApi = 0, ofWorker = 0] = found.map(Number)
      const check = checkFleet({
        maxConnections,
        consumers: {
          api: { ...api, poolSize: ofApi, pooler: "pgbouncer" },
          worker: { ...worker, poolSize: ofWorker, pooler: "pgbouncer" },
        },
        poolers: { pgbouncer: { instances: 1, surge: 1, poolSize, maxClientConnections } },
      })
      expect(check).toMatchObject({ fits: true, deploy: { fits: true } })
      expect(ofApi).toBeLessThanOrEqual(api.poolSize)
    }),
    runs(150),
  )
  expect(named).toBeGreaterThan(30)
})

import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { budgetOf } from "../../src/pool/auto/budget.ts"
import { shareOf } from "../../src/pool/auto/share.ts"
import { runs } from "../support/properties.ts"
import { LONGEST_TRANSACTION_MS, type SimulatedPool, TICK_MS } from "./simulated-pool.ts"
import { Simulation, type Step } from "./simulation.ts"

/** A pool looks when a period is over and a connection comes back, or no later than after another one. */
const TWO_PERIODS_MS = 2 * 5_000 + LONGEST_TRANSACTION_MS + TICK_MS
/** A refused opening is tried again after at most this. */
const LONGEST_PAUSE_MS = 5_000
/** A quick period, beside callers that wait. */
const TWO_QUICK_PERIODS_MS = 2 * 1_000 + LONGEST_TRANSACTION_MS + TICK_MS
const MOST_CAP = 15

const settings = { budget: undefined, reserved: 0 }
const budget = (simulation: Simulation) => budgetOf(simulation.server.look(), settings)

/** What each pool would have if all had looked now. */
function trueShare(simulation: Simulation, pool: SimulatedPool): number {
  return shareOf(simulation.server.look(pool.id), { ...settings, cap: pool.cap }, 0).size
}

const limit = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 10, max: 60 }))
const millis = fc.integer({ min: 0, max: 15_000 })
const which = fc.nat(20)
const cap = fc.integer({ min: 1, max: MOST_CAP })
const demand = fc.oneof(fc.nat(2), fc.integer({ min: 0, max: 20 }))
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    millis,
    does: fc.constant("join" as const),
    count: fc.integer({ min: 1, max: 6 }),
    demand,
    cap,
  }),
  fc.record({ millis, does: fc.constantFrom("leave" as const, "freeze" as const, "thaw" as const), which }),
  fc.record({
    millis,
    does: fc.constant("kill" as const),
    which,
    endsAfter: fc.constantFrom(0, 1_000, 20_000),
  }),
  fc.record({ millis, does: fc.constant("demand" as const), which, demand }),
  fc.record({ millis, does: fc.constant("restart" as const) }),
  fc.record({ millis, does: fc.constant("strangers" as const), count: fc.nat(10) }),
  fc.record({ millis, does: fc.constant("limit" as const), limit }),
)
const fleet = fc.record({
  limit,
  seed: fc.nat(),
  steps: fc.array(step, { minLength: 1, maxLength: 15 }),
})

/** Fails where a pool has callers that wait, and something that it may take, for longer than two periods. */
class Coexistence {
  readonly #since = new Map<SimulatedPool, number>()
  longest = 0

  check(simulation: Simulation): void {
    const { shared, joining, used } = budget(simulation)
    for (const pool of simulation.pools) {
      const mayHave = pool.open < trueShare(simulation, pool) ? used < shared : used < shared - joining
      const misses = !pool.isFrozen && pool.waiting > 0 && pool.open < pool.cap && mayHave
      if (!misses) {
        this.#since.delete(pool)
        continue
      }
      const since = this.#since.get(pool) ?? simulation.now
      this.#since.set(pool, since)
      this.longest = Math.max(this.longest, simulation.now - since)
    }
  }
}

describe("whatever happens to a fleet", () => {
  test("the server never has more than its limit, nor a pool more than its cap", () => {
    fc.assert(
      fc.property(fleet, ({ limit, seed, steps }) => {
        const simulation = new Simulation(limit, seed)
        for (const each of steps) {
          simulation.do(each)
          // A limit that is lowered ends nothing.
          let most = Math.max(simulation.server.limit, simulation.server.backends.size)
          simulation.run(each.millis, () => {
            const { size } = simulation.server.backends
            expect(size).toBeLessThanOrEqual(most)
            most = Math.max(simulation.server.limit, size)
            for (const pool of simulation.pools) expect(pool.open).toBeLessThanOrEqual(pool.cap)
          })
        }
      }),
      runs(60),
    )
  })

  test("what is free and whoever waits for it are together for two looks at most", () => {
    fc.assert(
      fc.property(fleet, ({ limit, seed, steps }) => {
        const simulation = new Simulation(limit, seed)
        const coexistence = new Coexistence()
        for (const each of steps) {
          simulation.do(each)
          simulation.run(each.millis, () => coexistence.check(simulation))
        }
        // One after another, each with a tick to open and one to be seen.
        expect(coexistence.longest).toBeLessThanOrEqual(TWO_PERIODS_MS + 2 * TICK_MS * MOST_CAP)
      }),
      runs(60),
    )
  })

  test("it comes to even shares, which are within what is shared", () => {
    fc.assert(
      fc.property(fleet, ({ limit, seed, steps }) => {
        const simulation = new Simulation(limit, seed)
        for (const each of steps) {
          simulation.do(each)
          simulation.run(each.millis, () => {})
        }
        const { shared } = budget(simulation)
        const strangers = [...simulation.server.backends].filter(({ member }) => member === undefined).length
        simulation.pools = simulation.pools.filter((pool, index) => {
          pool.isFrozen = false
          pool.demand = MOST_CAP
          if (index < shared - strangers) return true
          pool.kill(simulation.now, 0)
          return false
        })
        simulation.run(60_000, () => {})
        simulation.run(10_000, () => {
          const { pools, server } = simulation
          expect(server.backends.size).toBeLessThanOrEqual(Math.max(shared, strangers))
          const sizes = pools.map((pool) => pool.share?.size ?? 0)
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(
            Math.max(0, shared - strangers),
          )
          for (const pool of pools) expect(pool.open).toBeGreaterThanOrEqual(trueShare(simulation, pool))
          expect(sizes).toEqual(pools.map((pool) => trueShare(simulation, pool)))
        })
      }),
      runs(60),
    )
  })

  test("a newcomer gets a connection, in rounds of as many as newcomers have slots", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 60 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(8),
        fc.nat(),
        (limit, before, newcomers, others, seed) => {
          const simulation = new Simulation(limit, seed)
          const { shared, joining } = budget(simulation)
          const strangers = Math.min(others, shared - 1)
          const incumbents = Math.min(before, shared - strangers - 1)
          const count = Math.min(newcomers, shared - strangers - incumbents)
          simulation.server.setStrangers(strangers)
          for (let i = 0; i < incumbents; i += 1) simulation.join(MOST_CAP, MOST_CAP)
          simulation.run(40_000, () => {})
          const joined = Array.from({ length: count }, () => simulation.join(MOST_CAP, MOST_CAP))
          const rounds = Math.ceil(count / joining)
          simulation.run(TWO_PERIODS_MS + rounds * (TWO_QUICK_PERIODS_MS + LONGEST_PAUSE_MS), () => {})
          for (const pool of joined) expect(pool.firstConnectionAt).toBeDefined()
        },
      ),
      runs(60),
    )
  })
})

describe("a fleet", () => {
  test("of three APIs beside twenty jobs has what the jobs leave, and no more than is shared", () => {
    const simulation = new Simulation(44, 1)
    const apis = [1, 2, 3].map(() => simulation.join(MOST_CAP, MOST_CAP))
    simulation.run(30_000, () => {})
    const jobs = Array.from({ length: 20 }, () => simulation.join(1, MOST_CAP))
    simulation.run(60_000, () => {})
    const { shared, joining } = budget(simulation)
    const ofApis = apis.reduce((sum, { open }) => sum + open, 0)
    expect(jobs.map(({ open }) => open)).toEqual(jobs.map(() => 1))
    expect(ofApis + jobs.length).toBeGreaterThanOrEqual(shared - joining)
    expect(ofApis + jobs.length).toBeLessThanOrEqual(shared)
  })

  test("lets newcomers in beside sessions that are nobody's, also more than newcomers have slots", () => {
    const simulation = new Simulation(44, 5)
    simulation.server.setStrangers(5)
    for (let i = 0; i < 5; i += 1) simulation.join(MOST_CAP, MOST_CAP)
    simulation.run(60_000, () => {})
    const newcomers = Array.from({ length: 10 }, () => simulation.join(MOST_CAP, MOST_CAP))
    simulation.run(60_000, () => {})
    for (const { open } of simulation.pools) expect(open).toBeGreaterThanOrEqual(2)
    expect(newcomers.filter(({ firstConnectionAt }) => firstConnectionAt === undefined)).toEqual([])
    expect(simulation.server.backends.size).toBeLessThanOrEqual(40)
  })

  test("that has lost its callers gives everything but one connection each back", () => {
    const simulation = new Simulation(20, 1)
    const pools = [1, 2].map(() => simulation.join(MOST_CAP, MOST_CAP))
    simulation.run(20_000, () => {})
    for (const pool of pools) pool.demand = 0
    simulation.run(20_000, () => {})
    expect(pools.map(({ open }) => open)).toEqual([1, 1])
  })

  test("that is frozen keeps what it has, and the others take nothing of it", () => {
    const simulation = new Simulation(20, 1)
    const [frozen, other] = [simulation.join(MOST_CAP, MOST_CAP), simulation.join(MOST_CAP, MOST_CAP)]
    simulation.run(20_000, () => {})
    frozen.isFrozen = true
    const held = frozen.open
    simulation.run(60_000, () => {})
    expect([frozen.open, other.open]).toEqual([held, 18 - held])
    frozen.kill(simulation.now, 0)
    simulation.run(30_000, () => {})
    expect(other.open).toBe(MOST_CAP)
  })
})

import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { budgetOf } from "../../src/pool/auto/budget.ts"
import { runs } from "../support/properties.ts"
import { LONGEST_TRANSACTION_MS, type SimulatedPool, TICK_MS } from "./simulated-pool.ts"
import { Simulation, type Step } from "./simulation.ts"

/** A pool that is always busy looks when its last look is older than two periods, and a connection comes back. */
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
  const members = Math.max(1, simulation.server.look(pool.id).members)
  return Math.min(pool.cap, Math.max(1, Math.floor(budget(simulation).shared / members)))
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
        simulation.pools = simulation.pools.filter((pool, index) => {
          pool.isFrozen = false
          pool.demand = MOST_CAP
          if (index < shared) return true
          pool.kill(simulation.now, 0)
          return false
        })
        simulation.run(60_000, () => {})
        simulation.run(10_000, () => {
          const { pools, server } = simulation
          expect(server.backends.size).toBeLessThanOrEqual(shared)
          const sizes = pools.map((pool) => pool.share?.size ?? 0)
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(shared)
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
        fc.nat(),
        (limit, before, newcomers, seed) => {
          const simulation = new Simulation(limit, seed)
          const { shared, joining } = budget(simulation)
          const incumbents = Math.min(before, shared - 1)
          const count = Math.min(newcomers, shared - incumbents)
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

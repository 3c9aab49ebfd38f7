import { Random } from "../support/random.ts"
import { SimulatedPool, TICK_MS } from "./simulated-pool.ts"
import { SimulatedServer } from "./simulated-server.ts"

/** What happens to the fleet, and how long nothing else happens after it. `which` chooses among the living pools. */
export type Step = { readonly millis: number } & (
  | { readonly does: "join"; readonly count: number; readonly demand: number; readonly cap: number }
  | { readonly does: "leave" | "freeze" | "thaw"; readonly which: number }
  | { readonly does: "kill"; readonly which: number; readonly endsAfter: number }
  | { readonly does: "demand"; readonly which: number; readonly demand: number }
  | { readonly does: "limit"; readonly limit: number }
  | { readonly does: "strangers"; readonly count: number }
  | { readonly does: "restart" }
)

/** Pools of one service on one server, in a time of their own. */
export class Simulation {
  readonly server: SimulatedServer
  readonly random: Random
  pools: SimulatedPool[] = []
  now = 0
  #joined = 0

  constructor(limit: number, seed: number) {
    this.server = new SimulatedServer(limit)
    this.random = new Random(seed)
  }

  join(demand: number, cap: number): SimulatedPool {
    this.#joined += 1
    const options = { id: `pool${this.#joined}`, demand, cap, now: this.now }
    const pool = new SimulatedPool(this.server, this.random.split(), options)
    this.pools.push(pool)
    return pool
  }

  do(step: Step): void {
    if (step.does === "restart") this.server.restart()
    if (step.does === "strangers") this.server.setStrangers(step.count)
    if (step.does === "limit") this.server.limit = step.limit
    if (step.does === "join") for (let i = 0; i < step.count; i += 1) this.join(step.demand, step.cap)
    const pool = "which" in step ? this.pools[step.which % Math.max(1, this.pools.length)] : undefined
    if (pool === undefined) return
    if (step.does === "demand") pool.demand = step.demand
    if (step.does === "freeze" || step.does === "thaw") pool.isFrozen = step.does === "freeze"
    if (step.does !== "leave" && step.does !== "kill") return
    pool.kill(this.now, step.does === "kill" ? step.endsAfter : TICK_MS)
    this.pools = this.pools.filter((each) => each !== pool)
  }

  /** Lets time pass; `check` sees every instant of it. */
  run(millis: number, check: () => void): void {
    const end = this.now + millis
    while (this.now < end) {
      this.now += TICK_MS
      this.server.tick(this.now)
      // None of them is always the first to take what is free.
      const start = this.random.between(0, Math.max(0, this.pools.length - 1))
      for (const pool of [...this.pools.slice(start), ...this.pools.slice(0, start)]) pool.tick(this.now)
      check()
    }
  }
}

import type { Fleet, SizedConsumer } from "../../src/sizing/index.ts"
import type { AnyJob } from "./any-job.ts"
import { bruteForce } from "./schedule-oracle.ts"

/** One process of a fleet: an instance of a consumer, or a run of a job. */
export interface PlannedProcess {
  readonly name: string
  readonly isJob: boolean
  readonly pools: number
  readonly poolSize: number
}

/** A fleet without a shared budget. */
export type SizedFleet = Omit<Fleet, "consumers"> & {
  readonly consumers: Readonly<Record<string, SizedConsumer>>
}

const DAY = Date.parse("2026-01-01") / 60_000

/** Every process that there is when the jobs are at their peak, steadily or while a deploy rolls, one by one. */
export function processesOf(
  { consumers, jobs = [] }: SizedFleet,
  drawn: readonly AnyJob[],
  phase: "steady" | "deploy",
): PlannedProcess[] {
  const instances = Object.entries(consumers).flatMap(([name, consumer]) => {
    const { poolSize, poolsPerInstance: pools = 1, surge = 0 } = consumer
    return copies(consumer.instances + (phase === "deploy" ? surge : 0), {
      name,
      isJob: false,
      pools,
      poolSize,
    })
  })
  const clocks = jobs.flatMap(({ name, poolSize, poolsPerInstance = 1 }, index) => {
    const clock = drawn[index]?.clock
    return clock ? [{ ...clock, name, connections: poolSize * poolsPerInstance }] : []
  })
  const peak = bruteForce(clocks, DAY, DAY + 24 * 60).jobs
  const runs = jobs.flatMap(({ name, poolSize, poolsPerInstance: pools = 1, schedule, concurrent = 1 }) =>
    copies(schedule === undefined ? concurrent : (peak[name] ?? 0), { name, isJob: true, pools, poolSize }),
  )
  return [...instances, ...runs]
}

/** What they hold when every pool is full. */
export function connectionsOf(processes: readonly PlannedProcess[]): number {
  return processes.reduce((sum, { pools, poolSize }) => sum + pools * poolSize, 0)
}

const copies = <T>(count: number, of: T) => Array.from({ length: count }, () => of)

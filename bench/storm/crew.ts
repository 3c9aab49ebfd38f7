import { setTimeout as sleep } from "node:timers/promises"
import { Instance, StandbyJob } from "../instance.ts"
import type { Ground } from "../scenario.ts"
import { fleetOf } from "./fleet.ts"
import type { Crew } from "./run-storm.ts"

/** Loads the processes of the largest fleet on these servers, for every run: loading takes longer than a run. */
export async function loadCrew({ scope, project }: Ground, ceilings: readonly number[]): Promise<Crew> {
  const fleets = ceilings.map(fleetOf)
  const most = (count: (fleet: ReturnType<typeof fleetOf>) => number) => Math.max(...fleets.map(count))
  const times = <T>(count: number, load: () => Promise<T>) => Promise.all(Array.from({ length: count }, load))
  return {
    instances: await times(2 * most(({ instances }) => instances), () => Instance.load(scope, project)),
    jobs: await times(
      most(({ jobs }) => jobs),
      () => StandbyJob.load(scope, project),
    ),
  }
}

/** Lets every process run what it will, so that the first way has no code to compile either, and a server its tables to read. */
export async function warmUp({ instances, jobs }: Crew, url: string): Promise<void> {
  const role = { way: "planned", name: "warm-up", url, poolSize: 1 } as const
  await Promise.all(
    instances.map(async (instance) => {
      await instance.open(role)
      await instance.callers(8)
      await sleep(500)
      await instance.close()
    }),
  )
  await Promise.all(jobs.map((job) => job.run(role)))
}

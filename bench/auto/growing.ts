// A fleet that grows as it is autoscaled, doubles in a deploy, and halves again: who is served when, and what the server has.
import { setTimeout as sleep } from "node:timers/promises"
import type { Scope } from "../../test/support/scope.ts"
import type { DemoServer } from "../../test/support/seeded-server.ts"
import { type AutoInstance, each } from "./instances.ts"
import { record, type Sample } from "./recorder.ts"

/** The role's CONNECTION LIMIT. */
export const LIMIT = 44
/** What of it is shared. */
export const SHARED = 40
/** The most connections of one pool, by `connection_limit`'s default. */
export const CAP = 15

/** A part of the growth: so many instances from then on, for so long. */
export interface Step {
  readonly instances: number
  readonly millis: number
}

export interface StepResult extends Step {
  readonly at: number
  /** From its first request until it was served, of each newcomer, in milliseconds. */
  readonly firstServed: readonly number[]
  /** Newcomers that were not served while the step lasted. */
  readonly unserved: number
  /** Until every instance had its share and all together what is shared; undefined where that lasted to the end. */
  readonly convergedMs: number | undefined
  readonly peak: number
  readonly served: number
  readonly failed: number
}

export interface Growth {
  readonly steps: readonly StepResult[]
  readonly samples: readonly Sample[]
}

/**
 * @param callers requests at a time of all instances together
 * @param isIdle true if the incumbents have filled their shares and then nothing to do when newcomers come
 */
export async function grow(
  scope: Scope,
  server: DemoServer,
  url: string,
  instances: readonly AutoInstance[],
  steps: readonly Step[],
  callersEach: number,
  isIdle: boolean,
): Promise<Growth> {
  const recorder = await record(scope, server.adminUrl())
  const results: Omit<StepResult, "convergedMs" | "peak">[] = []
  let living: AutoInstance[] = []
  let next = 0
  for (const step of steps) {
    const leaving = living.splice(0, Math.max(0, living.length - step.instances))
    const joining = instances.slice(next, next + step.instances - living.length)
    next += joining.length
    if (isIdle) await each(living, (instance) => instance.callers(0))
    await each(joining, (instance) => instance.open("auto", url))
    await each([...living, ...joining], (instance) => instance.report())
    const at = recorder.now()
    await Promise.all([
      each(joining, (instance) => instance.callers(callersEach)),
      each(leaving, (instance) => instance.close()),
    ])
    await sleep(step.millis)
    living = [...living, ...joining]
    const reports = await each(living, (instance) => instance.report())
    const ofJoining = reports.slice(living.length - joining.length).map(({ firstServedMs }) => firstServedMs)
    results.push({
      ...step,
      at,
      firstServed: ofJoining.filter((millis) => millis !== undefined),
      unserved: ofJoining.filter((millis) => millis === undefined).length,
      served: reports.reduce((sum, { served }) => sum + served, 0),
      failed: reports.flatMap(({ failed }) => Object.values(failed)).reduce((sum, times) => sum + times, 0),
    })
  }
  const end = recorder.now()
  await each(living, (instance) => instance.close())
  await recorder.stop()
  const { samples } = recorder
  return {
    samples,
    steps: results.map((result, index) => {
      const until = results[index + 1]?.at ?? end
      const within = samples.filter(({ at }) => at >= result.at && at < until)
      const away = within.findLast((sample) => !isConverged(sample, result.instances, isIdle))
      return {
        ...result,
        peak: Math.max(0, ...within.map(({ all }) => all)),
        convergedMs: away === within.at(-1) ? undefined : (away?.at ?? result.at) - result.at,
      }
    }),
  }
}

/** Every instance has a connection, and where all are busy its share, and all together no more than is shared. */
function isConverged({ connections, all }: Sample, instances: number, isIdle: boolean): boolean {
  const share = isIdle ? 0 : Math.min(CAP, Math.floor(SHARED / instances))
  const sizes = Object.values(connections)
  const isAll = isIdle || sizes.length === instances
  return isAll && all <= SHARED && sizes.every((size) => size >= share)
}

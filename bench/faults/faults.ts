// What happens in production, each under load: what was lost, with which code, and how long until it is served again.
import { setTimeout as sleep } from "node:timers/promises"
import { type DemoServer, startServer } from "../../test/support/seeded-server.ts"
import type { Instance } from "../instance.ts"
import { type Counts, count } from "../processes/counts.ts"
import type { Report } from "../processes/protocol.ts"
import type { Way } from "../processes/ways.ts"
import type { Ground, Scenario } from "../scenario.ts"
import { most, sum } from "../statistics.ts"
import { backendsOf, eventually, FAULTS, type Fault, terminateAll } from "./list.ts"
import { faultsReport } from "./report.ts"
import { instancesUnderLoad, type Setting, type Stage, setStage } from "./stage.ts"

/** What one fault did to instances that are configured one way. */
export interface FaultFigures {
  readonly fault: string
  /** What there was to say of it beside these figures. */
  readonly notes: readonly string[]
  readonly way: Way
  readonly served: number
  readonly failed: Counts
  /** From the end of the fault until every instance had served a request that began after it, in milliseconds; undefined when one had not in time. */
  readonly recoveryMs: number | undefined
  /** From the end of the fault until the last failure, in milliseconds; 0 when there was none after it. */
  readonly lastFailureMs: number
  /** Processes that ended by themselves. */
  readonly died: number
  /** Backends after all instances had been told to stop. */
  readonly leaked: number
}

/** The heap of an instance, after a collection of garbage. */
export interface Memory {
  readonly cycles: number
  readonly heapBytes: readonly number[]
}

export interface FaultsResult {
  readonly faults: readonly FaultFigures[]
  readonly memory: Memory
}

const COMPARED: readonly Way[] = ["planned", "handWritten"]

const AFTERWARDS_MS = 1_000
const PATIENCE_MS = 12_000
const LOOK_EVERY_MS = 100

export const faults: Scenario<FaultsResult> = {
  name: "faults",
  title: "Faults",
  report: faultsReport,
  async run(ground) {
    const server = await startServer(ground.scope, 40)
    const other = await startServer(ground.scope, 40)
    const stage = await setStage(ground, server, other)
    const figures: FaultFigures[] = []
    for (const fault of FAULTS) {
      for (const way of COMPARED) {
        const result = await suffer(ground, stage, fault, way)
        figures.push(result)
        const { recoveryMs = "never", failed } = result
        ground.say(
          `  ${fault.name}, ${way}: served again after ${recoveryMs} ms, lost ${JSON.stringify(failed)}`,
        )
      }
    }
    const memory = await cycles(ground, server, stage.url("direct"))
    await Promise.all([server.destroy(), other.destroy()])
    return { faults: figures, memory }
  },
}

/** One fault, with instances of its own. */
export async function suffer(
  ground: Ground,
  { url, env, ...fixed }: Setting,
  fault: Fault,
  way: Way,
): Promise<FaultFigures> {
  const { route = "direct" } = fault
  const all = await instancesUnderLoad(ground, way, url(route), route === "name" ? env : {})
  // A fault may take instances away.
  const instances = [...all]
  const notes: string[] = []
  const stage: Stage = { ...fixed, instances, note: (text) => notes.push(text) }
  await fault.strike(stage)
  const over = Date.now()
  for (const instance of instances) instance.watch()
  const taken = all.length - instances.length

  const { reports, recoveredAt } = await until(instances, over)
  await sleep(AFTERWARDS_MS)
  const last = await Promise.all(instances.map((instance) => instance.stop().catch(() => undefined)))
  await fault.mend?.(stage)
  await eventually(async () => (await backendsOf(fixed.server)) === 0)
  const heard = [...reports, ...last.filter((report) => report !== undefined)]
  const failed: Counts = {}
  for (const report of heard) {
    for (const [kind, times] of Object.entries(report.failed)) count(failed, kind, times)
  }
  return {
    fault: fault.name,
    notes,
    way,
    served: sum(heard.map(({ served }) => served)),
    failed,
    recoveryMs: recoveredAt && Math.max(0, recoveredAt - over),
    lastFailureMs: Math.max(0, most(heard.map(({ lastFailureAt = 0 }) => lastFailureAt)) - over),
    died: all.filter(({ child }) => child.signalCode !== null || (child.exitCode ?? 0) > 0).length - taken,
    leaked: await backendsOf(fixed.server),
  }
}

/** Looks until every instance has served something that began after the fault; `recoveredAt` is when the last of them did. */
async function until(
  instances: readonly Instance[],
  over: number,
): Promise<{ readonly reports: Report[]; readonly recoveredAt: number | undefined }> {
  const reports: Report[] = []
  for (;;) {
    await sleep(LOOK_EVERY_MS)
    const latest = await Promise.all(instances.map((instance) => instance.report()))
    reports.push(...latest)
    const served = latest.flatMap(({ servedAt }) => servedAt ?? [])
    if (served.length === instances.length) return { reports, recoveredAt: most(served) }
    if (Date.now() > over + PATIENCE_MS) return { reports, recoveredAt: undefined }
  }
}

const CYCLES = 200
const MEASURE_EVERY = 20

/** Terminates all backends again and again, under load. */
async function cycles(ground: Ground, server: DemoServer, url: string): Promise<Memory> {
  const instances = await instancesUnderLoad(ground, "planned", url, {})
  const heapBytes: number[] = []
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    await terminateAll(server)
    await sleep(20)
    if ((cycle + 1) % MEASURE_EVERY > 0) continue
    const reports = await Promise.all(instances.map((instance) => instance.report()))
    heapBytes.push(most(reports.map((report) => report.heapBytes)))
  }
  await Promise.all(instances.map((instance) => instance.stop()))
  return { cycles: CYCLES, heapBytes }
}

// What happens in production, each under load: what was lost, with which code, and how long until it is served again.
import { setTimeout as sleep } from "node:timers/promises"
import { type DemoServer, startServer } from "../../test/support/seeded-server.ts"
import type { Ground, Scenario } from "../scenario.ts"
import { most } from "../statistics.ts"
import { before, type Contender, handWritten, planned } from "./contender.ts"
import { earlierProject } from "./earlier-version.ts"
import { FAULTS_OF_ROOM, type Fault, OTHER_FAULTS, OUTAGE, terminateAll } from "./list.ts"
import { faultsReport } from "./report.ts"
import { instancesUnderLoad, setStage } from "./stage.ts"
import { type FaultFigures, suffer } from "./suffer.ts"

/** The heap of an instance, after a collection of garbage. */
export interface Memory {
  readonly cycles: number
  readonly heapBytes: readonly number[]
}

export interface FaultsResult {
  readonly room: readonly FaultFigures[]
  readonly others: readonly FaultFigures[]
  readonly memory: Memory
}

export const faults: Scenario<FaultsResult> = {
  name: "faults",
  title: "Faults",
  report: faultsReport,
  async run(ground) {
    const earlier = await earlierProject(ground.scope)
    const server = await startServer(ground.scope, 60)
    const other = await startServer(ground.scope, 60)
    const stage = await setStage(ground, server, other)
    async function suffered(fault: Fault, contenders: readonly Contender[]): Promise<FaultFigures[]> {
      const figures = await suffer(ground, stage, fault, contenders)
      for (const { contender, recoveryMs = "never", lost, inFlight, failed } of figures) {
        ground.say(
          `  ${fault.name}, ${contender.name}, ${contender.load}: served again after ${recoveryMs} ms, lost ${lost}, of which in flight ${inFlight}: ${JSON.stringify(failed)}`,
        )
      }
      return figures
    }
    const compared = [
      planned("statements"),
      before("statements", earlier),
      planned("transactions"),
      before("transactions", earlier),
      handWritten("transactions"),
    ]
    const room: FaultFigures[] = []
    for (const fault of FAULTS_OF_ROOM) {
      for (const contender of compared) room.push(...(await suffered(fault, [contender])))
    }
    // One outage for all: it is long.
    room.push(...(await suffered(OUTAGE, compared)))
    const others: FaultFigures[] = []
    for (const fault of OTHER_FAULTS) {
      for (const contender of [planned("mixed"), handWritten("mixed")]) {
        others.push(...(await suffered(fault, [contender])))
      }
    }
    const memory = await cycles(ground, server, stage.url("direct"))
    await Promise.all([server.destroy(), other.destroy()])
    return { room, others, memory }
  },
}

const CYCLES = 200
const MEASURE_EVERY = 20

/** Terminates all backends again and again, under load. */
async function cycles(ground: Ground, server: DemoServer, url: string): Promise<Memory> {
  const instances = await instancesUnderLoad(ground, planned("mixed"), url, {})
  const heapBytes: number[] = []
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    await terminateAll(server)
    await sleep(20)
    if ((cycle + 1) % MEASURE_EVERY > 0) continue
    const reports = await Promise.all(instances.map((instance) => instance.collect()))
    heapBytes.push(most(reports.map((report) => report.heapBytes)))
  }
  await Promise.all(instances.map((instance) => instance.stop()))
  return { cycles: CYCLES, heapBytes }
}

// What happens in production, each under load: what was lost, with which code, and how long until it is served again.
import { setTimeout as sleep } from "node:timers/promises"
import { installed } from "../../test/support/client-tools.ts"
import { startPgBouncer } from "../../test/support/pgbouncer.ts"
import { startServer } from "../../test/support/seeded-server.ts"
import { earlierProject } from "../earlier-version.ts"
import type { Ground, Scenario } from "../scenario.ts"
import { PGBOUNCER_DEFAULTS } from "../storm/destination.ts"
import { BEST_BY_HAND, before, PGBOUNCER, PLANNED } from "./contender.ts"
import { type Lane, setLane } from "./lane.ts"
import { FAULTS, terminateAll } from "./list.ts"
import { faultsPage } from "./page.ts"
import { faultsReport } from "./report.ts"
import { type FaultFigures, suffer } from "./suffer.ts"

/** The heap of an instance, after a collection of garbage. */
export interface Memory {
  readonly cycles: number
  readonly heapBytes: readonly number[]
}

export interface FaultsResult {
  readonly figures: readonly FaultFigures[]
  readonly memory: Memory
}

const MAX_CONNECTIONS = 60

export const faults: Scenario<FaultsResult> = {
  name: "faults",
  title: "Faults",
  report: faultsReport,
  page: faultsPage,
  async run(ground) {
    const [direct, pooled] = await Promise.all([directLane(ground), pooledLane(ground)])
    // Side by side: behind the pooler's defaults most of the time is spent waiting.
    const [[figures, memory], behind] = await Promise.all([
      sufferAll(ground, direct).then(async (all) => [all, await cycles(direct)] as const),
      sufferAll(ground, pooled),
    ])
    return { figures: [...figures, ...behind], memory }
  },
}

async function directLane(ground: Ground): Promise<Lane> {
  const { scope } = ground
  const [earlier, server, other] = await Promise.all([
    earlierProject(scope),
    startServer(scope, MAX_CONNECTIONS),
    startServer(scope, MAX_CONNECTIONS),
  ])
  return setLane(ground, server, [PLANNED, before(earlier), BEST_BY_HAND], { other })
}

/** Behind a PgBouncer with its own defaults. */
async function pooledLane(ground: Ground): Promise<Lane> {
  if (!installed("pgbouncer")) throw new Error("The faults need PgBouncer: apt-get install pgbouncer")
  const { scope } = ground
  const server = await startServer(scope, MAX_CONNECTIONS)
  const pooler = await startPgBouncer(server, PGBOUNCER_DEFAULTS)
  scope.atEnd(() => pooler.destroy())
  return setLane(ground, server, [PGBOUNCER], { pooler })
}

async function sufferAll({ say }: Ground, lane: Lane): Promise<FaultFigures[]> {
  const all: FaultFigures[] = []
  for (const { fault, times } of FAULTS) {
    for (let time = 0; time < times[lane.isPooled ? "pooled" : "direct"]; time++) {
      const figures = await suffer(lane, fault)
      all.push(...figures)
      for (const { contender, recoveryMs = "never", wholeMs, lost, inFlight, failed, peak } of figures) {
        say(
          `  ${fault.name}, ${contender.id}: served again after ${recoveryMs} ms${wholeMs === undefined ? "" : `, whole after ${wholeMs} ms`}, lost ${lost}, of which in flight ${inFlight}, peak ${peak}: ${JSON.stringify(failed)}`,
        )
      }
    }
  }
  return all
}

const CYCLES = 60
const MEASURE_EVERY = 10

/** Terminates all backends again and again, under load. */
async function cycles({ server, sufferers, begin }: Lane): Promise<Memory> {
  await begin("direct")
  const [planned, ...others] = sufferers
  await Promise.all(others.map((other) => other.end()))
  const heapBytes: number[] = []
  for (let cycle = 1; planned && cycle <= CYCLES; cycle++) {
    await terminateAll(server)
    await sleep(20)
    if (cycle % MEASURE_EVERY === 0) heapBytes.push(await planned.heapBytes())
  }
  await planned?.end()
  return { cycles: CYCLES, heapBytes }
}

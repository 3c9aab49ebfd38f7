// What the package costs, as ratios against the client that people write by hand, and how its functions grow.
import { startServer } from "../../test/support/seeded-server.ts"
import type { Scenario } from "../scenario.ts"
import type { Pair, Round } from "../side-by-side.ts"
import {
  coldStart,
  type Imports,
  importInstructions,
  imports,
  loadedBytes,
  type Taken,
} from "./cold-start.ts"
import { commandStart } from "./command-start.ts"
import type { Ground, Speed } from "./contenders.ts"
import { type Growth, measureGrowth } from "./growth.ts"
import { idleMemory } from "./idle-memory.ts"
import { inspectionTime } from "./inspection-time.ts"
import { metricsOverhead } from "./metrics-overhead.ts"
import { packedProject } from "./packed-project.ts"
import { costPage, costReport } from "./report.ts"
import { type Workload, workloads } from "./workloads.ts"

export interface CostResult {
  readonly workloads: Readonly<Record<Workload, readonly Round<Speed>[]>>
  /** Queries for each second of the processor's time, with metrics between without. */
  readonly metrics: readonly Round<number>[]
  readonly coldStart: readonly Round<Taken>[]
  /** Bytes. */
  readonly idleMemory: readonly Round<number>[]
  readonly imports: readonly Imports[]
  /** Instructions to import the package, as a share of its peers'; undefined where the machine counts none. */
  readonly importInstructions: number | undefined
  readonly loadedBytes: number
  /** Milliseconds of `node -e 0` and of `prisma-pool --help`. */
  readonly help: readonly Pair<number>[]
  /** Of the server, for one `inspectDatabase`. */
  readonly inspectionMillis: number
  readonly tarballBytes: number
  readonly packagesAdded: number
  readonly growth: readonly Growth[]
}

/** Three slices each, in one process. */
const WORKLOAD_ROUNDS = 21
/** Each a process that runs for a quarter of a second. */
const START_ROUNDS = 16
const MEMORY_ROUNDS = 3
/** Three slices each, in one process. */
const METRICS_ROUNDS = 40
const IMPORTS = 15
const HELP_PAIRS = 8

export const cost: Scenario<CostResult> = {
  name: "cost",
  title: "Cost",
  report: costReport,
  page: costPage,
  async run({ scope, say }) {
    const growth = measureGrowth()
    say("  growth measured")
    const server = await startServer(scope, 50)
    const project = await packedProject()
    scope.atEnd(() => project.remove())
    const ground: Ground = { directory: project.directory, url: server.url(), poolSize: 10 }
    const result = {
      workloads: await workloads(ground, WORKLOAD_ROUNDS),
      metrics: await metricsOverhead(ground, METRICS_ROUNDS),
      coldStart: await coldStart(ground, START_ROUNDS),
      idleMemory: await idleMemory(ground, MEMORY_ROUNDS),
      imports: await imports(ground, IMPORTS),
      importInstructions: await importInstructions(ground),
      loadedBytes: loadedBytes(ground),
      help: await commandStart(ground.directory, HELP_PAIRS),
      inspectionMillis: await inspectionTime(scope),
      tarballBytes: project.tarballBytes,
      packagesAdded: project.packagesAdded,
      growth,
    }
    await server.destroy()
    return result
  },
}

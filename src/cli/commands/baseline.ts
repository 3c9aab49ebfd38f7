import { resolve } from "node:path"
import { deployedFleets, withReplicas } from "../../declaration/deployed-fleets.ts"
import { baselineOf } from "../../declaration/write-baseline.ts"
import { label, PoolConfigError } from "../../error.ts"
import type { FleetFlags } from "../input/fleet-flags.ts"
import { loadConfig } from "../input/load-fleet.ts"
import { BASELINE_FILE, findBaseline } from "../input/read-baseline.ts"
import { readDeployments } from "../input/read-deployments.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { guarded } from "../output/guard-output.ts"

export interface BaselineFlags extends FleetFlags {
  /** The reason why new unknowns may be left out. */
  readonly reason?: string
}

/** Runs `prisma-pool baseline`. */
export async function baseline(flags: BaselineFlags, io: Io): Promise<ExitCode> {
  const config = await loadConfig(flags, io)
  const readers = await readDeployments(flags, io, config.deployments?.namespace)
  if (readers.length === 0) {
    throw new PoolConfigError([
      {
        name: "--terraform, --kubernetes, --compose, --render or --app-spec",
        problem: "missing",
        remedy: "Give the documents whose unknowns are to be acknowledged; - is stdin",
      },
    ])
  }
  const file = flags.baseline ?? BASELINE_FILE
  const former = await findBaseline(flags.baseline, io, true)
  const written = baselineOf(deployedFleets(withReplicas(config), readers), former, flags.reason)
  await io.files.write(resolve(io.cwd, file), guarded(`${JSON.stringify(written, null, 2)}\n`))
  const { acknowledged, counted } = written
  io.stderr(`Wrote ${label(file)}: ${acknowledged.length} acknowledged, ${counted.length} counted\n`)
  return EXIT.ok
}

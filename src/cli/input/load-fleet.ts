import { type CeilingSource, type FleetBounds, findFleetBounds } from "../../declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../declaration/fleet-config.ts"
import { PoolConfigError } from "../../error.ts"
import type { Io } from "../io.ts"
import { type FleetFlags, withFlags } from "./fleet-flags.ts"
import { findBaseline } from "./read-baseline.ts"
import { inDocument, readDeployments } from "./read-deployments.ts"
import { readDeclaration } from "./read-files.ts"
import { readPgBouncers } from "./read-pgbouncers.ts"

type Ranges = readonly (readonly [server: string, range: FleetBounds])[]

/**
 * Reads the fleets that the flags and the files define, by server.
 *
 * @throws PoolConfigError for everything that is wrong in them, and if they define none
 */
export async function loadFleet(flags: FleetFlags, io: Io, config?: FleetConfig): Promise<Ranges> {
  const ranges = await findFleet(flags, io, config)
  if (ranges === undefined) throw nothingDeclared()
  return ranges
}

/** Reads the declaration and merges the flags into it; empty without both. */
export async function loadConfig(flags: FleetFlags, io: Io): Promise<FleetConfig> {
  return withFlags(await readDeclaration(flags.config, flags.allowJs, io), flags)
}

/** Like `loadFleet`, but returns undefined if they define none. */
export async function findFleet(
  flags: FleetFlags,
  io: Io,
  declared?: FleetConfig,
  ceiling: CeilingSource = "declaration",
): Promise<Ranges | undefined> {
  const config = declared ?? (await loadConfig(flags, io))
  const readers = await readDeployments(flags, io, config.deployments?.namespace)
  const poolers = await readPgBouncers(flags, io)
  const isNothing =
    config.consumers === undefined && config.jobs === undefined && config.servers === undefined
  if (readers.length === 0 && isNothing) return undefined
  const baseline = readers.length > 0 ? await findBaseline(flags.baseline, io) : undefined
  try {
    return findFleetBounds(config, readers, baseline, ceiling, poolers)
  } catch (error) {
    throw inDocument(flags, error)
  }
}

const nothingDeclared = () =>
  new PoolConfigError([
    {
      name: "fleet",
      problem: "is not declared: there is no pool.config.json here, and no flag defines a fleet",
      remedy:
        "Give --terraform plan.json, --kubernetes FILE, --compose compose.json, --render render.yaml, --app-spec app.yaml, --config FILE, or --max-connections 100 --consumer api=4x20",
    },
  ])

import { findRelaxations } from "../../declaration/find-relaxations.ts"
import type { FleetConfig } from "../../declaration/fleet-config.ts"
import type { Relaxation } from "../../declaration/relaxation.ts"
import type { VerdictOptions } from "../../declaration/verdict.ts"
import { PoolConfigError } from "../../error.ts"
import type { Io } from "../io.ts"
import { type FleetFlags, withFlags } from "./fleet-flags.ts"
import { findBaseline } from "./read-baseline.ts"
import { hasDeployments } from "./read-deployments.ts"
import { inFile, readDeclaration } from "./read-files.ts"

/** The flags that compare a declaration with the one of the base branch. */
export interface BaseFlags {
  /** The declaration of the base branch; `-` if it has none. */
  readonly base?: string
  /** The baseline of the base branch. */
  readonly baseBaseline?: string
  /** Accepts relaxations. No file can do that. */
  readonly accept?: boolean
}

const NO_DECLARATION = "-"

/** The relaxations since the base; `isAccepted` is true if the flags accept them. */
export interface RelaxedSinceBase {
  readonly relaxations: readonly Relaxation[]
  readonly isAccepted: boolean
}

/**
 * Compares the declaration with that of the base branch. The flags belong to the workflow, and apply to both. Undefined
 * without `--base`.
 *
 * @throws PoolConfigError for a wrong base, and for `--accept` without a base
 */
export async function relaxedSinceBase(
  flags: BaseFlags & FleetFlags & Pick<VerdictOptions, "deploy">,
  head: FleetConfig,
  io: Io,
): Promise<RelaxedSinceBase | undefined> {
  const { base: file, accept: isAccepted = false, deploy } = flags
  if (file === undefined) {
    const flag = isAccepted ? "--accept" : flags.baseBaseline === undefined ? undefined : "--base-baseline"
    if (flag !== undefined) throw nothingToCompare(flag)
    return undefined
  }
  const own = file === NO_DECLARATION ? {} : await readDeclaration(file, flags.allowJs, io)
  const base = withFlagsOf(file, own, flags)
  const hasPlan = hasDeployments(flags)
  const isAbout = hasPlan || flags.baseline !== undefined || flags.baseBaseline !== undefined
  const baselines = isAbout ? await baselinesOf(flags, io) : {}
  return { relaxations: findRelaxations(base, head, { hasPlan, deploy, baselines }), isAccepted }
}

function withFlagsOf(file: string, base: FleetConfig, flags: FleetFlags): FleetConfig {
  try {
    return withFlags(base, flags)
  } catch (error) {
    throw inFile(file === NO_DECLARATION ? "--base" : file, error)
  }
}

/** Reads the baselines. They belong to plans, but a named one is also compared without a plan. */
async function baselinesOf({ baseline, baseBaseline }: BaseFlags & FleetFlags, io: Io) {
  const [base, head] = [
    baseBaseline === undefined ? undefined : await findBaseline(baseBaseline, io),
    await findBaseline(baseline, { ...io, stderr: () => {} }),
  ]
  return { ...(base === undefined ? {} : { base }), ...(head === undefined ? {} : { head }) }
}

const nothingToCompare = (flag: string) =>
  new PoolConfigError([
    {
      name: flag,
      problem: "is given without --base, so nothing is compared",
      remedy: "Give --base FILE, or leave it out",
    },
  ])

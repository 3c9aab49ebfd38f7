import { findRelaxations } from "../../declaration/find-relaxations.ts"
import type { FleetConfig } from "../../declaration/fleet-config.ts"
import type { Relaxation } from "../../declaration/relaxation.ts"
import type { VerdictOptions } from "../../declaration/verdict.ts"
import { PoolConfigError } from "../../error.ts"
import type { Io } from "../io.ts"
import { type FleetFlags, withFlags } from "./fleet-flags.ts"
import { findBaseline } from "./read-baseline.ts"
import { inFile, readDeclaration } from "./read-files.ts"

/** The flags that compare a declaration with the one of the base branch. */
export interface BaseFlags {
  /** The declaration of the base branch; `-` where it has none. */
  readonly base?: string
  /** The baseline of the base branch. */
  readonly baseBaseline?: string
  /** Lets pass what is relaxed. Nothing in a file can. */
  readonly accept?: boolean
}

const NO_DECLARATION = "-"

/** What is relaxed since the base, and whether the flags accept it. */
export interface RelaxedSinceBase {
  readonly relaxations: readonly Relaxation[]
  readonly isAccepted: boolean
}

/**
 * Compares the declaration with the one of the base branch. The flags belong to the workflow, and count for both.
 * Undefined without `--base`.
 *
 * @throws PoolConfigError for a base that is wrong, and for `--accept` without one
 */
export async function relaxedSinceBase(
  flags: BaseFlags & FleetFlags & Pick<VerdictOptions, "deploy">,
  head: FleetConfig,
  io: Io,
): Promise<RelaxedSinceBase | undefined> {
  const { base: file, accept: isAccepted = false, terraform = [], deploy } = flags
  if (file === undefined) {
    const flag = isAccepted ? "--accept" : flags.baseBaseline === undefined ? undefined : "--base-baseline"
    if (flag !== undefined) throw nothingToCompare(flag)
    return undefined
  }
  const own = file === NO_DECLARATION ? {} : await readDeclaration(file, flags.allowJs, io)
  const base = withFlagsOf(file, own, flags)
  const hasPlan = terraform.length > 0
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

/** A baseline is about plans; one that is named is compared without a plan too. */
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
      problem: "stands without --base, so nothing is compared",
      remedy: "Give --base FILE, or leave it out",
    },
  ])

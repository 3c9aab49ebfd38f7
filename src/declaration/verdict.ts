import { check } from "../sizing/check-fleet.ts"
import type { FleetCheck } from "../sizing/index.ts"
import { MAX_BACKENDS, MAX_POOL_SIZE } from "../validation/numbers.ts"
import { type FilledFleets, fillOpenSizes } from "./fill-open-sizes.ts"
import type { FleetBounds } from "./fleet-bounds.ts"

/** The strictness of a verdict. */
export interface VerdictOptions {
  /** Too many connections during a deploy fail, or only warn. */
  readonly deploy: "fail" | "warn"
  /** True if a steady total above the alert threshold fails, and a budget for nobody knows how many instances is not decided. */
  readonly strict?: boolean
}

/** The verdict on a fleet, with the totals behind it. */
export interface Verdict {
  readonly verdict: "fits" | "does not fit" | "unknown"
  /** With every unknown at its lowest. If the ceiling is unknown, the sums are those of the highest that it may have. */
  readonly lowest: FleetCheck
  /** With every unknown at its highest; the same as `lowest` if nothing is unknown. */
  readonly highest: FleetCheck
  /** The fleets that were checked. */
  readonly fleets: FilledFleets
  /** What makes it fit. Empty without a ceiling to fit into, and while it is unknown because a size may be any number. */
  readonly nextSteps: readonly string[]
}

/** One server's fleet with its verdict. */
export interface CheckedServer {
  /** Empty if there is just one. */
  readonly server: string
  readonly range: FleetBounds
  readonly verdict: Verdict
}

/**
 * Judges a fleet at both bounds. It fits if it fits at its highest, and does not fit if it does not fit at its lowest.
 * Between them the verdict is unknown.
 */
export function verdictOf(range: FleetBounds, { deploy, strict }: VerdictOptions): Verdict {
  // The totals of a fleet with an unknown ceiling are needed too. Only the highest one proves that it does not fit.
  const ceiling = range.maxConnections ?? range.maxConnectionsAtMost ?? MAX_BACKENDS
  const fleets = fillOpenSizes(range, ceiling)
  const lowest = check(fleets.lowest)
  const highest = fleets.highest === fleets.lowest ? lowest : check(fleets.highest)
  const fails = (sums: FleetCheck) =>
    !sums.fits || (deploy === "fail" && !sums.deploy.fits) || (strict === true && sums.alert)
  const isUndecided =
    range.maxConnections === undefined ||
    range.incomplete.length > 0 ||
    range.unknowns.some(({ isUnbounded, isOfDeploy }) => isUnbounded && (deploy === "fail" || !isOfDeploy))
  const isUnbounded =
    strict === true &&
    fleets.highest.consumers.some(({ shared }) => shared !== undefined && shared.pools === undefined)
  const verdict =
    range.failures.length > 0 || (range.incomplete.length === 0 && fails(lowest))
      ? "does not fit"
      : isUndecided || isUnbounded || fails(highest)
        ? "unknown"
        : "fits"
  const { nextSteps } = verdict === "unknown" ? highest : lowest
  const hasCeiling =
    range.maxConnections !== undefined ||
    (range.maxConnectionsAtMost !== undefined && verdict === "does not fit")
  const isGuess = verdict === "unknown" && hasUnknownSize(fleets.highest)
  return { verdict, lowest, highest, fleets, nextSteps: hasCeiling && !isGuess ? nextSteps : [] }
}

/** True if a size stands for any number: lowering it helps nobody, because no pool has it. */
const hasUnknownSize = ({ consumers, jobs, poolers }: FilledFleets["highest"]): boolean =>
  [...consumers, ...jobs, ...poolers].some(({ size }) => size.min === MAX_POOL_SIZE)

/** Returns the worst verdict of several servers. */
export function worstVerdict(verdicts: readonly Verdict["verdict"][]): Verdict["verdict"] {
  return (
    verdicts.find((verdict) => verdict === "does not fit") ??
    verdicts.find((verdict) => verdict === "unknown") ??
    "fits"
  )
}

import { check } from "../sizing/check-fleet.ts"
import type { FleetCheck } from "../sizing/index.ts"
import { MAX_BACKENDS } from "../validation/numbers.ts"
import { type ClosedFleets, closeFleets } from "./close-fleets.ts"
import type { FleetBounds } from "./fleet-bounds.ts"

/** How strict a verdict is. */
export interface VerdictOptions {
  /** Whether too many connections while a deploy rolls fail, or only warn. */
  readonly deploy: "fail" | "warn"
  /** Whether a steady total above the alert threshold fails. */
  readonly strict?: boolean
}

/** What is to be said of a fleet. */
export interface Verdict {
  readonly verdict: "fits" | "does not fit" | "unknown"
  /** With every unknown at its lowest. Of an unknown ceiling, only the sums mean anything. */
  readonly lowest: FleetCheck
  /** With every unknown at its highest; the same as `lowest` where nothing is unknown. */
  readonly highest: FleetCheck
  /** The fleets that were checked. */
  readonly fleets: ClosedFleets
}

/** One server's fleet with its verdict. */
export interface CheckedServer {
  /** Empty where there is just one. */
  readonly server: string
  readonly range: FleetBounds
  readonly verdict: Verdict
}

/**
 * Judges the sums at both ends of what is not known: what fits at its highest fits, what does not at its lowest does
 * not, and between them nobody can tell.
 */
export function verdictOf(range: FleetBounds, { deploy, strict }: VerdictOptions): Verdict {
  // The sums are wanted of a fleet whose ceiling is not known, too.
  const fleets = closeFleets(range, range.maxConnections ?? MAX_BACKENDS)
  const lowest = check(fleets.lowest)
  const highest = fleets.highest === fleets.lowest ? lowest : check(fleets.highest)
  const fails = (sums: FleetCheck) =>
    !sums.fits || (deploy === "fail" && !sums.deploy.fits) || (strict === true && sums.alert)
  const isUndecided =
    range.maxConnections === undefined ||
    range.incomplete.length > 0 ||
    range.unknowns.some(({ isUnbounded, isOfDeploy }) => isUnbounded && (deploy === "fail" || !isOfDeploy))
  const verdict =
    range.incomplete.length === 0 && fails(lowest)
      ? "does not fit"
      : isUndecided || fails(highest)
        ? "unknown"
        : "fits"
  return { verdict, lowest, highest, fleets }
}

/** Of several servers, each with a verdict of its own. */
export function worstVerdict(verdicts: readonly Verdict["verdict"][]): Verdict["verdict"] {
  return (
    verdicts.find((verdict) => verdict === "does not fit") ??
    verdicts.find((verdict) => verdict === "unknown") ??
    "fits"
  )
}

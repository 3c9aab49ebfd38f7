import { type Attribution, attributionOf, type DeclaredFleet } from "../../monitor/inspect/attribution.ts"
import type { DatabaseReport } from "../../monitor/inspect/database-report.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import type { Answer, InspectFlags } from "../input/inspect-server.ts"
import { type Remedy, remediesFor } from "./remedies.ts"
import { wayIn } from "./way-in.ts"

/**
 * One inspection of a server. Exit code, text, JSON and the line for a pipe are all made from it, so that they agree.
 */
export type Sample = Answer & {
  /** Undefined if no fleet is declared, or the server is full. */
  readonly attribution: Attribution | undefined
  readonly remedies: readonly Remedy[]
  /** The percentage of the usable connections above which there is an alert. */
  readonly threshold: number
}

/** An inspection of a server that answered. */
export type ReportSample = Extract<Sample, { readonly report: unknown }>

/** An inspection of a server that had no slot left. */
export type FullSample = Exclude<Sample, ReportSample>

/** Compares an answer with the declared fleet, once for all outputs. */
export function sampleOf(
  answer: Answer,
  fleetOn: ((ceiling: DatabaseReport["ceiling"]) => DeclaredFleet) | undefined,
  { failAbove: threshold = ALERT_PERCENT }: Pick<InspectFlags, "failAbove">,
): Sample {
  if (!("report" in answer)) {
    return { ...answer, attribution: undefined, remedies: wayIn(answer.fullBy, answer.server), threshold }
  }
  const { report } = answer
  const attribution = fleetOn && attributionOf(report, fleetOn(report.ceiling))
  return {
    ...answer,
    attribution,
    remedies: remediesFor(report, attribution, threshold),
    threshold,
  }
}

import { type Attribution, attributionOf, type DeclaredFleet } from "../../monitor/inspect/attribution.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import type { Answer, InspectFlags } from "../input/inspect-server.ts"
import { type Remedy, remediesFor } from "./remedies.ts"
import { wayIn } from "./way-in.ts"

/** One look at a server. Exit code, text, JSON and the line of a pipe are views of it, so that none disagrees with another. */
export type Sample = Answer & {
  /** Undefined where no fleet is declared, or the server is full. */
  readonly attribution: Attribution | undefined
  readonly remedies: readonly Remedy[]
  /** In per cent of what is usable: more than that is an alert. */
  readonly threshold: number
}

/** A look at a server that answered. */
export type ReportSample = Extract<Sample, { readonly report: unknown }>

/** A look at a server that had no slot left. */
export type FullSample = Exclude<Sample, ReportSample>

/** Puts an answer beside what is declared, once for all that is made of it. */
export function sampleOf(
  answer: Answer,
  fleet: DeclaredFleet | undefined,
  { failAbove: threshold = ALERT_PERCENT }: Pick<InspectFlags, "failAbove">,
): Sample {
  if (!("report" in answer)) {
    return { ...answer, attribution: undefined, remedies: wayIn(answer.fullBy, answer.server), threshold }
  }
  const attribution = fleet && attributionOf(answer.report, fleet)
  return {
    ...answer,
    attribution,
    remedies: remediesFor(answer.report, attribution, threshold),
    threshold,
  }
}

import { type Attribution, attributionOf, type DeclaredFleet } from "../../monitor/inspect/attribution.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import type { Answer, InspectFlags } from "../input/inspect-server.ts"
import { monitoringSlots, type SuggestedStatement, suggestedSql } from "./suggested-sql.ts"

/** One look at a server. Exit code, text, JSON and the line of a pipe are views of it, so that none disagrees with another. */
export type Sample = Answer & {
  /** Undefined where no fleet is declared, or the server is full. */
  readonly attribution: Attribution | undefined
  readonly remedies: readonly SuggestedStatement[]
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
    return { ...answer, attribution: undefined, remedies: monitoringSlots(), threshold }
  }
  return {
    ...answer,
    attribution: fleet && attributionOf(answer.report, fleet),
    remedies: suggestedSql(answer.report, threshold),
    threshold,
  }
}

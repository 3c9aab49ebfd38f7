import type { Relaxation } from "../../declaration/relaxation.ts"
import { label } from "../../error.ts"
import type { RelaxedSinceBase } from "../input/relaxed-since-base.ts"
import type { ReportSection } from "./report-sections.ts"

/** Returns the section above every verdict. */
export function relaxedSections(relaxed: RelaxedSinceBase | undefined): ReportSection[] {
  if (relaxed === undefined || relaxed.relaxations.length === 0) return []
  return [{ heading: relaxedHeading(relaxed), lines: relaxed.relaxations.map(relaxedLine) }]
}

export const relaxedHeading = ({ isAccepted }: RelaxedSinceBase): string =>
  `Relaxed since the base, and ${isAccepted ? "accepted" : "not accepted: exit code 1 without --accept"}`

/** Renders a change on one line. Its values are already shortened. */
export function relaxedLine({ name, from, to }: Relaxation): string {
  const change = from === null ? `added, ${to}` : to === null ? `removed, was ${from}` : `${from} → ${to}`
  return `${label(name)}: ${change}`
}

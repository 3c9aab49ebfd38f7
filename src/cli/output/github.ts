import type { CheckedServer } from "../../declaration/verdict.ts"
import type { RelaxedSinceBase } from "../input/relaxed-since-base.ts"
import { byCause } from "./by-cause.ts"
import { allJobs } from "./jobs-peak.ts"
import { line } from "./line.ts"
import { relaxedHeading, relaxedLine } from "./relaxed.ts"
import { sourceLines } from "./report-sections.ts"

const TITLE = "Connection budget"

/** Renders the verdict and its grounds as annotations of a workflow run. */
export function annotations(
  { range, verdict: { verdict, highest, fleets, nextSteps } }: CheckedServer,
  summary: string,
): string[] {
  const isQuiet = verdict === "fits" && nextSteps.length === 0
  const level = verdict !== "fits" ? "error" : isQuiet ? "notice" : "warning"
  return [
    command(level, [summary, ...nextSteps]),
    ...range.incomplete.map((reason) => command("error", [reason])),
    ...range.failures.map(({ name, problem, remedy }) =>
      command("error", [`${name}: ${problem}.`, `${remedy}.`]),
    ),
    ...byCause(range.unknowns).map(({ names, problem, between, remedy, place }) =>
      command(
        verdict === "unknown" ? "error" : "notice",
        [`${names}: ${problem}. This could be ${between}.`, remedy],
        place,
      ),
    ),
    ...range.warnings.map((warning) => command("warning", [warning])),
    ...byCause([...range.assumptions, ...fleets.planned, ...allJobs(highest).assumptions]).map(
      ({ names, assumed, remedy }) => command("notice", [`${names}: ${assumed}.`, remedy]),
    ),
    ...byCause(range.acknowledged).map(({ names, problem, reason }) =>
      command("notice", [`Acknowledged: ${names}: ${problem} (${reason})`]),
    ),
    ...sourceLines(range).map((line) => command("notice", [`Read: ${line}`])),
  ]
}

/** Renders each change that relaxes the check as an annotation: an error unless it is accepted. */
export function relaxedAnnotations(relaxed: RelaxedSinceBase | undefined): string[] {
  if (relaxed === undefined) return []
  const level = relaxed.isAccepted ? "warning" : "error"
  return relaxed.relaxations.map((relaxation) =>
    command(level, [relaxedLine(relaxation), `${relaxedHeading(relaxed)}.`]),
  )
}

/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
function command(level: "error" | "warning" | "notice", lines: readonly string[], place = ""): string {
  const message = lines.map((each) => line(each).replaceAll("%", "%25")).join("%0A")
  const [, file, at] = /^(.+):(\d+)$/.exec(place) ?? []
  // A line of a stream is at no file of the repository.
  const where = file === undefined || file === "stdin" ? "" : `,file=${property(file)},line=${at}`
  return `::${level} title=${TITLE}${where}::${message}\n`
}

/** Escapes a property, which a comma or a colon would end. */
const property = (text: string): string =>
  line(text).replaceAll("%", "%25").replaceAll(":", "%3A").replaceAll(",", "%2C")

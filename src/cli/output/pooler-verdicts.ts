import { label } from "../../error.ts"
import { judgePooler, type PoolerPreflight } from "../../monitor/pgbouncer/judge-pooler.ts"
import { poolerLine } from "../../monitor/pgbouncer/pooler-line.ts"
import type { InspectedFleet } from "../input/declared-fleet.ts"
import { EXIT, type ExitCode } from "../io.ts"
import type { Format } from "./formats.ts"
import type { PoolerSample } from "./sample.ts"

/** What a deploy comes to for one pooler, or why it is not known. */
export type PoolerVerdict = PoolerPreflight | { readonly name: string; readonly unknown: string }

/** Judges every pooler that was asked. */
export function poolerVerdicts(
  samples: readonly PoolerSample[],
  { parsed }: InspectedFleet,
): PoolerVerdict[] {
  return samples.map((sample) => {
    const { name } = sample
    if (!("report" in sample)) {
      const { failure } = sample
      return { name, unknown: `${failure.name}: ${failure.problem}. ${failure.remedy}` }
    }
    const pooler = parsed.poolers.find((each) => each.name === name)
    if (pooler === undefined || sample.attribution === undefined)
      return { name, unknown: `is not declared under poolers: ${poolerLine(sample.report)}` }
    return judgePooler(sample.report, sample.attribution, pooler, pooler.size.max)
  })
}

/** The exit code of these alone. */
export function poolersCode(verdicts: readonly PoolerVerdict[]): ExitCode {
  if (verdicts.some((verdict) => "fits" in verdict && !verdict.fits)) return EXIT.failed
  return verdicts.some((verdict) => "unknown" in verdict) ? EXIT.unknown : EXIT.ok
}

/** A line for each pooler, and one for each thing that it has other than declared. */
export const poolerVerdictLines = (verdicts: readonly PoolerVerdict[], format: Format): string[] =>
  verdicts.map((verdict) => {
    const name = label(verdict.name)
    if ("unknown" in verdict) return format.verdict(`${name}: ${verdict.unknown}`, "unsure")
    const { held, undeclared, surge, total, capacity, problems } = verdict
    const fits = total <= capacity
    const sum = `${held} (the larger of declared and connected) + ${undeclared} undeclared + ${surge} for new instances = ${total}`
    const of = fits ? ` of ${capacity}` : `, but only ${capacity} (80 % of max_client_conn) are to be used`
    return [
      format.verdict(
        `the clients of ${name} ${fits ? "fit" : "do not fit"}: ${sum}${of}`,
        fits ? "good" : "bad",
      ),
      ...problems.map((problem) => format.verdict(`${name}: ${problem}`, "bad")),
    ].join("\n")
  })

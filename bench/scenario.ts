import type { EChartsOption } from "echarts"
import type { Scope } from "../test/support/scope.ts"

/** What a scenario runs on. */
export interface Ground {
  readonly scope: Scope
  /** The directory that the processes of a fleet run in. */
  readonly project: string
  /** Where people who wait see how far it is. */
  readonly say: (line: string) => void
}

/** Something that the harness shows, by its name on the command line. */
export interface Scenario<Result = unknown> {
  readonly name: string
  readonly title: string
  run(ground: Ground): Promise<Result>
  /** The section of RESULTS.md under the title. */
  report(result: Result): string
  /** By the name of the file. */
  charts?(result: Result): Readonly<Record<string, EChartsOption>>
  /** What docs/benchmarks.md shows of it, between `<!-- name:start -->` and `<!-- name:end -->`. */
  page?(result: Result): string
}

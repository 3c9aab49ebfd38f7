import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import { label } from "../../error.ts"
import type { Assumption, ConcurrentRuns } from "../../sizing/index.ts"
import { byCause } from "./by-cause.ts"

/** Lines under a heading. */
export interface ReportSection {
  readonly heading: string
  readonly lines: readonly string[]
}

export type NotedRange = Omit<FleetBounds, "lowest" | "highest" | "open">

/** What a reader has to know beside the sums: what is not known, assumed, stated and left out. */
export function reportSections(
  range: NotedRange,
  jobs: ConcurrentRuns,
  planned: readonly Assumption[] = [],
): ReportSection[] {
  const named = (name: string, text: string) => `${label(name)}: ${text}`
  return [
    { heading: "The plan does not show everything", lines: range.incomplete },
    {
      heading: "Not known",
      lines: byCause(range.unknowns).map(
        ({ names, problem, between, remedy }) => `${names}: ${problem}. Between ${between}. ${remedy}.`,
      ),
    },
    {
      heading: "Assumed",
      lines: byCause([...range.assumptions, ...planned, ...jobs.assumptions]).map(
        ({ names, assumed, remedy }) => `${names}: ${assumed}. ${remedy}.`,
      ),
    },
    {
      heading: "Stated",
      lines: [
        ...range.explicit.map(({ name, value, reason }) => named(name, `${value} (${reason})`)),
        ...jobs.explicit
          .filter(({ name }) => !range.explicit.some((stated) => name === `jobs.${stated.name}`))
          .map(({ name, value }) => named(name, `${value}`)),
      ],
    },
    {
      heading: "Left out",
      lines: range.excluded.map(({ address, reason }) => named(address, reason)),
    },
    {
      heading: "Acknowledged",
      lines: byCause(range.acknowledged).map(
        ({ names, problem, reason }) => `${names}: ${problem} (${reason})`,
      ),
    },
    { heading: "Warnings", lines: range.warnings },
    { heading: "Read", lines: sourceLines(range) },
    {
      heading: "Servers in the plan",
      lines: range.servers.map(({ address, maxConnections, nodeType }) =>
        named(
          address,
          [nodeType ?? [], maxConnections === undefined ? [] : `max_connections ${maxConnections}`]
            .flat()
            .join(", "),
        ),
      ),
    },
  ].filter(({ lines }) => lines.length > 0)
}

/** For which variables a plan was read, and whether it is one. */
export function sourceLines({ source }: NotedRange): string[] {
  if (source === undefined) return []
  const { keys, documents } = source
  return documents.map(({ name, kind }) => {
    const where = name === "" ? "" : `${label(name)}: `
    const what =
      kind === "plan" ? "a plan" : "a state, which is what there is, and not what a change makes of it"
    return `${where}${keys.join(", ")} in ${what}`
  })
}

import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import type { SourceDocument } from "../../deployments/index.ts"
import { label } from "../../error.ts"
import type { Assumption, ConcurrentRuns } from "../../sizing/index.ts"
import { byCause } from "./by-cause.ts"
import { howToState } from "./how-to-state.ts"

/** A heading with its lines. */
export interface ReportSection {
  readonly heading: string
  readonly lines: readonly string[]
  /** Statements to paste, below the lines. */
  readonly sql?: readonly string[]
}

export type ReportedRange = Omit<FleetBounds, "lowest" | "highest" | "open">

/**
 * Returns the sections below the sums: unknown, assumed, explicit, excluded and acknowledged values.
 *
 * @param isUndecided true if the verdict depends on what is unknown
 */
export function reportSections(
  range: ReportedRange,
  jobs: Pick<ConcurrentRuns, "assumptions" | "explicit">,
  planned: readonly Assumption[] = [],
  isUndecided = false,
): ReportSection[] {
  const named = (name: string, text: string) => `${label(name)}: ${text}`
  return [
    { heading: "Not everything is shown", lines: range.incomplete },
    {
      heading: "Cannot work",
      lines: range.failures.map(({ name, problem, remedy }) => named(name, `${problem}. ${remedy}.`)),
    },
    {
      heading: "Not known",
      lines: [
        ...byCause(range.unknowns).map(
          ({ names, problem, between, remedy }) =>
            `${names}: ${problem}. This could be ${between}. ${remedy}.`,
        ),
        ...(isUndecided ? howToState(range.unknowns) : []),
      ],
    },
    {
      heading: "Assumed",
      lines: byCause([...range.assumptions, ...planned, ...jobs.assumptions]).map(
        ({ names, assumed, remedy }) => `${names}: ${assumed}. ${remedy}.`,
      ),
    },
    {
      heading: "Explicit",
      lines: [
        ...range.explicit.map(({ name, value, reason }) => named(name, `${value} (${reason})`)),
        ...jobs.explicit
          .filter(({ name }) => !range.explicit.some((stated) => name === `jobs.${stated.name}`))
          .map(({ name, value }) => named(name, `${value}`)),
      ],
    },
    {
      heading: "Excluded",
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
      heading: "Servers in the documents",
      lines: range.servers.map(({ address, maxConnections, maxConnectionsAtMost, nodeType }) =>
        named(
          address,
          [
            nodeType ?? [],
            maxConnections === undefined ? [] : `max_connections ${maxConnections}`,
            maxConnectionsAtMost === undefined ? [] : `max_connections at most ${maxConnectionsAtMost}`,
          ]
            .flat()
            .join(", "),
        ),
      ),
    },
  ].filter(({ lines }) => lines.length > 0)
}

/** Describes each document that was read: its variables, and its kind. */
export function sourceLines({ source }: ReportedRange): string[] {
  if (source === undefined) return []
  const { keys, documents } = source
  return documents.map(({ name, kind }) => {
    const where = name === "" ? "" : `${label(name)}: `
    return `${where}${keys.join(", ")} in ${KINDS[kind]}`
  })
}

const KINDS: Readonly<Record<SourceDocument["kind"], string>> = {
  plan: "a plan",
  state: "a state, which shows what exists now, not what a change will make of it",
  manifests: "Kubernetes manifests",
  compose: "a compose file",
  blueprint: "a Render Blueprint",
  "app-spec": "an app spec",
}

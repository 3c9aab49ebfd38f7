import type { Assumption } from "../sizing/index.ts"
import { byName } from "../sizing/names.ts"
import { type ParsedFleet, parseFleet } from "../sizing/parse-fleet.ts"
import { solveFleet } from "../sizing/size-fleet.ts"
import { type NamedSizes, withSizes } from "../sizing/with-sizes.ts"
import type { FleetBounds } from "./fleet-bounds.ts"
import { openSizes } from "./open-sizes.ts"

/** The fleets of both ends, with all of their sizes. */
export interface ClosedFleets {
  readonly lowest: ParsedFleet
  /** The same object where nothing is unknown. */
  readonly highest: ParsedFleet
  /** What was taken for the sizes that the declaration leaves open: those that a plan gives them. */
  readonly planned: readonly Assumption[]
}

/**
 * Reads the fleets of both ends, each once, and gives the sizes that the declaration leaves open those that
 * `prisma-pool plan` would give them: it is checked as it will be planned, and the assumptions say so.
 */
export function closeFleets(range: FleetBounds, maxConnections: number): ClosedFleets {
  const parsed = parseFleet({ maxConnections, ...range.lowest }, "open")
  const solved = solvedIn(range.lowest, parsed)
  const lowest = withSizes(parsed, solved)
  return {
    lowest,
    highest:
      range.highest === range.lowest
        ? lowest
        : withSizes(parseFleet({ maxConnections, ...range.highest }, "open"), solved),
    planned: [
      ...Object.entries(solved.sizes).map(([name, size]) => [`consumers.${name}`, size] as const),
      ...Object.entries(solved.jobSizes).map(([name, size]) => [`jobs.${name}`, size] as const),
    ].map(([path, size]) => ({
      name: `${range.prefix}${path}.poolSize`,
      assumed: `left open: ${size}, as \`prisma-pool plan\` has it`,
      remedy: "State poolSize to check what is deployed",
    })),
  }
}

/** The sizes of what leaves its own open. */
function solvedIn(stated: FleetBounds["lowest"], fleet: ParsedFleet): NamedSizes {
  const open = openSizes(stated)
  if (open.consumers.length + open.jobs.length === 0) return { sizes: {}, jobSizes: {} }
  const { sizes, jobSizes } = solveFleet(fleet)
  return {
    sizes: byName(open.consumers.map((name) => [name, sizes[name] ?? 0])),
    jobSizes: byName(open.jobs.map((name) => [name, jobSizes[name] ?? 0])),
  }
}

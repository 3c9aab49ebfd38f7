import type { Assumption } from "../sizing/index.ts"
import { byName } from "../sizing/names.ts"
import { type ParsedFleet, parseBound } from "../sizing/parse-fleet.ts"
import { solveFleet } from "../sizing/size-fleet.ts"
import { type NamedSizes, withSizes } from "../sizing/with-sizes.ts"
import type { FleetBounds } from "./fleet-bounds.ts"
import { openSizes } from "./open-sizes.ts"

/** The fleets at both bounds, with all of their sizes. */
export interface FilledFleets {
  readonly lowest: ParsedFleet
  /** The same object if nothing is unknown. */
  readonly highest: ParsedFleet
  /** The sizes assumed for those that the declaration leaves open: those that `prisma-pool plan` computes. */
  readonly planned: readonly Assumption[]
}

/**
 * Parses the fleets at both bounds, each once, and fills in the sizes that the declaration leaves open. The sizes are
 * those that `prisma-pool plan` would compute: the fleet is checked as it will be planned, and the assumptions say so.
 */
export function fillOpenSizes(range: FleetBounds, maxConnections: number): FilledFleets {
  const parsed = parseBound({ maxConnections, ...range.lowest })
  const solved = solvedIn(range.lowest, parsed)
  const lowest = withSizes(parsed, solved)
  return {
    lowest,
    highest:
      range.highest === range.lowest
        ? lowest
        : withSizes(parseBound({ maxConnections, ...range.highest }), solved),
    planned: [
      ...Object.entries(solved.sizes).map(([name, size]) => {
        const isShared = range.lowest.consumers[name]?.poolSize === "auto"
        return [`consumers.${name}`, isShared ? "budget" : "poolSize", size] as const
      }),
      ...Object.entries(solved.jobSizes).map(([name, size]) => [`jobs.${name}`, "poolSize", size] as const),
      ...Object.entries(solved.poolers ?? {}).flatMap(([name, sizes]) =>
        Object.entries(sizes).map(([field, size]) => [`poolers.${name}`, field, size] as const),
      ),
    ].map(([path, field, size]) => ({
      name: `${range.prefix}${path}.${field}`,
      assumed: `left open: ${size}, as \`prisma-pool plan\` computes it`,
      remedy: `Set ${field} to check what is deployed`,
    })),
  }
}

/** Solves for the open sizes. */
function solvedIn(given: FleetBounds["lowest"], fleet: ParsedFleet): NamedSizes {
  const open = openSizes(given)
  if (open.consumers.length + open.jobs.length + open.poolers.length === 0) {
    return { sizes: {}, jobSizes: {} }
  }
  const { sizes, jobSizes, poolers } = solveFleet(fleet)
  return {
    sizes: byName(open.consumers.map((name) => [name, sizes[name] ?? 0])),
    jobSizes: byName(open.jobs.map((name) => [name, jobSizes[name] ?? 0])),
    poolers: byName(
      open.poolers.map(({ name, fields }) => [
        name,
        Object.fromEntries(fields.map((field) => [field, poolers[name]?.[field] ?? 0])),
      ]),
    ),
  }
}

import type { FleetPart, OpenFleetPart } from "../deployments/index.ts"
import { PoolConfigError } from "../error.ts"
import {
  type Assumption,
  type OpenConsumer,
  type OpenFleet,
  type OpenJob,
  sizeFleet,
} from "../sizing/index.ts"

/**
 * Gives the open sizes of `own` those that a plan of the whole fleet would give them: a declaration that leaves them
 * open is checked as it will be planned, and the assumptions say so.
 */
export function fillOpenSizes(
  own: OpenFleetPart,
  whole: Omit<OpenFleet, "maxConnections">,
  maxConnections: number | undefined,
  prefix: string,
): FleetPart & { readonly assumptions: readonly Assumption[] } {
  const open = [
    ...Object.entries(own.consumers).map(([name, use]) => ({ path: `consumers.${name}`, use })),
    ...own.jobs.map((use) => ({ path: `jobs.${use.name}`, use })),
  ].filter(({ use }) => use.poolSize === undefined)
  if (open.length === 0) return { ...(own as FleetPart), assumptions: [] }
  if (maxConnections === undefined) {
    throw new PoolConfigError(
      open.map(({ path }) => ({
        name: `${prefix}${path}.poolSize`,
        problem: "missing, and without a ceiling it cannot be planned",
        remedy: "State it, or give maxConnections",
      })),
    )
  }
  const { sizes, jobSizes } = sizeFleet({ ...whole, maxConnections })
  return {
    consumers: Object.fromEntries(
      Object.entries(own.consumers).map(([name, use]) => [name, closed(use, sizes[name])]),
    ),
    jobs: own.jobs.map((use) => closed(use, jobSizes[use.name])),
    assumptions: open.map(({ path, use }) => ({
      name: `${prefix}${path}.poolSize`,
      assumed: `left open: ${("name" in use ? jobSizes[use.name] : sizes[path.slice("consumers.".length)]) ?? 0}, as \`prisma-pool plan\` has it`,
      remedy: "State poolSize to check what is deployed",
    })),
  }
}

function closed<Use extends OpenConsumer | OpenJob>(
  { weight: _, min: __, max: ___, ...use }: Use,
  poolSize: number | undefined,
) {
  return { ...use, poolSize: use.poolSize ?? poolSize ?? 1 }
}

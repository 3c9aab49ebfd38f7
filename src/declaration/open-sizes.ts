import type { OpenFleetPart } from "../deployments/index.ts"
import { PoolConfigError } from "../error.ts"
import type { OpenFleet } from "../sizing/index.ts"

/** The names of the consumers and jobs that leave their sizes open. */
export const openSizes = ({ consumers, jobs = [] }: Pick<OpenFleet, "consumers" | "jobs">) => ({
  consumers: Object.entries(consumers).flatMap(([name, { poolSize }]) =>
    poolSize === undefined ? [name] : [],
  ),
  jobs: jobs.flatMap(({ name, poolSize }) => (poolSize === undefined ? [name] : [])),
})

/** Without a ceiling there is nothing to solve them for. */
export function refuseOpenSizes(own: OpenFleetPart, prefix: string): void {
  const { consumers, jobs } = openSizes(own)
  const paths = [...consumers.map((name) => `consumers.${name}`), ...jobs.map((name) => `jobs.${name}`)]
  if (paths.length === 0) return
  throw new PoolConfigError(
    paths.map((path) => ({
      name: `${prefix}${path}.poolSize`,
      problem: "missing, and without a ceiling it cannot be planned",
      remedy: "State it, or give maxConnections",
    })),
  )
}

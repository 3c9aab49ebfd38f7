import type { OpenFleetPart } from "../deployments/index.ts"
import { PoolConfigError } from "../error.ts"
import type { OpenConsumer, OpenFleet } from "../sizing/index.ts"

const isOpen = ({ poolSize, budget }: OpenConsumer): boolean =>
  poolSize === undefined || (poolSize === "auto" && budget === undefined)

/** Returns the names of the consumers and jobs with open sizes. */
export const openSizes = ({ consumers, jobs = [] }: Pick<OpenFleet, "consumers" | "jobs">) => ({
  consumers: Object.entries(consumers).flatMap(([name, consumer]) => (isOpen(consumer) ? [name] : [])),
  jobs: jobs.flatMap(({ name, poolSize }) => (poolSize === undefined ? [name] : [])),
})

/** Refuses open sizes: without a ceiling they cannot be solved for. */
export function refuseOpenSizes(own: OpenFleetPart, prefix: string): void {
  const { consumers, jobs } = openSizes(own)
  const fieldOf = (name: string) => (own.consumers[name]?.poolSize === "auto" ? "budget" : "poolSize")
  const paths = [
    ...consumers.map((name) => `consumers.${name}.${fieldOf(name)}`),
    ...jobs.map((name) => `jobs.${name}.poolSize`),
  ]
  if (paths.length === 0) return
  throw new PoolConfigError(
    paths.map((path) => ({
      name: `${prefix}${path}`,
      problem: "missing, and cannot be planned without a ceiling",
      remedy: "Set it, or give maxConnections",
    })),
  )
}

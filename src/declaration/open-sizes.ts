import { PoolConfigError } from "../error.ts"
import type { OpenConsumer, OpenFleet } from "../sizing/index.ts"

/** The parts of a fleet whose sizes may be open. */
type OpenParts = Pick<OpenFleet, "consumers" | "jobs" | "poolers">

const isOpen = ({ poolSize, budget }: OpenConsumer): boolean =>
  poolSize === undefined || (poolSize === "auto" && budget === undefined)

/** The sizes of a pooler that may be open. */
const POOLER_FIELDS = ["poolSize", "maxClientConnections"] as const

/** Returns the names of the consumers, jobs and poolers with open sizes. */
export const openSizes = ({ consumers, jobs = [], poolers = {} }: OpenParts) => ({
  consumers: Object.entries(consumers).flatMap(([name, consumer]) => (isOpen(consumer) ? [name] : [])),
  jobs: jobs.flatMap(({ name, poolSize }) => (poolSize === undefined ? [name] : [])),
  poolers: Object.entries(poolers).flatMap(([name, pooler]) => {
    const fields = POOLER_FIELDS.filter((field) => pooler[field] === undefined)
    return fields.length === 0 ? [] : [{ name, fields }]
  }),
})

/** Refuses open sizes: without a ceiling they cannot be solved for. */
export function refuseOpenSizes(own: OpenParts, prefix: string): void {
  const { consumers, jobs, poolers } = openSizes(own)
  const fieldOf = (name: string) => (own.consumers[name]?.poolSize === "auto" ? "budget" : "poolSize")
  const paths = [
    ...consumers.map((name) => `consumers.${name}.${fieldOf(name)}`),
    ...jobs.map((name) => `jobs.${name}.poolSize`),
    ...poolers.flatMap(({ name, fields }) => fields.map((field) => `poolers.${name}.${field}`)),
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

import { ownField } from "../validation/plain-object.ts"
import type { ParsedConsumer } from "./parse-consumers.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import type { ParsedPooler } from "./parse-poolers.ts"
import { fixedSize, type ParsedSize } from "./parse-size.ts"

/** The sizes of a pooler. */
export interface PoolerSizes {
  /** Its `default_pool_size`. */
  readonly poolSize: number
  /** Its `max_client_conn`. */
  readonly maxClientConnections: number
}

/** Pool sizes, and budgets, by the names of consumers, of jobs, and of poolers. */
export interface NamedSizes {
  readonly sizes: Readonly<Record<string, number>>
  readonly jobSizes: Readonly<Record<string, number>>
  readonly poolers?: Readonly<Record<string, Partial<PoolerSizes>>>
}

/** Returns a fleet in which these sizes are fixed; all others stay as they are. */
export const withSizes = (
  fleet: ParsedFleet,
  { sizes, jobSizes, poolers = {} }: NamedSizes,
): ParsedFleet => ({
  ...fleet,
  consumers: fleet.consumers.map((consumer) => sizedConsumer(consumer, sizeIn(sizes, consumer.name))),
  jobs: fleet.jobs.map((job) => ({ ...job, size: sizeIn(jobSizes, job.single.name) ?? job.size })),
  poolers: fleet.poolers.map((pooler) => sizedPooler(pooler, ownField(poolers, pooler.name))),
})

/** A budget is a size that counts once. */
function sizedConsumer(consumer: ParsedConsumer, size: ParsedSize | undefined): ParsedConsumer {
  const { shared, steadyPools, deployPools } = consumer
  if (size === undefined || shared === undefined) return { ...consumer, size: size ?? consumer.size }
  return {
    ...consumer,
    size,
    steadyPools: Math.min(1, steadyPools),
    deployPools: Math.min(1, deployPools),
    shared: { ...shared, unit: 1, least: 1 },
  }
}

function sizedPooler(pooler: ParsedPooler, given: unknown): ParsedPooler {
  const { poolSize, maxClientConnections } = (given ?? {}) as Partial<PoolerSizes>
  return {
    ...pooler,
    size: poolSize === undefined ? pooler.size : fixedSize(poolSize),
    maxClientConnections: maxClientConnections ?? pooler.maxClientConnections,
  }
}

function sizeIn(sizes: Readonly<Record<string, number>>, name: string): ParsedSize | undefined {
  const size = ownField(sizes, name)
  return typeof size === "number" ? fixedSize(size) : undefined
}

/** Returns a fleet in which each size is fixed: `sizes` are those of consumers, then of jobs, then of poolers. */
export function withAllSizes(fleet: ParsedFleet, sizes: readonly number[]): ParsedFleet {
  const fixed = sizes.map(fixedSize)
  const { consumers, jobs, poolers } = fleet
  const at = <Part extends { readonly size: ParsedSize }>(parts: readonly Part[], before: number): Part[] =>
    parts.map((part, index) => ({ ...part, size: fixed[before + index] ?? part.size }))
  return {
    ...fleet,
    consumers: at(consumers, 0),
    jobs: at(jobs, consumers.length),
    poolers: at(poolers, consumers.length + jobs.length),
  }
}

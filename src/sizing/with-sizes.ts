import { ownField } from "../validation/plain-object.ts"
import type { ParsedConsumer } from "./parse-consumers.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { fixedSize, type ParsedSize } from "./parse-size.ts"

/** Pool sizes, and budgets, by the names of consumers, and of jobs. */
export interface NamedSizes {
  readonly sizes: Readonly<Record<string, number>>
  readonly jobSizes: Readonly<Record<string, number>>
}

/** Returns a fleet in which these sizes are fixed; all others stay as they are. */
export const withSizes = (fleet: ParsedFleet, { sizes, jobSizes }: NamedSizes): ParsedFleet => ({
  ...fleet,
  consumers: fleet.consumers.map((consumer) => sizedConsumer(consumer, sizeIn(sizes, consumer.name))),
  jobs: fleet.jobs.map((job) => ({ ...job, size: sizeIn(jobSizes, job.single.name) ?? job.size })),
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

function sizeIn(sizes: Readonly<Record<string, number>>, name: string): ParsedSize | undefined {
  const size = ownField(sizes, name)
  return typeof size === "number" ? fixedSize(size) : undefined
}

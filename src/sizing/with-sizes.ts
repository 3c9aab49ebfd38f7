import { ownField } from "../validation/plain-object.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { fixedSize, type ParsedSize } from "./parse-size.ts"

/** Pool sizes by the names of consumers, and of jobs. */
export interface NamedSizes {
  readonly sizes: Readonly<Record<string, number>>
  readonly jobSizes: Readonly<Record<string, number>>
}

/** Returns a fleet in which these sizes are fixed; all others stay as they are. */
export const withSizes = (fleet: ParsedFleet, { sizes, jobSizes }: NamedSizes): ParsedFleet => ({
  ...fleet,
  consumers: fleet.consumers.map((consumer) => ({
    ...consumer,
    size: sizeIn(sizes, consumer.name) ?? consumer.size,
  })),
  jobs: fleet.jobs.map((job) => ({ ...job, size: sizeIn(jobSizes, job.single.name) ?? job.size })),
})

function sizeIn(sizes: Readonly<Record<string, number>>, name: string): ParsedSize | undefined {
  const size = ownField(sizes, name)
  return typeof size === "number" ? fixedSize(size) : undefined
}

import type { PoolConfigIssue } from "../error.ts"
import { MOST, MOST_IN_INSTANCE, type WholeNumber } from "../validation/numbers.ts"
import { type Fields, named, plainObject, refuseUnknown, wholeNumberIn } from "../validation/object-reader.ts"
import type { FleetConsumer } from "./fleet.ts"
import type { OpenConsumer } from "./open-fleet.ts"
import { type ReadSize, readSize, sizeFields } from "./parse-size.ts"

export const consumerRules = {
  instances: { meaning: "the most instances that run at once", min: 0, max: MOST },
  poolsPerInstance: {
    meaning: "the pools to this server in one instance (leave out a consumer that has none)",
    min: 1,
    max: MOST_IN_INSTANCE,
    fallback: 1,
  },
  surge: { meaning: "the extra instances while a deploy rolls", min: 0, max: MOST, fallback: 0 },
} satisfies Record<Exclude<keyof FleetConsumer, "poolSize">, WholeNumber>

const consumerFields = [
  "instances",
  "poolSize",
  "poolsPerInstance",
  "surge",
] satisfies (keyof FleetConsumer)[]

const openConsumerFields = [...consumerFields, ...sizeFields] satisfies (keyof OpenConsumer)[]

/** A consumer with its name and nothing left to default. */
export interface ReadConsumer {
  readonly name: string
  readonly instances: number
  readonly poolsPerInstance: number
  readonly surge: number
  /** `instances × poolsPerInstance`. */
  readonly pools: number
  /** The same with `instances + surge`. */
  readonly deployPools: number
  readonly size: ReadSize
}

export function readConsumers(
  fields: Fields,
  open: boolean,
  usable: number,
  issues: PoolConfigIssue[],
): ReadConsumer[] {
  const consumers: ReadConsumer[] = []
  for (const [name, value] of named(fields, "consumers", issues)) {
    const path = `consumers.${name}`
    const consumer = plainObject(value, path, issues)
    if (consumer) consumers.push(readConsumer(name, consumer, `${path}.`, open, usable, issues))
  }
  return consumers
}

function readConsumer(
  name: string,
  fields: Fields,
  prefix: string,
  open: boolean,
  usable: number,
  issues: PoolConfigIssue[],
): ReadConsumer {
  refuseUnknown(fields, open ? openConsumerFields : consumerFields, issues, prefix)
  const number = (field: keyof typeof consumerRules) =>
    wholeNumberIn(fields, field, consumerRules[field], issues, prefix)
  const instances = number("instances")
  const size = readSize(fields, prefix, open, usable, issues)
  const poolsPerInstance = number("poolsPerInstance")
  const surge = number("surge")
  const pools = instances * poolsPerInstance
  const deployPools = (instances + surge) * poolsPerInstance
  return { name, instances, size, poolsPerInstance, surge, pools, deployPools }
}

import type { PoolConfigIssue } from "../error.ts"
import { type IntegerRule, MAX_COUNT, MAX_POOL_SIZE, readIntegerField } from "../validation/numbers.ts"
import {
  type ObjectReader,
  readEntries,
  readObject,
  rejectUnknownFields,
} from "../validation/object-reader.ts"
import type { FleetConsumer } from "./fleet.ts"
import type { OpenConsumer } from "./open-fleet.ts"
import { type ParsedSize, parseSize, sizeFields } from "./parse-size.ts"

export const consumerRules = {
  instances: { description: "the most instances that run at once", min: 0, max: MAX_COUNT },
  poolsPerInstance: {
    description: "the pools to this server in one instance (leave out a consumer that has none)",
    min: 1,
    max: MAX_POOL_SIZE,
    default: 1,
  },
  surge: { description: "the extra instances while a deploy rolls", min: 0, max: MAX_COUNT, default: 0 },
} satisfies Record<Exclude<keyof FleetConsumer, "poolSize">, IntegerRule>

const consumerFields = [
  "instances",
  "poolSize",
  "poolsPerInstance",
  "surge",
] satisfies (keyof FleetConsumer)[]

const openConsumerFields = [...consumerFields, ...sizeFields] satisfies (keyof OpenConsumer)[]

/** A consumer with its name and nothing left to default. */
export interface ParsedConsumer {
  readonly name: string
  readonly instances: number
  readonly poolsPerInstance: number
  readonly surge: number
  /** `instances × poolsPerInstance`. */
  readonly steadyPools: number
  /** The same with `instances + surge`. */
  readonly deployPools: number
  readonly size: ParsedSize
}

export function parseConsumers(
  fields: ObjectReader,
  mayBeOpen: boolean,
  usable: number,
  issues: PoolConfigIssue[],
): ParsedConsumer[] {
  const consumers: ParsedConsumer[] = []
  for (const [name, value] of readEntries(fields, "consumers", issues)) {
    const path = `consumers.${name}`
    const consumer = readObject(value, path, issues)
    if (consumer) consumers.push(readConsumer(name, consumer, `${path}.`, mayBeOpen, usable, issues))
  }
  return consumers
}

function readConsumer(
  name: string,
  fields: ObjectReader,
  prefix: string,
  mayBeOpen: boolean,
  usable: number,
  issues: PoolConfigIssue[],
): ParsedConsumer {
  rejectUnknownFields(fields, mayBeOpen ? openConsumerFields : consumerFields, issues, prefix)
  const number = (field: keyof typeof consumerRules) =>
    readIntegerField(fields, field, consumerRules[field], issues, prefix)
  const instances = number("instances")
  const size = parseSize(fields, prefix, mayBeOpen, usable, issues)
  const poolsPerInstance = number("poolsPerInstance")
  const surge = number("surge")
  const steadyPools = instances * poolsPerInstance
  const deployPools = (instances + surge) * poolsPerInstance
  return { name, instances, size, poolsPerInstance, surge, steadyPools, deployPools }
}

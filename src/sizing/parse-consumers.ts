import { integerField } from "../validation/number-fields.ts"
import { object } from "../validation/schema.ts"
import type { FleetConsumer } from "./fleet.ts"
import { consumerRules, poolSizeRule } from "./fleet-rules.ts"
import type { OpenConsumer } from "./open-fleet.ts"
import { openSizeShape, type ParsedSize, type SizeValues, sizeOf, sizeRule } from "./parse-size.ts"

/** A consumer with its name and its defaults filled in. */
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

const instances = integerField(consumerRules.instances)
const others = {
  poolsPerInstance: integerField(consumerRules.poolsPerInstance),
  surge: integerField(consumerRules.surge),
}

/** The fields of a consumer with a size. */
export const consumerShape = { instances, poolSize: integerField(poolSizeRule), ...others } satisfies Record<
  keyof FleetConsumer,
  unknown
>

/** The fields of a consumer whose size may be open. */
export const openConsumerShape = { instances, ...openSizeShape, ...others } satisfies Record<
  keyof OpenConsumer,
  unknown
>

export const consumerSchema = object(consumerShape)
export const openConsumerSchema = object(openConsumerShape, sizeRule)

/** The parsed values of these fields. */
interface ConsumerValues extends SizeValues {
  readonly instances: number
  readonly poolsPerInstance: number
  readonly surge: number
}

export function parsedConsumer(name: string, values: ConsumerValues, usable: number): ParsedConsumer {
  const { instances, poolsPerInstance, surge } = values
  return {
    name,
    instances,
    size: sizeOf(values, usable),
    poolsPerInstance,
    surge,
    steadyPools: instances * poolsPerInstance,
    deployPools: (instances + surge) * poolsPerInstance,
  }
}

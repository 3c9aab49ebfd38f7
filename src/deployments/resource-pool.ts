import type { Job } from "../schedule/job.ts"
import type { DatabaseServers } from "./database-servers.ts"
import type { Destination } from "./destination.ts"
import type { ResourceEnvironment } from "./environment.ts"
import type { PoolSize } from "./pool-size.ts"
import type { VariableNotation } from "./variable-notation.ts"

/** One pool of a resource, as it counts in a fleet. */
export interface ResourcePool {
  /** The address; followed by the container or the variable if the resource has several pools. */
  readonly name: string
  /** The address of the resource; undefined for a pool that no single resource opens. */
  readonly address?: string
  /** If false, it may have no connection to this server at all. */
  readonly certain: boolean
  /** The lowest and the highest pool size. */
  readonly size: Bounds
  readonly poolsPerInstance: number
  readonly use: ServiceUse | JobUse
  /**
   * Present where the pools of all instances share a budget: `known` is true if the size is that budget, and false if it
   * stands for any size of each pool.
   */
  readonly budget?: { readonly isKnown: boolean }
  /** The host and port of its URL, if they can be seen. */
  readonly destination?: Destination
  /** Where it leads beside the counted URLs, by which its pooler can be told and not its server. */
  readonly leadsTo?: Destination
  /** The pooler that it connects through; undefined if it connects to the server itself. */
  readonly pooler?: string
  /** The seconds of its `pool_timeout`, 0 for no limit; undefined if they cannot be seen. */
  readonly poolTimeout?: number
  /** The variable that sets the size; undefined if none does, so that the size cannot be planned. */
  readonly sizeVariable?: string
  /** How its document writes that variable. */
  readonly notation?: VariableNotation
}

export interface Bounds {
  readonly lowest: number
  readonly highest: number
}

export const exactly = (size: number): Bounds => ({ lowest: size, highest: size })

export interface ServiceUse {
  readonly instances: number
  readonly surge: number
  /** The fewest that an autoscaler leaves: what connects through a pooler has no more than their room. */
  readonly fewest?: number
  /** Replaces an unknown number of instances in the lowest sum. */
  readonly lowestInstances?: number
  /** True if nothing bounds the number of instances. */
  readonly isEndless?: true
  /** Replaces an unknown surge in the lowest sum. */
  readonly lowestSurge?: number
}

export interface JobUse {
  readonly job: Omit<Job, "name" | "poolSize" | "poolsPerInstance">
  /** Replaces a job with unknown fields in the lowest sum. */
  readonly lowestJob?: Omit<Job, "name" | "poolSize" | "poolsPerInstance">
}

/** True if a known budget bounds the connections, however many instances there are. */
export const hasBudget = ({ budget }: Pick<ResourcePool, "budget">): boolean => budget?.isKnown === true

export const isService = (use: ResourcePool["use"]): use is ServiceUse => "instances" in use

/** True unless it is a service without an instance, now and during a deploy. */
export const mayRun = (use: ResourcePool["use"]): boolean =>
  !isService(use) || use.instances + use.surge > 0 || use.isEndless === true

/** The variables to count in every resource, with the servers and sizes that decide the result. */
export interface PoolQuery {
  /** The variables that hold a URL. */
  readonly keys: readonly string[]
  /** The variables that mark a container whose address is assembled from parts. */
  readonly markers: readonly string[]
  /** The variable that states the size of a marked container's pool. */
  readonly sizeVariable: string | undefined
  /** The variables that show that something connects: `keys` and `markers`. */
  readonly leading: readonly string[]
  readonly servers: DatabaseServers
  readonly sizeOf: (variables: ResourceEnvironment, key: string) => PoolSize
}

import type { Job } from "../schedule/job.ts"
import type { DatabaseServers } from "./database-servers.ts"
import type { Destination } from "./destination.ts"
import type { ResourceEnvironment } from "./environment.ts"
import type { PoolSize } from "./pool-size.ts"

/** What one pool of a resource adds to a fleet. */
export interface ResourcePool {
  /** The address; with the container or the variable behind it where the resource has several pools. */
  readonly name: string
  /** Of the resource; undefined for what no single one opens. */
  readonly address?: string
  /** If not, it may have no connection to this server at all. */
  readonly certain: boolean
  /** The pool size: at its lowest and at its highest. */
  readonly size: Bounds
  readonly poolsPerInstance: number
  readonly use: ServiceUse | JobUse
  /** Where its URL leads, where that can be seen. */
  readonly destination?: Destination
  /** The variable that sets the size; undefined where none does, so that it cannot be planned. */
  readonly sizeVariable?: string
}

export interface Bounds {
  readonly lowest: number
  readonly highest: number
}

export const exactly = (size: number): Bounds => ({ lowest: size, highest: size })

export interface ServiceUse {
  readonly instances: number
  readonly surge: number
  /** In place of a number of instances that is not known, for the lowest sum. */
  readonly lowestInstances?: number
  /** In place of a surge that is not known, for the lowest sum. */
  readonly lowestSurge?: number
}

export interface JobUse {
  readonly job: Omit<Job, "name" | "poolSize" | "poolsPerInstance">
  /** In place of what is not known, for the lowest sum. */
  readonly lowestJob?: Omit<Job, "name" | "poolSize" | "poolsPerInstance">
}

export const isService = (use: ResourcePool["use"]): use is ServiceUse => "instances" in use

/** What is asked of every resource, and what answers it. */
export interface PoolQuery {
  readonly keys: readonly string[]
  readonly servers: DatabaseServers
  readonly sizeOf: (variables: ResourceEnvironment, key: string) => PoolSize
}

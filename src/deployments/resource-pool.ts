import type { Job } from "../schedule/job.ts"

/** What one pool of a resource adds to a fleet. */
export interface Entry {
  /** The address; with the container or the variable behind it where the resource has several pools. */
  readonly name: string
  /** If not, it may have no connection to this server at all. */
  readonly certain: boolean
  /** The pool size: at its lowest and at its highest. */
  readonly size: Range
  readonly poolsPerInstance: number
  readonly use: ServiceUse | JobUse
  /** Whether PRISMA_POOL_SIZE_CORE decides the size, so that it can be planned. */
  readonly isOpen: boolean
}

export interface Range {
  readonly lowest: number
  readonly highest: number
}

export interface ServiceUse {
  readonly instances: number
  readonly surge: number
}

export interface JobUse {
  readonly job: Omit<Job, "name" | "poolSize" | "poolsPerInstance">
  /** In place of a schedule that is not known, for the lowest sum. */
  readonly lowestJob?: Omit<Job, "name" | "poolSize" | "poolsPerInstance">
}

export const isService = (use: Entry["use"]): use is ServiceUse => "instances" in use

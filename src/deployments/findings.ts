import type { PoolConfigIssue } from "../error.ts"
import type { Assumption } from "../sizing/index.ts"

/**
 * Why something is not known, in a word that stays the same: a resource of a type that is not counted, a namespace whose
 * containers are elsewhere, an environment that cannot be seen, a URL that leads elsewhere, a further URL, the legacy
 * client's; which of several servers a URL leads to; the size, the processes, the count or the schedule of what is counted; the ceiling; that nothing connects.
 */
export type UnknownCause =
  | "type"
  | "namespace"
  | "environment"
  | "host"
  | "variable"
  | "analytics"
  | "server"
  | "no longer counted"
  | "size"
  | "processes"
  | "count"
  | "schedule"
  | "ceiling"
  | "consumers"

/** A value that decides the sum, and that a source does not tell. */
export interface Unknown {
  readonly cause: UnknownCause
  /** Of the resource; undefined for what is the whole plan's. */
  readonly address?: string
  /** The variable or attribute that is not known; undefined for a resource as a whole. */
  readonly attribute?: string
  /** The address, and the variable or attribute: `scaleway_container.api.PRISMA_POOL_SIZE_CORE`. */
  readonly name: string
  /** Why it is not known. */
  readonly problem: string
  /** What was taken for it, lowest and highest, and of what. */
  readonly between: string
  /** How to make it known. */
  readonly remedy: string
  /** Whether even the highest sum leaves it out, since there is no telling how much it may add. */
  readonly isUnbounded?: true
  /** Whether it counts while a deploy rolls, and never in the steady sum. */
  readonly isOfDeploy?: true
  /** Consumers and jobs of the fleet that are there for this unknown alone. */
  readonly pools?: readonly string[]
}

/** An override that counts in place of what a resource says. */
export interface ExplicitOverride {
  readonly name: string
  readonly value: string | number
  readonly reason: string
}

/** A resource that was left out. */
export interface Excluded {
  readonly address: string
  readonly reason: string
}

/** What was noticed while a document was read. */
export interface Findings {
  readonly unknowns: Unknown[]
  readonly assumptions: Assumption[]
  readonly explicit: ExplicitOverride[]
  readonly excluded: Excluded[]
  readonly warnings: string[]
  readonly issues: PoolConfigIssue[]
}

export const noFindings = (): Findings => ({
  unknowns: [],
  assumptions: [],
  explicit: [],
  excluded: [],
  warnings: [],
  issues: [],
})

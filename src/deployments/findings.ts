import type { PoolConfigIssue } from "../error.ts"
import type { Assumption } from "../sizing/index.ts"

/** A value that decides the sum, and that a source does not tell. */
export interface Unknown {
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

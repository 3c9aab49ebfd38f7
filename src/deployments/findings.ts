import type { PoolConfigIssue } from "../error.ts"
import type { Assumption } from "../sizing/index.ts"

/**
 * The cause of an unknown, as a word that never changes:
 *
 * - `type`: a resource of a type that is not read
 * - `namespace`: a namespace whose containers are in another plan
 * - `environment`: an environment that cannot be seen
 * - `host`: a URL that leads to another host or port
 * - `variable`: a further variable with a URL
 * - `analytics`: the URL of the legacy Analytics client
 * - `server`: which of several servers a URL leads to
 * - `no longer counted`: a resource of the baseline that no longer connects
 * - `size`, `processes`, `count`, `schedule`: of a counted resource
 * - `surge`: what a deploy adds to a counted resource
 * - `ceiling`: the server's `max_connections`
 * - `consumers`: nothing in the plan connects
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
  | "surge"
  | "ceiling"
  | "consumers"

/** A value that the sum depends on, and that the source does not contain. */
export interface Unknown {
  readonly cause: UnknownCause
  /** The address of the resource; undefined for an unknown of the whole plan. */
  readonly address?: string
  /** The unknown variable or attribute; undefined for a resource as a whole. */
  readonly attribute?: string
  /** The field of an override that makes a number known, if it is an attribute's. */
  readonly field?: string
  /** The file and line of the resource, such as `k8s/api.yaml:12`, if the document has lines. */
  readonly place?: string
  /** The address, and the variable or attribute: `scaleway_container.api.PRISMA_POOL_SIZE_CORE`. */
  readonly name: string
  /** The reason why it is not known. */
  readonly problem: string
  /** The lowest and the highest value that the sums use, with the unit: `0 to 20 connections a pool`. */
  readonly between: string
  /** The way to make it known. */
  readonly remedy: string
  /** True if even the highest sum leaves it out, because it may add any number. */
  readonly isUnbounded?: true
  /** True if it counts only during a deploy, and never in the steady sum. */
  readonly isOfDeploy?: true
  /** Consumers and jobs that the fleet has only because of this unknown. */
  readonly pools?: readonly string[]
}

/** An override that replaces a value of a resource. */
export interface ExplicitOverride {
  readonly name: string
  readonly value: string | number
  readonly reason: string
}

/** A resource that is excluded. */
export interface Excluded {
  readonly address: string
  readonly reason: string
}

/** Everything recorded while a document is read. */
export interface Findings {
  readonly unknowns: Unknown[]
  readonly assumptions: Assumption[]
  readonly explicit: ExplicitOverride[]
  readonly excluded: Excluded[]
  readonly warnings: string[]
  readonly issues: PoolConfigIssue[]
  /** What cannot work as it is deployed, whatever the sums are. */
  readonly failures: PoolConfigIssue[]
}

export const noFindings = (): Findings => ({
  unknowns: [],
  assumptions: [],
  explicit: [],
  excluded: [],
  warnings: [],
  issues: [],
  failures: [],
})

/** What a resource that may connect adds. */
export const ANY_NUMBER = "0 or any number of connections"

/** The remedy for it. */
export const COUNT_BY_HAND =
  "Count it by hand: add --consumer NAME=INSTANCESxSIZE and --exclude 'ADDRESS=counted by hand', or declare both"

/** Something that may connect and is not counted. */
export const uncounted = (address: string, problem: string): Unknown => ({
  cause: "type",
  address,
  name: address,
  problem,
  between: ANY_NUMBER,
  isUnbounded: true,
  remedy: COUNT_BY_HAND,
})

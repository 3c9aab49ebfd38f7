import { type Addressed, forResource } from "./override.ts"
import type { PgBouncerFile } from "./pgbouncer/read-pgbouncer.ts"
import type { Workload } from "./workload.ts"

/** A PgBouncer that a document deploys, or that runs on a server of it. */
export interface DeployedPooler extends Addressed {
  /** The names of its object and of what leads to it, by which a declaration may call it. */
  readonly names: readonly string[]
  /** Names and addresses that lead to it. */
  readonly hosts: readonly string[]
  readonly port: number
  /** How many processes it has, and what a deploy of it adds. It has no containers of clients. */
  readonly workload: Workload
  /** Its settings; undefined if they are in a file of its own. */
  readonly config?: PoolerConfig
  /** Those that it has until its deploy takes it to another server. */
  readonly former?: PoolerConfig
}

/** The settings of a pooler, and the server that it leads to. */
export interface PoolerConfig {
  /** The same at both ends, unless a setting is not known. */
  readonly lowest: PgBouncerFile
  readonly highest: PgBouncerFile
  /** The settings that are not known, and the reason. */
  readonly unknown: readonly {
    readonly setting: string
    readonly problem: string
    readonly between: string
    /** By default to set it to a value that the documents show. */
    readonly remedy?: string
    /** True if even the highest of it is not in the sums. */
    readonly isUnbounded?: true
  }[]
  /** The addresses of that server in the documents: none if it is in none, and several if it may be any of them. */
  readonly servers: readonly string[]
  /** The names of that server. */
  readonly serverHosts: readonly string[]
  /** True if it runs on the server itself, on its hosts. */
  readonly isBuiltIn?: true
  /** True if it lets no query through for now. */
  readonly isPaused?: true
}

/** The poolers that documents deploy, without those that are excluded. */
export const deployedPoolers = (
  readers: readonly { readonly poolers?: readonly DeployedPooler[] }[],
  exclude: Readonly<Record<string, string>> = {},
): DeployedPooler[] =>
  readers
    .flatMap(({ poolers = [] }) => poolers)
    .filter((pooler) => forResource(exclude, pooler) === undefined)

import type { PoolConfigIssue } from "../error.ts"
import type { FoundServer } from "./ceiling.ts"
import type { DeployedPooler } from "./deployed-pooler.ts"
import type { Findings } from "./findings.ts"
import type { Addressed } from "./override.ts"
import type { PoolQuery } from "./resource-pool.ts"
import type { SoughtVariables } from "./sought-variables.ts"
import type { VariableNotation } from "./variable-notation.ts"
import type { Workload } from "./workload.ts"

/** A parsed document with the name that distinguishes it from the others; empty for a single document. */
export interface NamedDocument {
  readonly name: string
  readonly json: unknown
}

/** A document that was read, by the name that its addresses begin with; empty for a single document. */
export interface SourceDocument {
  readonly name: string
  readonly kind: "plan" | "state" | "manifests" | "compose" | "blueprint" | "app-spec"
}

/** How documents are written, and so how a pool size is written in them. */
export type Format = "terraform" | "kubernetes" | "compose" | "render" | "app-spec"

/**
 * The documents of one format, parsed: all Terraform plans, all Kubernetes manifests, all compose files, all Blueprints
 * of Render, or all app specs of DigitalOcean. They refer to each other. Everything after it is the same for all formats.
 */
export interface Reader {
  readonly format: Format
  readonly documents: readonly SourceDocument[]
  /** The reasons why the documents do not show everything. */
  readonly incomplete: readonly string[]
  /** Everything wrong in the documents. Values of the wrong type are found only when they are read. */
  readonly issues: readonly PoolConfigIssue[]
  /** Every PostgreSQL server in the documents. */
  readonly servers: readonly FoundServer[]
  /** Every PgBouncer in the documents that may be a tier. */
  readonly poolers?: readonly DeployedPooler[]
  /** Everything that `exclude` and `override` may name. */
  readonly places: readonly Addressed[]
  /** The addresses of everything that exists after the deploy. */
  readonly lasting: readonly string[]
  /** True if anything in the documents that may connect names a variable. */
  mentions(variable: string): boolean
  /** Reads the workloads. `exclude` names what to leave out, and the reasons. */
  read(sought: SoughtVariables, exclude: Readonly<Record<string, string>>, findings: Findings): Reading
}

/** The result of reading the documents of one format. */
export interface Reading {
  readonly workloads: readonly DeployedWorkload[]
  /**
   * Records everything that may connect and is not counted. It comes after the workloads, because their URLs tell which
   * server is checked.
   *
   * @returns the runs of jobs that a deploy starts
   */
  recordUncounted(query: PoolQuery, findings: Findings): ReadonlyMap<DeployedWorkload, number>
}

/** A workload of a document, as it is after the deploy and before it. */
export interface DeployedWorkload extends Addressed {
  /** As in "Scaleway's default". */
  readonly platform: string
  /** How it writes its variables. */
  readonly notation: VariableNotation
  /** Undefined if the deploy removes it. */
  readonly after: Workload | undefined
  /** Undefined if it does not exist yet, or if the document does not say. */
  readonly before: Workload | undefined
  /** True if a new one replaces the old one, so that their jobs may overlap. */
  readonly isReplaced: boolean
  /** True if the old one keeps running, and nothing manages it any more. */
  readonly isForgotten: boolean
}

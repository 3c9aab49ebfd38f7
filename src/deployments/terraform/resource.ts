import type { Attributes } from "../attributes.ts"
import type { Expressions } from "./expressions.ts"

/** An instance of a resource. */
export interface Resource {
  /** `module.backend.scaleway_container.api[0]`, after the document's name if there are several. */
  readonly address: string
  /** The address as written in the document. For a deposed object: the address of its resource. */
  readonly ownAddress: string
  readonly type: string
  /** `api` */
  readonly name: string
  /** The module's address: `module.backend`, empty for the root. */
  readonly module: string
  readonly managed: boolean
  /** An action, which the plan invokes: its attributes are its configuration. */
  readonly isAction?: true
  /** Attributes after apply; for a state, the present ones. */
  readonly attributes: Attributes
  /** Attributes before apply; undefined for a resource that does not exist yet, and for a state. */
  readonly before: Attributes | undefined
  /** `["no-op"]`, `["delete", "create"]`; empty for a state. */
  readonly actions: readonly string[]
  /** The `configuration` of its document. */
  readonly configuration: Expressions
}

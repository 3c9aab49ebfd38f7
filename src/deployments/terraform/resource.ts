import type { Attributes } from "./attributes.ts"
import type { Expressions } from "./expressions.ts"

/** An instance of a resource. */
export interface Resource {
  /** `module.backend.scaleway_container.api[0]`, behind the document's name where there are several. */
  readonly address: string
  /** The same as it stands in its document; of what is left of a replacement, that of the resource. */
  readonly ownAddress: string
  readonly type: string
  /** `api` */
  readonly name: string
  /** The module's address: `module.backend`, empty for the root. */
  readonly module: string
  readonly managed: boolean
  /** An action, which the plan invokes: its attributes are its configuration. */
  readonly isAction?: true
  /** As it will be after apply. Of a state, as it is. */
  readonly attributes: Attributes
  /** As it is before apply; undefined where it does not exist yet, and of a state. */
  readonly before: Attributes | undefined
  /** `["no-op"]`, `["delete", "create"]`; empty for a state. */
  readonly actions: readonly string[]
  /** Of its document. */
  readonly configuration: Expressions
}

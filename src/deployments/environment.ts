import type { Attributes } from "./terraform/attributes.ts"

/** The environment of a container, as far as a plan shows it. */
export interface ResourceEnvironment {
  readonly values: ReadonlyMap<string, string>
  /** Variables that are there and whose value is not, each with the reason. */
  readonly hidden: ReadonlyMap<string, string>
  /** Why there may be more of them; undefined when these are all. */
  readonly mayHaveMore: string | undefined
}

export const AFTER_APPLY = "known only after apply"
export const WRITE_ONLY = "write-only, and so in no plan"
export const SECRET_REFERENCE = "a reference to a secret"
const HASH = "stored as a hash"

/** What providers keep in place of a secret that they have once been given. */
const HASHED = /^\$argon2/

export const NO_VARIABLES: ResourceEnvironment = {
  values: new Map(),
  hidden: new Map(),
  mayHaveMore: undefined,
}

export const openVariables = (reason: string): ResourceEnvironment => ({
  ...NO_VARIABLES,
  mayHaveMore: reason,
})

/** The variables of a map attribute. */
export function mapVariables(attributes: Attributes, name: string): ResourceEnvironment {
  if (attributes.isUnknown(name)) return openVariables(AFTER_APPLY)
  const { known, unknown } = attributes.map(name)
  return variables([
    ...known.flatMap(([key, value]) => (value === null ? [] : [[key, String(value)] as const])),
    ...unknown.map((key) => [key, { unseen: AFTER_APPLY }] as const),
  ])
}

/** Variables by name, each with its value or the reason why that cannot be seen. */
export function variables(
  entries: readonly (readonly [name: string, value: string | { readonly unseen: string }])[],
): ResourceEnvironment {
  const values = new Map<string, string>()
  const hidden = new Map<string, string>()
  for (const [name, value] of entries) {
    if (typeof value !== "string") hidden.set(name, value.unseen)
    else if (HASHED.test(value)) hidden.set(name, HASH)
    else values.set(name, value)
  }
  return { values, hidden, mayHaveMore: undefined }
}

/** What stands in several attributes of one resource, of which no variable stands in two. */
export function union(parts: readonly ResourceEnvironment[]): ResourceEnvironment {
  const { values, hidden } = overlay(parts.map((part) => ({ ...part, mayHaveMore: undefined })))
  return {
    values,
    hidden,
    mayHaveMore: parts.find(({ mayHaveMore }) => mayHaveMore !== undefined)?.mayHaveMore,
  }
}

/** What a container gets of several layers: the later one counts. */
export function overlay(layers: readonly ResourceEnvironment[]): ResourceEnvironment {
  const values = new Map<string, string>()
  const hidden = new Map<string, string>()
  let mayHaveMore: string | undefined
  for (const layer of layers) {
    if (layer.mayHaveMore !== undefined) {
      mayHaveMore = layer.mayHaveMore
      // Any of those before may have another value now.
      for (const name of values.keys()) hidden.set(name, layer.mayHaveMore)
      values.clear()
    }
    for (const [name, value] of layer.values) {
      values.set(name, value)
      hidden.delete(name)
    }
    for (const [name, reason] of layer.hidden) {
      hidden.set(name, reason)
      values.delete(name)
    }
  }
  return { values, hidden, mayHaveMore }
}

/** Whether a variable is there: for certain, perhaps, or not. */
export function presence(
  { values, hidden, mayHaveMore }: ResourceEnvironment,
  name: string,
): "certain" | "perhaps" | "absent" {
  if (values.has(name) || hidden.has(name)) return "certain"
  return mayHaveMore === undefined ? "absent" : "perhaps"
}

import type { Attributes } from "./terraform/attributes.ts"

/** The environment of a container, as far as a plan shows it. */
export interface Variables {
  readonly known: ReadonlyMap<string, string>
  /** Variables that are there and whose value is not, each with the reason. */
  readonly unseen: ReadonlyMap<string, string>
  /** Why there may be more of them; undefined when these are all. */
  readonly open: string | undefined
}

export const AFTER_APPLY = "known only after apply"
export const WRITE_ONLY = "write-only, and so in no plan"
export const SECRET_REFERENCE = "a reference to a secret"
const HASH = "stored as a hash"

/** What providers keep in place of a secret that they have once been given. */
const HASHED = /^\$argon2/

export const NO_VARIABLES: Variables = { known: new Map(), unseen: new Map(), open: undefined }

export const openVariables = (reason: string): Variables => ({ ...NO_VARIABLES, open: reason })

/** The variables of a map attribute. */
export function mapVariables(attributes: Attributes, name: string): Variables {
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
): Variables {
  const known = new Map<string, string>()
  const unseen = new Map<string, string>()
  for (const [name, value] of entries) {
    if (typeof value !== "string") unseen.set(name, value.unseen)
    else if (HASHED.test(value)) unseen.set(name, HASH)
    else known.set(name, value)
  }
  return { known, unseen, open: undefined }
}

/** What stands in several attributes of one resource, of which no variable stands in two. */
export function merged(parts: readonly Variables[]): Variables {
  const { known, unseen } = layered(parts.map((part) => ({ ...part, open: undefined })))
  return { known, unseen, open: parts.find(({ open }) => open !== undefined)?.open }
}

/** What a container gets of several layers: the later one counts. */
export function layered(layers: readonly Variables[]): Variables {
  const known = new Map<string, string>()
  const unseen = new Map<string, string>()
  let open: string | undefined
  for (const layer of layers) {
    if (layer.open !== undefined) {
      open = layer.open
      // Any of those before may have another value now.
      for (const name of known.keys()) unseen.set(name, layer.open)
      known.clear()
    }
    for (const [name, value] of layer.known) {
      known.set(name, value)
      unseen.delete(name)
    }
    for (const [name, reason] of layer.unseen) {
      unseen.set(name, reason)
      known.delete(name)
    }
  }
  return { known, unseen, open }
}

/** Whether a variable is there: for certain, perhaps, or not. */
export function presence({ known, unseen, open }: Variables, name: string): "certain" | "perhaps" | "absent" {
  if (known.has(name) || unseen.has(name)) return "certain"
  return open === undefined ? "absent" : "perhaps"
}

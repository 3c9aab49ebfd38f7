import type { Attributes } from "../attributes.ts"

/** The value of an attribute, which may be in blocks. */
export function valueAt(attributes: Attributes, path: readonly string[]): unknown {
  const [name = "", ...rest] = path
  if (rest.length === 0) return attributes.get(name)
  const [block] = attributes.blocks(name)
  return block === undefined ? undefined : valueAt(block, rest)
}

/** True if the value of an attribute, which may be in blocks, is known only after apply. */
export function isUnknownAt(attributes: Attributes, path: readonly string[]): boolean {
  const [name = "", ...rest] = path
  if (rest.length === 0) return attributes.isUnknown(name)
  return attributes.blocks(name).some((block) => isUnknownAt(block, rest))
}

import { field, isObject } from "./document-shape.ts"

/** An attribute's expression, where blocks have lists of objects; nothing is what a function of literals leaves. */
export const isExpression = (value: unknown): boolean =>
  isObject(value) &&
  (Array.isArray(value["references"]) ||
    Object.hasOwn(value, "constant_value") ||
    Object.keys(value).length === 0)

/** Blocks of environments, which no provider fills in. */
const BLOCK = /^(env|environment|containers?|init_containers?|secret_reference|env_from|volumes?)$/

/** What is known only after apply, without what the code leaves out: that is the provider's to fill in. */
export function withoutOmitted(unknown: unknown, expressions: Readonly<Record<string, unknown>>): unknown {
  if (!isObject(unknown)) return unknown
  return Object.fromEntries(
    Object.entries(unknown).flatMap(([name, value]): [string, unknown][] => {
      const expression = field(expressions, name)
      // A block that the code makes with `dynamic` is not in its expressions: some of it is unknown, or how many there are.
      if (expression === undefined) return value === true && !BLOCK.test(name) ? [] : [[name, value]]
      const literal = field(expression, "constant_value")
      if (literal !== undefined) return [[name, statedIn(literal, value)]]
      return [[name, isExpression(expression) ? value : inBlocks(value, expression)]]
    }),
  )
}

/** What is unknown of a literal's own fields: those that it leaves out are the provider's to fill in as well. */
function statedIn(literal: unknown, unknown: unknown): unknown {
  if (Array.isArray(unknown) && Array.isArray(literal) && unknown.length === literal.length) {
    return unknown.map((value, index) => statedIn(literal[index], value))
  }
  if (!isObject(unknown) || !isObject(literal)) return unknown
  return Object.fromEntries(
    Object.entries(unknown)
      .filter(([name]) => Object.hasOwn(literal, name))
      .map(([name, value]) => [name, statedIn(literal[name], value)]),
  )
}

function inBlocks(unknown: unknown, blocks: unknown): unknown {
  if (Array.isArray(unknown) && Array.isArray(blocks) && unknown.length === blocks.length) {
    return unknown.map((value, index) => inBlocks(value, blocks[index]))
  }
  const [only] = Array.isArray(blocks) && blocks.length === 1 ? blocks : [blocks]
  return isObject(only) ? withoutOmitted(unknown, only) : unknown
}

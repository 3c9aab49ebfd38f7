import { field, isObject } from "../json-value.ts"

/** True for an attribute's expression; blocks are arrays of objects. A function of literals leaves an empty object. */
export const isExpression = (value: unknown): boolean =>
  isObject(value) &&
  (Array.isArray(value["references"]) ||
    Object.hasOwn(value, "constant_value") ||
    Object.keys(value).length === 0)

/** Environment blocks, which no provider fills in. */
const BLOCK = /^(env|environment|containers?|init_containers?|secret_reference|env_from|volumes?)$/

/** Removes from the unknown values those of attributes that the code omits: the provider fills these in. */
export function withoutOmitted(unknown: unknown, expressions: Readonly<Record<string, unknown>>): unknown {
  if (!isObject(unknown)) return unknown
  return Object.fromEntries(
    Object.entries(unknown).flatMap(([name, value]): [string, unknown][] => {
      const expression = field(expressions, name)
      // A `dynamic` block is not in the expressions: some of its values, or the number of blocks, are unknown.
      if (expression === undefined) return value === true && !BLOCK.test(name) ? [] : [[name, value]]
      const literal = field(expression, "constant_value")
      if (literal !== undefined) return [[name, statedIn(literal, value)]]
      return [[name, isExpression(expression) ? value : inBlocks(value, expression)]]
    }),
  )
}

/** Keeps the unknown values of a literal's own fields: the provider also fills in the fields that it omits. */
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

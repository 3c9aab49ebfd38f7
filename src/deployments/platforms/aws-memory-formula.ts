const GIB = 2 ** 30

/** GiB of the size `large`, by family. Each size has twice as much as the one below. */
const LARGE: readonly (readonly [family: RegExp, gibibytes: number])[] = [
  [/^[tm][2-9]/, 8],
  [/^(r[3-9]|z1d)/, 16],
  [/^x2g/, 32],
  [/^c[5-9]/, 4],
]

const SMALLER: Readonly<Record<string, number>> = { micro: 1 / 8, small: 1 / 4, medium: 1 / 2, large: 1 }

/**
 * Returns the nominal memory of an instance class in bytes; undefined for a class that is not known. An instance has less
 * of it for PostgreSQL: its operating system and RDS itself take some.
 *
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
 */
export function classMemory(instanceClass: string): number | undefined {
  const [, family = "", size = ""] = /^db\.([a-z0-9]+)\.([a-z0-9]+)$/.exec(instanceClass) ?? []
  const large = LARGE.find(([pattern]) => pattern.test(family))?.[1]
  const [, times] = /^(\d{0,2})xlarge$/.exec(size) ?? []
  const factor = times === undefined ? SMALLER[size] : 2 * Number(times || 1)
  return large === undefined || factor === undefined ? undefined : large * factor * GIB
}

/** The memory of Aurora's capacity units. */
export const capacityMemory = (units: number): number => units * 2 * GIB

/** The value of `max_connections` in the parameter groups of RDS and Aurora for PostgreSQL, unless one sets it. */
export const DEFAULT_FORMULA = "LEAST({DBInstanceClassMemory/9531392},5000)"

const MEMORY = "DBInstanceClassMemory"

/**
 * Evaluates a formula of a parameter group; undefined if it is not one of the memory, or has no bound. Without the memory
 * only the bounds in the formula count.
 *
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ParamValuesRef.html
 */
export function highestOfFormula(formula: string, memory: number | undefined): number | undefined {
  const parts = formula.match(/[A-Za-z]+|\d+|[{}(),*/]|\S/g) ?? []
  if (parts.length > LONGEST) return undefined
  const read = expression(parts, 0, memory ?? Number.POSITIVE_INFINITY)
  if (read === undefined || read.next !== parts.length) return undefined
  const whole = Math.floor(read.value)
  return Number.isFinite(whole) && whole >= 1 ? whole : undefined
}

const LONGEST = 100

interface Read {
  readonly value: number
  readonly next: number
}

function expression(parts: readonly string[], at: number, memory: number): Read | undefined {
  let left = term(parts, at, memory)
  while (left !== undefined && (parts[left.next] === "*" || parts[left.next] === "/")) {
    const right = term(parts, left.next + 1, memory)
    if (right === undefined) return undefined
    // Division by the memory falls with it, so that the most memory is no upper bound.
    if (
      parts[left.next] === "/" &&
      !parts.slice(left.next + 1, right.next).every((part) => /^\d+$/.test(part))
    )
      return undefined
    const value = parts[left.next] === "*" ? left.value * right.value : left.value / right.value
    left = { value, next: right.next }
  }
  return left
}

function term(parts: readonly string[], at: number, memory: number): Read | undefined {
  const part = parts[at] ?? ""
  if (/^\d+$/.test(part)) return { value: Number(part), next: at + 1 }
  if (part === MEMORY) return { value: memory, next: at + 1 }
  if (part === "{") return closed(expression(parts, at + 1, memory), parts, "}")
  const combine = FUNCTIONS[part.toUpperCase()]
  if (combine === undefined || parts[at + 1] !== "(") return undefined
  const values: number[] = []
  let next = at + 1
  while (parts[next] === "(" || parts[next] === ",") {
    const read = expression(parts, next + 1, memory)
    if (read === undefined) return undefined
    values.push(read.value)
    next = read.next
  }
  return closed({ value: combine(values), next }, parts, ")")
}

const closed = (read: Read | undefined, parts: readonly string[], bracket: string): Read | undefined =>
  read !== undefined && parts[read.next] === bracket ? { value: read.value, next: read.next + 1 } : undefined

const FUNCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  LEAST: (values) => Math.min(...values),
  GREATEST: (values) => Math.max(...values),
  SUM: (values) => values.reduce((total, each) => total + each, 0),
}

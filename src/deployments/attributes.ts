import { field, isObject, listOf } from "./json-value.ts"
import { isOpaque, mentionIn, PROSE, postgresUrlsIn } from "./mentions.ts"

/** Reports the path of an attribute whose value has the wrong type. */
export type ReportPath = (path: string) => void

/** The attributes of a resource or of a block in it: values that Terraform knows, and those it does not know yet. */
export class Attributes {
  readonly #values: unknown
  /** `after_unknown`: the shape of the values, with true for each that is known only after apply. */
  readonly #unknown: unknown
  readonly #report: ReportPath

  constructor(values: unknown, unknown: unknown = undefined, report: ReportPath = () => {}) {
    this.#values = values
    this.#unknown = unknown
    this.#report = report
  }

  /** All values, as they are. */
  get values(): unknown {
    return this.#values
  }

  /** The shape of what is known only after apply, as `after_unknown` has it. */
  get unknownValues(): unknown {
    return this.#unknown
  }

  /** Returns other attributes of the same resource. */
  withValues(values: unknown, unknown: unknown): Attributes {
    return new Attributes(values, unknown, this.#report)
  }

  /** Undefined if it is omitted or unknown. */
  get(name: string): unknown {
    return field(this.#values, name) ?? undefined
  }

  /** Undefined if it is omitted, unknown or not a string; the last is reported. */
  text(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === "string") return value
    this.#report(name)
    return undefined
  }

  isUnknown(name: string): boolean {
    return this.#unknown === true || field(this.#unknown, name) === true
  }

  /** True if an attribute, or any part of it, is known only after apply. */
  hasUnknown(name: string): boolean {
    if (this.#unknown === true) return true
    const left: unknown[] = [field(this.#unknown, name)]
    for (let next = left.pop(); next !== undefined || left.length > 0; next = left.pop()) {
      if (next === true) return true
      if (Array.isArray(next)) left.push(...next)
      else if (isObject(next)) left.push(...Object.values(next))
    }
    return false
  }

  /** Reports that this attribute has a value it cannot have. */
  report(name: string): void {
    this.#report(name)
  }

  /** True if they name a variable anywhere, so that the resource may read it. */
  mentions(variable: string): boolean {
    return mentionIn(this.#values, variable) || mentionIn(this.#unknown, variable)
  }

  /** All PostgreSQL URLs in them, at any depth. */
  get postgresUrls(): ReadonlySet<string> {
    return postgresUrlsIn(this.#values)
  }

  /** True if they have text that cannot be seen, or refer to an environment elsewhere. */
  get hidesText(): boolean {
    return isOpaque(this.#values)
  }

  /** Yields the path of each value that is known only after apply: its names and indexes. */
  *unknownPaths(): Generator<readonly (string | number)[]> {
    // Not by recursion: nothing bounds how deep the values of a document go.
    const left: [value: unknown, path: readonly (string | number)[]][] = [[this.#unknown, []]]
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [value, path] = next
      // No real document is so deep: everything below counts as unknown.
      if (value === true || path.length > DEEPEST) {
        if (!this.#isOfNamedVariable(path)) yield path
      } else if (Array.isArray(value))
        for (const [index, item] of value.entries()) left.push([item, [...path, index]])
      else if (isObject(value)) {
        for (const key in value) if (!PROSE.has(key)) left.push([value[key], [...path, key]])
      }
    }
  }

  /** True if it is the value of a variable with a known name: it then cannot be the variable looked for. */
  #isOfNamedVariable(path: readonly (string | number)[]): boolean {
    const last = path.at(-1)
    if (typeof last === "string" && VARIABLE.test(last)) return true
    if (last !== "value") return false
    const block = path
      .slice(0, -1)
      .reduce<unknown>(
        (within, key) => (Array.isArray(within) ? within[Number(key)] : field(within, String(key))),
        this.#values,
      )
    return [field(block, "name"), field(block, "key")].some(
      (name) => typeof name === "string" && VARIABLE.test(name),
    )
  }

  /** Reads a map whose values are known one by one: known entries, and the names of unknown ones. */
  map(name: string): { readonly known: readonly [string, unknown][]; readonly unknown: readonly string[] } {
    const values = this.get(name)
    const unknown = field(this.#unknown, name)
    const isMap =
      isObject(values) && !Object.values(values).some((value) => typeof value === "object" && value)
    if (values !== undefined && !isMap) this.#report(name)
    return {
      known: isMap ? Object.entries(values) : [],
      unknown: isObject(unknown) ? Object.keys(unknown).filter((key) => unknown[key] === true) : [],
    }
  }

  /**
   * Reads the blocks of a name, which providers write as an array or an object. Unknown blocks are one unknown block.
   */
  blocks(name: string): Attributes[] {
    if (this.isUnknown(name)) return [new Attributes(undefined, true)]
    const value = this.get(name)
    const values = blocksOf(value)
    const unknown = blocksOf(field(this.#unknown, name))
    const isBlock = (block: unknown) => block === null || isObject(block)
    if ((value !== undefined && typeof value !== "object") || !values.every(isBlock)) this.#report(name)
    return Array.from(
      { length: Math.max(values.length, unknown.length) },
      (_, index) =>
        new Attributes(values[index], unknown[index], (path) => this.#report(`${name}[${index}].${path}`)),
    )
  }
}

/** The usual notation of an environment variable. */
const VARIABLE = /^[A-Z][A-Z0-9_]+$/

const DEEPEST = 100

const blocksOf = (value: unknown): readonly unknown[] => (isObject(value) ? [value] : listOf(value))

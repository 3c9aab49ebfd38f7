import { field, isObject, listOf } from "./document-shape.ts"
import { isOpaque, mentionIn, PROSE, postgresUrlsIn } from "./mentions.ts"

/** What stands in a document at the place of an attribute, and cannot stand there. */
export type ReportPath = (path: string) => void

/** The attributes of a resource, or of a block in it: what Terraform knows of them, and what it does not know yet. */
export class Attributes {
  readonly #values: unknown
  /** `after_unknown`: the shape of the values, with true for what is known only after apply. */
  readonly #unknown: unknown
  readonly #report: ReportPath

  constructor(values: unknown, unknown: unknown = undefined, report: ReportPath = () => {}) {
    this.#values = values
    this.#unknown = unknown
    this.#report = report
  }

  /** Undefined where it is omitted or unknown. */
  get(name: string): unknown {
    return field(this.#values, name) ?? undefined
  }

  /** Undefined where it is omitted or unknown, and where another type stands there, which is reported. */
  text(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === "string") return value
    this.#report(name)
    return undefined
  }

  isUnknown(name: string): boolean {
    return this.#unknown === true || field(this.#unknown, name) === true
  }

  /** Says that this attribute is not what it can be. */
  report(name: string): void {
    this.#report(name)
  }

  /** Whether they name a variable anywhere, so that the resource may be something that reads it. */
  mentions(variable: string): boolean {
    return mentionIn(this.#values, variable) || mentionIn(this.#unknown, variable)
  }

  /** The URLs of PostgreSQL databases anywhere in them. */
  get postgresUrls(): ReadonlySet<string> {
    return postgresUrlsIn(this.#values)
  }

  /** Whether there is text in them that cannot be seen, or an environment that stands elsewhere. */
  get hidesText(): boolean {
    return isOpaque(this.#values)
  }

  /** Where something is known only after apply: the names and indexes that lead to it. */
  *unknownPaths(): Generator<readonly (string | number)[]> {
    // Not by recursion: nothing bounds how deep the values of a document go.
    const left: [value: unknown, path: readonly (string | number)[]][] = [[this.#unknown, []]]
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [value, path] = next
      // Nobody writes anything so deep: what is below counts as unknown, whatever it is.
      if (value === true || path.length > DEEPEST) {
        if (!this.#isOfAnother(path)) yield path
      } else if (Array.isArray(value))
        for (const [index, item] of value.entries()) left.push([item, [...path, index]])
      else if (isObject(value)) {
        for (const key in value) if (!PROSE.has(key)) left.push([value[key], [...path, key]])
      }
    }
  }

  /** Whether it is the value of a variable whose name is known, and which is then not another one. */
  #isOfAnother(path: readonly (string | number)[]): boolean {
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

  /** A map whose values may be known one by one: its names with their values, and the names without. */
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

  /** The blocks of a name: providers write one as a list, as a set or as an object. Of unknown ones, one unknown one. */
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

/** How a variable of an environment is written. */
const VARIABLE = /^[A-Z][A-Z0-9_]+$/

const DEEPEST = 100

const blocksOf = (value: unknown): readonly unknown[] => (isObject(value) ? [value] : listOf(value))

import { field, isObject, listOf } from "./document-shape.ts"

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

  /**
   * Whether a block, a map or a text with assignments in it has this variable, at whatever depth, and so the resource
   * may be something that reads it. A text at the top that is no more than the name is the resource's own: the name of
   * a secret, the path of a parameter.
   */
  mentions(variable: string): boolean {
    const word = new RegExp(`(?<![A-Za-z0-9_])${variable}(?![A-Za-z0-9_])`)
    const assigned = new RegExp(`${word.source}\\\\?["']?\\s*[:=]|\\\\?["']${variable}\\\\?["']`)
    return [this.#values, this.#unknown].some(
      (attributes) =>
        isObject(attributes) &&
        Object.values(attributes).some((value) =>
          typeof value === "string" ? assigned.test(value) : within(value, word),
        ),
    )
  }

  /** Whether something that a container's environment may stand in is known only after apply, all of it. */
  mayMention(): boolean {
    return isObject(this.#unknown) && within(this.#unknown, ENVIRONMENT, true)
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

/** What providers call the attribute that a container's environment stands in. */
const ENVIRONMENT = /^(container_definitions|env|environment|(secret_)?environment_variables|variables)$/

const blocksOf = (value: unknown): readonly unknown[] => (isObject(value) ? [value] : listOf(value))

/** Whether a key or a text matches; of unknown values, a key with nothing known below it. */
function within(root: unknown, pattern: RegExp, isWhollyUnknown = false): boolean {
  // Not by recursion: nothing bounds how deep the values of a document go.
  const left: unknown[] = [root]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === "string") {
      if (pattern.test(value)) return true
    } else if (Array.isArray(value)) {
      for (const item of value) left.push(item)
    } else if (isObject(value)) {
      for (const key in value) {
        if (pattern.test(key) && (!isWhollyUnknown || value[key] === true)) return true
        left.push(value[key])
      }
    }
  }
  return false
}

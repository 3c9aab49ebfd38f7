/** The attributes of a resource, or of a block in it: what Terraform knows of them, and what it does not know yet. */
export class Attributes {
  readonly #values: unknown
  /** `after_unknown`: the shape of the values, with true for what is known only after apply. */
  readonly #unknown: unknown

  constructor(values: unknown, unknown: unknown = undefined) {
    this.#values = values
    this.#unknown = unknown
  }

  /** Undefined where it is omitted or unknown. */
  get(name: string): unknown {
    return fieldOf(this.#values, name) ?? undefined
  }

  isUnknown(name: string): boolean {
    return this.#unknown === true || fieldOf(this.#unknown, name) === true
  }

  /**
   * Whether a block or a map has this name in it, at whatever depth, and so the resource may be something that reads
   * that variable. What stands at the top is the resource's own: the name of a secret, the path of a parameter.
   */
  mentions(name: string): boolean {
    return [this.#values, this.#unknown].some(
      (attributes) =>
        isObject(attributes) &&
        Object.values(attributes).some((value) => typeof value === "object" && within(value, name)),
    )
  }

  /** A map whose values may be known one by one: its names with their values, and the names without. */
  map(name: string): { readonly known: readonly [string, unknown][]; readonly unknown: readonly string[] } {
    const unknown = fieldOf(this.#unknown, name)
    return {
      known: isObject(this.get(name)) ? Object.entries(this.get(name) as object) : [],
      unknown: isObject(unknown) ? Object.keys(unknown).filter((key) => unknown[key] === true) : [],
    }
  }

  /** The blocks of a name: providers write one as a list, as a set or as an object. */
  blocks(name: string): Attributes[] {
    const values = listOf(this.get(name))
    const unknown = listOf(fieldOf(this.#unknown, name))
    return Array.from(
      { length: Math.max(values.length, unknown.length) },
      (_, index) => new Attributes(values[index], unknown[index]),
    )
  }
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : isObject(value) ? [value] : []

function within(value: unknown, name: string): boolean {
  if (typeof value === "string") return value.includes(name)
  if (Array.isArray(value)) return value.some((item) => within(item, name))
  if (!isObject(value)) return false
  for (const key in value) {
    if (key === name || within(value[key], name)) return true
  }
  return false
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** An object of parsed JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

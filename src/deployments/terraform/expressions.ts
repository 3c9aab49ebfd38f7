import { field, isObject, listOf } from "./document-shape.ts"

/** Where a resource stands: the module's address, its type and name. */
export interface ResourceBlock {
  readonly module: string
  readonly managed: boolean
  readonly type: string
  readonly name: string
}

/** What a plan tells of the code that it was made from: which expressions there are, and what they refer to. */
export class Expressions {
  readonly #root: unknown
  /** The resources of a module by its address. */
  readonly #modules = new Map<string, ReadonlyMap<string, unknown>>()

  constructor(root: unknown) {
    this.#root = root
  }

  /** Whether the code leaves an attribute out, so that it is the provider's to fill in; false where that cannot be seen. */
  omits(place: ResourceBlock, attribute: string): boolean {
    const expressions = field(this.#blockOf(place), "expressions")
    return isObject(expressions) && !Object.hasOwn(expressions, attribute)
  }

  /** The resources that an attribute's expression refers to, through the variables of its module. */
  references(place: ResourceBlock, attribute: string): readonly ResourceBlock[] {
    return this.#resolved(field(field(this.#blockOf(place), "expressions"), attribute), place.module)
  }

  #resolved(expression: unknown, module: string): ResourceBlock[] {
    return listOf(field(expression, "references")).flatMap((reference) => {
      const [, data, type = "", name = ""] = /^(data\.)?([^.[]+)\.([^.[]+)/.exec(String(reference)) ?? []
      if (type !== "var") return [{ module, managed: data === undefined, type, name }]
      const path = [...module.matchAll(MODULE)]
      const parent = path.slice(0, -1).map(([instance]) => instance)
      const calls = field(this.#moduleOf(parent.join(".")), "module_calls")
      const call = field(calls, path.at(-1)?.[1] ?? "")
      return this.#resolved(field(field(call, "expressions"), name), parent.join("."))
    })
  }

  #blockOf(place: ResourceBlock): unknown {
    let blocks = this.#modules.get(place.module)
    if (blocks === undefined) {
      const resources = listOf(field(this.#moduleOf(place.module), "resources"))
      blocks = new Map(resources.map((block) => [keyOf(block), block]))
      this.#modules.set(place.module, blocks)
    }
    return blocks.get(`${place.managed ? "managed" : "data"} ${place.type}.${place.name}`)
  }

  #moduleOf(address: string): unknown {
    let module = this.#root
    for (const [, call = ""] of address.matchAll(MODULE)) {
      module = field(field(field(module, "module_calls"), call), "module")
    }
    return module
  }
}

/** An instance of a module in an address: `module.backend["x.y"]`. */
const MODULE = /module\.([^.[]+)(?:\["(?:[^"\\]|\\.)*"\]|\[\d+\])?/g

const keyOf = (block: unknown): string =>
  `${String(field(block, "mode") ?? "managed")} ${String(field(block, "type"))}.${String(field(block, "name"))}`

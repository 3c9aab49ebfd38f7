import { field, isObject, listOf } from "../json-value.ts"
import { mentionIn } from "../mentions.ts"
import { isExpression, withoutOmitted } from "./without-omitted.ts"

/** The place of a resource in the code: the module's address, its type and its name. */
export interface ResourceBlock {
  readonly module: string
  readonly managed: boolean
  readonly isAction?: true
  readonly type: string
  readonly name: string
}

/** A reference to a resource, or to one of its instances. */
export interface Reference extends ResourceBlock {
  /** The index of an instance: `[0]`, `["key"]`; undefined for any of them. */
  readonly index?: string
}

/** The plan's `configuration` block: the expressions in the code, and the names that they refer to. */
export class Expressions {
  readonly #root: unknown
  /** The resources of a module by its address. */
  readonly #modules = new Map<string, ReadonlyMap<string, unknown>>()
  /** Caches the value of a module's variable: one that is passed twice at each level would be resolved 2ⁿ times. */
  readonly #blocks = new Map<string, readonly Reference[]>()
  readonly #names = new Map<string, readonly string[]>()

  constructor(root: unknown) {
    this.#root = root
  }

  /** Removes from the unknown values those of attributes that the code omits: the provider fills these in. */
  withoutOmitted(place: ResourceBlock, unknown: unknown): unknown {
    const expressions = field(this.#blockOf(place), "expressions")
    return isObject(expressions) ? withoutOmitted(unknown, expressions, place.type) : unknown
  }

  /**
   * True if the unknown value at this path is only another resource's name or location, not a string that a person
   * wrote. If the code cannot be seen, the attribute's own name decides.
   */
  isName(place: ResourceBlock, path: readonly (string | number)[]): boolean {
    let expression: unknown = field(this.#blockOf(place), "expressions")
    let isBlock = true
    for (const key of path) {
      if (!isBlock && isExpression(expression)) break
      isBlock = Array.isArray(expression)
      expression = Array.isArray(expression) ? expression[Number(key)] : field(expression, String(key))
    }
    const own = String(path.findLast((key) => typeof key === "string") ?? "")
    if (NAME.test(own)) return true
    if (isBlock || !isExpression(expression) || TEXT.test(own)) return false
    // A template of names alone may be a whole script: the plan shows only the references, not the rest.
    const ends = this.#ends(expression, place.module)
    return ends.length > 0 && ends.every((end) => NAME_OF.test(end))
  }

  /** The configuration of a provider that the code gives a resource: `kubernetes`, or `kubernetes.eu` by an alias. */
  providerOf(place: ResourceBlock): string | undefined {
    const key = field(this.#blockOf(place), "provider_config_key")
    return typeof key === "string" ? key : undefined
  }

  /** True if the code of a resource names a variable that its values do not: in a provisioner, or behind a hash. */
  mentions(place: ResourceBlock, variable: string): boolean {
    return mentionIn(this.#blockOf(place), variable)
  }

  /** True if a provisioner runs a script that cannot be seen. */
  hidesProvisioner(place: ResourceBlock): boolean {
    return listOf(field(this.#blockOf(place), "provisioners")).some((provisioner) => {
      const { command, inline, script, scripts } = (field(provisioner, "expressions") ?? {}) as Record<
        string,
        unknown
      >
      return [command, inline, script, scripts].some(
        (each) => each !== undefined && field(each, "constant_value") === undefined,
      )
    })
  }

  /** True if the code sets an attribute to a text that it has. */
  isLiteral(place: ResourceBlock, attribute: string): boolean {
    return (
      typeof field(field(field(this.#blockOf(place), "expressions"), attribute), "constant_value") ===
      "string"
    )
  }

  /** Resolves an expression to attributes, through variables and outputs of modules. */
  #ends(expression: unknown, module: string): readonly string[] {
    return this.#followed(expression, module, this.#names, WHOLE, (reference) => [reference])
  }

  /** Follows the references of an expression through variables and outputs of modules. */
  #followed<Found>(
    expression: unknown,
    module: string,
    known: Map<string, readonly Found[]>,
    followed: typeof WHOLE,
    read: (reference: string, module: string) => readonly Found[],
  ): readonly Found[] {
    const follow = (own: unknown, at: string) => this.#followed(own, at, known, followed, read)
    const references = [...new Set(listOf(field(expression, "references")).map(String))]
    // Terraform names `x.y` beside each `x.y.id`.
    const whole = references.filter(
      (one) => !references.some((other) => other.startsWith(`${one}.`) || other.startsWith(`${one}[`)),
    )
    const ends = whole.flatMap((reference) => {
      const [, variable] = followed.variable.exec(reference) ?? []
      const [, call, output] = followed.output.exec(reference) ?? []
      const found =
        variable !== undefined
          ? this.#passedAs(module, variable, known, follow)
          : call !== undefined && output !== undefined
            ? this.#returnedAs(module, call, output, known, follow)
            : []
      return found.length > 0 ? found : read(reference, module)
    })
    return [...new Set(ends)]
  }

  /** Reads the expression of an output of a module: `module.api.url`. */
  #returnedAs<Found>(
    module: string,
    call: string,
    output: string,
    known: Map<string, readonly Found[]>,
    read: (expression: unknown, module: string) => readonly Found[],
  ): readonly Found[] {
    const child = module === "" ? `module.${call}` : `${module}.module.${call}`
    if ([...child.matchAll(MODULE)].length > DEEPEST_MODULE) return []
    const key = JSON.stringify([child, "output", output])
    const before = known.get(key)
    if (before !== undefined) return before
    // An output that refers to itself resolves to nothing.
    known.set(key, [])
    const outputs = field(this.#moduleOf(child), "outputs")
    const found = read(field(field(outputs, output), "expression"), child)
    known.set(key, found)
    return found
  }

  /**
   * Finds the resources that an attribute's expression refers to, through variables and outputs of modules.
   *
   * @param path the attribute, after the blocks that it is in
   */
  references(place: ResourceBlock, ...path: readonly string[]): readonly Reference[] {
    const expressions = path.reduce<readonly unknown[]>(
      (within, name) => within.flatMap((each) => field(each, name) ?? []),
      [field(this.#blockOf(place), "expressions")],
    )
    const blocks = new Map<string, Reference>()
    for (const expression of expressions) {
      for (const each of this.#followed(expression, place.module, this.#blocks, PART, blockOf)) {
        blocks.set(JSON.stringify(each), each)
      }
    }
    return [...blocks.values()]
  }

  /** Finds every resource that the code of a resource refers to, each with the names that lead to the expression. */
  everyReference(
    place: ResourceBlock,
  ): readonly { readonly path: readonly string[]; readonly reference: Reference }[] {
    const found: { path: readonly string[]; reference: Reference }[] = []
    const left: [value: unknown, path: readonly string[]][] = [
      [field(this.#blockOf(place), "expressions"), []],
    ]
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [value, path] = next
      if (Array.isArray(value)) for (const item of value) left.push([item, path])
      else if (isExpression(value)) {
        for (const reference of this.#followed(value, place.module, this.#blocks, PART, blockOf))
          found.push({ path, reference })
      } else if (isObject(value)) for (const key in value) left.push([value[key], [...path, key]])
    }
    return found
  }

  /** Reads the expression that a module's call passes as this variable. The root module has no call. */
  #passedAs<Found>(
    module: string,
    variable: string,
    known: Map<string, readonly Found[]>,
    read: (expression: unknown, module: string) => readonly Found[],
  ): readonly Found[] {
    const path = [...module.matchAll(MODULE)]
    const call = path.at(-1)?.[1]
    if (call === undefined) return []
    const key = JSON.stringify([module, variable])
    const before = known.get(key)
    if (before !== undefined) return before
    const parent = path
      .slice(0, -1)
      .map(([instance]) => instance)
      .join(".")
    const calls = field(this.#moduleOf(parent), "module_calls")
    const found = read(field(field(field(calls, call), "expressions"), variable), parent)
    known.set(key, found)
    return found
  }

  #blockOf(place: ResourceBlock): unknown {
    let blocks = this.#modules.get(place.module)
    if (blocks === undefined) {
      const module = this.#moduleOf(place.module)
      blocks = new Map([
        ...listOf(field(module, "resources")).map((block) => [keyOf(block), block] as const),
        ...listOf(field(module, "actions")).map((block) => [keyOf(block, "action"), block] as const),
      ])
      this.#modules.set(place.module, blocks)
    }
    const mode = place.isAction ? "action" : place.managed ? "managed" : "data"
    return blocks.get(`${mode} ${place.type}.${place.name}`)
  }

  #moduleOf(address: string): unknown {
    let module = this.#root
    for (const [, call = ""] of address.matchAll(MODULE)) {
      module = field(field(field(module, "module_calls"), call), "module")
    }
    return module
  }
}

/**
 * References to a variable and to an output of a module as a whole: `module.api.url`. Of an object, the plan shows the
 * references in all of its fields, and not the texts.
 */
const WHOLE = { variable: /^var\.([^.[]+)$/, output: /^module\.([^.[]+(?:\[[^\]]*\])?)\.([^.[]+)$/ }

/** The same with references to a part: `var.plan.id`, `module.api.service.id`. */
const PART = { variable: /^var\.([^.[]+)/, output: /^module\.([^.[]+(?:\[[^\]]*\])?)\.([^.[]+)/ }

/** The block that a reference begins with. A variable that nothing passes is none. */
function blockOf(reference: string, module: string): readonly Reference[] {
  const [, data, type = "", name = "", index] = REFERENCE.exec(reference) ?? []
  if (type === "var") return []
  return [{ module, managed: data === undefined, type, name, ...(index === undefined ? {} : { index }) }]
}

const REFERENCE = /^(data\.)?([^.[]+)\.([^.[]+)(\[(?:\d+|"(?:[^"\\]|\\.)*")\])?/

/** Attributes whose value is always a name, a location or a version. */
const NAME =
  /(^|_)(id|ids|identifier|arn|arns|name|names|self_link|links?|region|zone|zones|version|etag|fingerprint|fqdns?|status|generation|subnets|subnetworks?|networks?|security_groups|email|emails|cidr|cidrs|cidr_blocks?|ip|ips|ip_address|address|addresses|port|ports|certificate|certificates|public_key|records)$/

/** Attributes that may contain an environment, a script or a document. */
const TEXT =
  /env|variable|data|script|definition|value|manifest|yaml|json|body|command|args|inline|template|content|config|setting|spec|secret|payload|input|document|set(_|$)/i

/** References to a resource's name, location or version. A database's URI is excluded: it may hold more than that. */
const NAME_OF =
  /^google_cloud_run_(?:v2_)?service\.[^.]+(?:\.[a-z0-9_]+)*\.(?:uri|url)$|^(?:data\.)?[a-z0-9]+_[a-z0-9_]+\.[^.]+(?:\.[a-z0-9_]+)*\.(id|ids|arn|name|self_link|region|zone|version|etag|fqdn|dns_name|domain_name|email|address|ip_address)$/

/** No real code nests modules so deep. */
const DEEPEST_MODULE = 50

/** An instance of a module in an address: `module.backend["x.y"]`. */
const MODULE = /module\.([^.[]+)(?:\["(?:[^"\\]|\\.)*"\]|\[\d+\])?/g

const keyOf = (block: unknown, mode = field(block, "mode") ?? "managed"): string =>
  `${String(mode)} ${String(field(block, "type"))}.${String(field(block, "name"))}`

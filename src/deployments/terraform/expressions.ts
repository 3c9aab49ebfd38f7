import { field, isObject, listOf } from "./document-shape.ts"
import { mentionIn } from "./mentions.ts"
import { isExpression, withoutOmitted } from "./without-omitted.ts"

/** Where a resource stands: the module's address, its type and name. */
export interface ResourceBlock {
  readonly module: string
  readonly managed: boolean
  readonly isAction?: true
  readonly type: string
  readonly name: string
}

/** What a plan tells of the code that it was made from: which expressions there are, and what they refer to. */
export class Expressions {
  readonly #root: unknown
  /** The resources of a module by its address. */
  readonly #modules = new Map<string, ReadonlyMap<string, unknown>>()
  /** What a variable of a module stands for: one that is passed on twice at each level would be looked for 2ⁿ times. */
  readonly #blocks = new Map<string, readonly ResourceBlock[]>()
  readonly #names = new Map<string, readonly string[]>()

  constructor(root: unknown) {
    this.#root = root
  }

  /** What is known only after apply, without what the code leaves out: that is the provider's to fill in. */
  withoutOmitted(place: ResourceBlock, unknown: unknown): unknown {
    const expressions = field(this.#blockOf(place), "expressions")
    return isObject(expressions) ? withoutOmitted(unknown, expressions) : unknown
  }

  /**
   * Whether what is unknown at this path is no more than what another resource is called or where it is, and so no text
   * that anybody wrote. Where the code cannot be seen, by the attribute's own name.
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
    // A function of names alone may be a whole text: a plan shows what it refers to, and nothing else of it.
    const ends = this.#ends(expression, place.module)
    return ends.length > 0 && ends.every((end) => NAME_OF.test(end))
  }

  /** Whether the code of a resource names a variable where its values do not: in a provisioner, or behind a hash. */
  mentions(place: ResourceBlock, variable: string): boolean {
    return mentionIn(this.#blockOf(place), variable)
  }

  /** Whether a provisioner runs what cannot be seen. */
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

  /** The attributes that an expression refers to in the end, through variables and outputs of modules. */
  #ends(expression: unknown, module: string): readonly string[] {
    const references = [...new Set(listOf(field(expression, "references")).map(String))]
    // Terraform names `x.y` beside each `x.y.id`.
    const whole = references.filter(
      (one) => !references.some((other) => other.startsWith(`${one}.`) || other.startsWith(`${one}[`)),
    )
    const ends = whole.flatMap((reference) => {
      const [, variable] = /^var\.([^.[]+)$/.exec(reference) ?? []
      const found =
        variable === undefined
          ? this.#returnedAs(module, reference)
          : this.#passedAs(module, variable, this.#names, (own, at) => this.#ends(own, at))
      return found.length > 0 ? found : [reference]
    })
    return [...new Set(ends)]
  }

  /** The attributes that an output of a module refers to in the end: `module.api.url`. */
  #returnedAs(module: string, reference: string): readonly string[] {
    const [, call, output] = /^module\.([^.[]+)(?:\[[^\]]*\])?\.([^.[]+)$/.exec(reference) ?? []
    if (call === undefined || output === undefined) return []
    const child = module === "" ? `module.${call}` : `${module}.module.${call}`
    if ([...child.matchAll(MODULE)].length > DEEPEST_MODULE) return []
    const key = JSON.stringify([child, "output", output])
    const before = this.#names.get(key)
    if (before !== undefined) return before
    // One that leads back to itself leads nowhere.
    this.#names.set(key, [])
    const outputs = field(this.#moduleOf(child), "outputs")
    const found = this.#ends(field(field(outputs, output), "expression"), child)
    this.#names.set(key, found)
    return found
  }

  /** The resources that an attribute's expression refers to, through the variables of its module. */
  references(place: ResourceBlock, attribute: string): readonly ResourceBlock[] {
    return this.#resolved(field(field(this.#blockOf(place), "expressions"), attribute), place.module)
  }

  #resolved(expression: unknown, module: string): readonly ResourceBlock[] {
    const blocks = new Map<string, ResourceBlock>()
    for (const reference of listOf(field(expression, "references"))) {
      const [, data, type = "", name = ""] = /^(data\.)?([^.[]+)\.([^.[]+)/.exec(String(reference)) ?? []
      const block = { module, managed: data === undefined, type, name }
      const found =
        type === "var"
          ? this.#passedAs(module, name, this.#blocks, (own, at) => this.#resolved(own, at))
          : [block]
      for (const each of found) blocks.set(JSON.stringify(each), each)
    }
    return [...blocks.values()]
  }

  /** What comes of what the call of a module passes as this variable. Nothing calls the root. */
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

/** Attributes whose value is a name, a place or a version, whatever it is made of. */
const NAME =
  /(^|_)(id|ids|identifier|arn|arns|name|names|self_link|links?|region|zone|zones|version|etag|fingerprint|fqdns?|status|generation|subnets|subnetworks?|networks?|security_groups|email|emails|cidr|cidrs|cidr_blocks?|ip|ips|ip_address|address|addresses|port|ports|certificate|certificates|public_key|records)$/

/** Attributes that may have an environment, a script or a document in them. */
const TEXT =
  /env|variable|data|script|definition|value|manifest|yaml|json|body|command|args|inline|template|content|config|setting|spec|secret|payload|input|document|set(_|$)/i

/** A resource's attribute that is its name, its place or its version. The URI of a database may be more than its place. */
const NAME_OF =
  /^google_cloud_run_(?:v2_)?service\.[^.]+(?:\.[a-z0-9_]+)*\.(?:uri|url)$|^(?:data\.)?[a-z0-9]+_[a-z0-9_]+\.[^.]+(?:\.[a-z0-9_]+)*\.(id|ids|arn|name|self_link|region|zone|version|etag|fqdn|dns_name|domain_name|email|address|ip_address)$/

/** Nobody nests modules so deep. */
const DEEPEST_MODULE = 50

/** An instance of a module in an address: `module.backend["x.y"]`. */
const MODULE = /module\.([^.[]+)(?:\["(?:[^"\\]|\\.)*"\]|\[\d+\])?/g

const keyOf = (block: unknown, mode = field(block, "mode") ?? "managed"): string =>
  `${String(mode)} ${String(field(block, "type"))}.${String(field(block, "name"))}`

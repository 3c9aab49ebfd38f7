import {
  Composer,
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  Parser,
  parseDocument,
} from "yaml"
import type { PoolConfigIssue } from "../../error.ts"
import { isProblem, type Problem } from "../../validation/problem.ts"
import { type JsonValue, jsonValues } from "./json-stream.ts"
import type { RawDocument } from "./manifest.ts"

/** The name of a file with its text; the name is empty for a text that has none. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

/** Larger texts take long to parse: no cluster's manifests are so large. */
const MOST_CHARACTERS = 20_000_000

/** More than any manifest uses, and far fewer than a file needs that grows without end when it is expanded. */
const MOST_ALIASES = 100

/** Keys are compared by `faultOf`: the parser compares each with each. */
const OPTIONS = {
  merge: true,
  version: "1.2",
  prettyErrors: false,
  logLevel: "silent",
  uniqueKeys: false,
} as const

const RENDER = "Give rendered manifests: the output of helm template"

/**
 * Parses a stream of YAML documents, or of JSON values. Each is an issue with its file and line if it is neither, or if it
 * is a template that was not rendered.
 */
export function parseManifests({ name, text }: NamedText, issues: PoolConfigIssue[]): RawDocument[] {
  if (text.length > MOST_CHARACTERS) {
    issues.push({
      name: name || "manifests",
      problem: `has ${text.length.toLocaleString("en")} characters, more than ${MOST_CHARACTERS.toLocaleString("en")}`,
      remedy: "Give it in parts, each as a file of its own",
    })
    return []
  }
  const places = new Places(name, text)
  const values = jsonValues(text)
  if (values !== undefined) return values.map((value) => ofJson(value, places, issues))
  const documents: RawDocument[] = []
  try {
    const parser = new Parser()
    for (const document of new Composer(OPTIONS).compose(parser.parse(text), false, text.length)) {
      const [start, , end] = document.range
      const fault = faultOf(document, text)
      if (fault !== undefined) {
        const { offset, problem, remedy } = fault
        issues.push({ name: places.at(offset), problem, remedy })
        continue
      }
      const value = jsonOf(document)
      if (isProblem(value)) issues.push({ name: places.at(start), ...value })
      else documents.push(places.document(value.json, start, end, itemOffsets(document.contents)))
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    issues.push({ name: name || "manifests", ...TOO_DEEP })
  }
  return documents
}

function jsonOf(document: Document.Parsed): { readonly json: unknown } | Problem {
  try {
    return { json: document.toJS({ maxAliasCount: MOST_ALIASES }) }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    return error.message.startsWith("Unresolved alias")
      ? { problem: "has an alias of an anchor that is not in its document", remedy: WRITE_OUT }
      : { problem: "has more aliases than can be expanded", remedy: WRITE_OUT }
  }
}

const WRITE_OUT = "Write the values in place of the aliases"

const TOO_DEEP = {
  problem: "is nested too deeply to be read",
  remedy: "Give manifests as Kubernetes accepts them",
}

function ofJson(
  { value, start, end, items, duplicate }: JsonValue,
  places: Places,
  issues: PoolConfigIssue[],
): RawDocument {
  if (duplicate !== undefined) issues.push({ name: places.at(duplicate), ...DUPLICATE })
  return places.document(value, start, end, items)
}

/** Finds the lines of what is in a text. */
class Places {
  readonly #name: string
  readonly #text: string
  #lines: LineCounter | undefined
  /** The document that was parsed last for the places in it. */
  #parsed: { readonly start: number; readonly document: Document } | undefined

  constructor(name: string, text: string) {
    this.#name = name
    this.#text = text
  }

  at(offset: number): string {
    const { line } = this.#counter().linePos(offset)
    return this.#name === "" ? `line ${line}` : `${this.#name}:${line}`
  }

  /** @param items the offsets of the objects in it, by path */
  document(value: unknown, start: number, end: number, items: ReadonlyMap<string, number>): RawDocument {
    return {
      value,
      placeOf: (path) => this.at(items.get(path) ?? start + this.#offsetOf(path, start, end)),
    }
  }

  #counter(): LineCounter {
    if (this.#lines !== undefined) return this.#lines
    const lines = new LineCounter()
    lines.addNewLine(0)
    for (let at = this.#text.indexOf("\n"); at >= 0; at = this.#text.indexOf("\n", at + 1)) {
      lines.addNewLine(at + 1)
    }
    this.#lines = lines
    return lines
  }

  /** Finds the offset of a path such as `spec.containers[0].image`, or of its nearest parent that is there. */
  #offsetOf(path: string, start: number, end: number): number {
    if (this.#parsed?.start !== start) {
      this.#parsed = { start, document: parseDocument(this.#text.slice(start, end), OPTIONS) }
    }
    const { document } = this.#parsed
    const keys = path.match(/[^.[\]]+/g) ?? []
    for (let length = keys.length; length > 0; length--) {
      const node = document.getIn(
        keys.slice(0, length).map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
        true,
      )
      const range = node !== null && typeof node === "object" && "range" in node ? node.range : undefined
      if (Array.isArray(range)) return Number(range[0])
    }
    return document.contents?.range?.[0] ?? 0
  }
}

/** The offset of the object in a document and, if it is a list, of each in it, by path: `items[0]`. */
function itemOffsets(root: ParsedNode | null): Map<string, number> {
  const offsets = new Map<string, number>()
  const left: [node: ParsedNode | null, path: string][] = [[root, ""]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [node, path] = next
    if (node !== null) offsets.set(path, node.range[0])
    const items = isMap(node) ? node.get("items", true) : undefined
    if (!isSeq<ParsedNode>(items)) continue
    for (const [index, item] of items.items.entries()) {
      left.push([item, `${path}${path === "" ? "" : "."}items[${index}]`])
    }
  }
  return offsets
}

interface Fault {
  readonly offset: number
  readonly problem: string
  readonly remedy: string
}

const DUPLICATE = { problem: "has a key that is there before in the same object", remedy: "Keep one of them" }

function faultOf(document: Document.Parsed, text: string): Fault | undefined {
  const [error] = document.errors
  const fault = faultIn(document.contents, text)
  if (fault !== undefined && (error === undefined || fault.remedy === RENDER)) return fault
  if (error === undefined) return undefined
  const [offset] = error.pos
  if (error.code === "RESOURCE_EXHAUSTION") return { offset, ...TOO_DEEP }
  const isTemplate = text.slice(document.range[0], Math.max(document.range[2], offset)).includes("{{")
  // Only the code of the error: its text has a part of the document, which may be a secret.
  return {
    offset,
    problem: `is not valid YAML from here on (${error.code})`,
    remedy: isTemplate ? RENDER : "Fix it, or render it again",
  }
}

/**
 * Finds a key that is there twice, of which the cluster takes the last, and `{{ … }}` where YAML reads a mapping as a key.
 * Inside a string it is text, as in alert rules.
 */
function faultIn(root: ParsedNode | null, text: string): Fault | undefined {
  let duplicate: Fault | undefined
  const left: (ParsedNode | null)[] = [root]
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (isSeq<ParsedNode>(node)) for (const item of node.items) left.push(item)
    if (!isMap<ParsedNode, ParsedNode | null>(node)) continue
    const keys = new Set<string>()
    for (const { key, value } of node.items) {
      left.push(value)
      const offset = key?.range?.[0] ?? node.range?.[0] ?? 0
      if (isMap(key) || isSeq(key)) {
        return text[offset - 1] === "{"
          ? { offset, problem: "has a template, {{ … }}, that was not rendered", remedy: RENDER }
          : { offset, problem: "has a key that is not a string", remedy: TOO_DEEP.remedy }
      }
      if (!isScalar(key)) continue
      const name = String(key.value)
      if (keys.has(name)) duplicate = { offset, ...DUPLICATE }
      keys.add(name)
    }
  }
  return duplicate
}

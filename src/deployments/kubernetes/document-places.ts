import { type Document, isMap, isSeq, LineCounter, type ParsedNode, parseDocument } from "yaml"
import type { RawDocument } from "./manifest.ts"
import { YAML_OPTIONS } from "./yaml-options.ts"

/** Finds the lines of what is in a text. */
export class DocumentPlaces {
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
      this.#parsed = { start, document: parseDocument(this.#text.slice(start, end), YAML_OPTIONS) }
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

/**
 * Returns the offset of the object in a document and, if it is a list, of each in it, by path: `items[0]`.
 *
 * @param path the path of the object, and where the text of its document begins
 */
export function itemOffsets(root: ParsedNode | null, path = "", start = 0): Map<string, number> {
  const offsets = new Map<string, number>()
  const left: [node: ParsedNode | null, path: string][] = [[root, path]]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [node, within] = next
    if (node !== null) offsets.set(within, start + node.range[0])
    const items = isMap(node) ? node.get("items", true) : undefined
    if (!isSeq<ParsedNode>(items)) continue
    for (const [index, item] of items.items.entries()) {
      left.push([item, `${within}${within === "" ? "" : "."}items[${index}]`])
    }
  }
  return offsets
}

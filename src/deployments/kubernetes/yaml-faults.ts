import { type Document, isMap, isScalar, isSeq, type ParsedNode } from "yaml"

/** What a text is, in the words of its faults. */
export interface TextKind {
  /** The name of a text that has none. */
  readonly name: string
  /** The remedy for a template in it. */
  readonly template: string
  /** The remedy for what its reader would not accept. */
  readonly accepted: string
}

export const MANIFESTS: TextKind = {
  name: "manifests",
  template: "Give rendered manifests: the output of helm template",
  accepted: "Give manifests as Kubernetes accepts them",
}

/** A document that nothing accepts, and that takes more stack than there is. */
export const tooDeep = ({ accepted }: TextKind) => ({
  problem: "is nested too deeply to be read",
  remedy: accepted,
})

/** What is wrong in a document, and where. */
export interface Fault {
  readonly offset: number
  readonly problem: string
  readonly remedy: string
}

/** A key twice in one object, of which the cluster takes the last. */
export const DUPLICATE = {
  problem: "has a key that is there before in the same object",
  remedy: "Keep one of them",
}

/** Finds what is wrong in a document; undefined if nothing is. */
export function faultOf(document: Document.Parsed, text: string, kind: TextKind): Fault | undefined {
  const [error] = document.errors
  const fault = faultIn(document.contents, text, kind)
  if (fault !== undefined && (error === undefined || fault.remedy === kind.template)) return fault
  if (error === undefined) return undefined
  const [offset] = error.pos
  if (error.code === "RESOURCE_EXHAUSTION") return { offset, ...tooDeep(kind) }
  const isTemplate = text.slice(document.range[0], Math.max(document.range[2], offset)).includes("{{")
  // Only the code of the error: its text has a part of the document, which may be a secret.
  return {
    offset,
    problem: `is not valid YAML from here on (${error.code})`,
    remedy: isTemplate ? kind.template : "Fix it, or render it again",
  }
}

/**
 * Finds a key that is there twice, of which the cluster takes the last, and `{{ … }}` where YAML reads a mapping as a key.
 * Inside a string it is text, as in alert rules.
 */
function faultIn(root: ParsedNode | null, text: string, kind: TextKind): Fault | undefined {
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
          ? { offset, problem: "has a template, {{ … }}, that was not rendered", remedy: kind.template }
          : { offset, problem: "has a key that is not a string", remedy: kind.accepted }
      }
      if (!isScalar(key)) continue
      const name = String(key.value)
      if (keys.has(name)) duplicate = { offset, ...DUPLICATE }
      keys.add(name)
    }
  }
  return duplicate
}

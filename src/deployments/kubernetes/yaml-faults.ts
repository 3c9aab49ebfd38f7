import { type Document, isMap, isScalar, isSeq, type ParsedNode } from "yaml"

const RENDER = "Give rendered manifests: the output of helm template"

/** A document that no cluster accepts, and that takes more stack than there is. */
export const TOO_DEEP = {
  problem: "is nested too deeply to be read",
  remedy: "Give manifests as Kubernetes accepts them",
}

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
export function faultOf(document: Document.Parsed, text: string): Fault | undefined {
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

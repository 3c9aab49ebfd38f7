import { Composer, type Document, isMap, isScalar, LineCounter, Parser, parseDocument, visit } from "yaml"
import type { PoolConfigIssue } from "../../error.ts"
import type { RawDocument } from "./manifest.ts"

/** The name of a file with its text; the name is empty for a text that has none. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

/** Larger texts take long to parse: no cluster's manifests are so large. */
const LARGEST_BYTES = 20_000_000

/** More than any manifest uses, and far fewer than a file needs that grows without end when it is expanded. */
const MOST_ALIASES = 100

const OPTIONS = { merge: true, version: "1.2", prettyErrors: false, logLevel: "silent" } as const

const RENDER = "Give rendered manifests: the output of helm template"

/**
 * Parses a stream of YAML documents. Each is an issue with its file and line if it is not YAML, or if it is a template
 * that was not rendered.
 */
export function parseManifests({ name, text }: NamedText, issues: PoolConfigIssue[]): RawDocument[] {
  if (text.length > LARGEST_BYTES) {
    issues.push({
      name: name || "manifests",
      problem: `has ${text.length.toLocaleString("en")} characters, more than ${LARGEST_BYTES.toLocaleString("en")}`,
      remedy: "Give it in parts, each as a file of its own",
    })
    return []
  }
  const lines = new LineCounter()
  const at = (offset: number) => placeAt(name, lines, offset)
  const documents: RawDocument[] = []
  try {
    const parser = new Parser(lines.addNewLine)
    for (const document of new Composer(OPTIONS).compose(parser.parse(text), false, text.length)) {
      const [start, , end] = document.range
      const problem = problemOf(document)
      if (problem !== undefined) {
        issues.push({ name: at(problem.offset), problem: problem.problem, remedy: problem.remedy })
        continue
      }
      documents.push({
        value: document.toJS({ maxAliasCount: MOST_ALIASES }),
        placeOf: (path) => at(start + offsetOf(text.slice(start, end), path)),
      })
    }
  } catch (error) {
    issues.push({ name: name || "manifests", ...unparsable(error) })
  }
  return documents
}

interface Fault {
  readonly offset: number
  readonly problem: string
  readonly remedy: string
}

function problemOf(document: Document.Parsed): Fault | undefined {
  const [error] = document.errors
  const template = unrendered(document)
  if (template !== undefined) return template
  if (error === undefined) return undefined
  const [offset] = error.pos
  // Only the code of the error: its text has a part of the document, which may be a secret.
  return {
    offset,
    problem: `is not valid YAML from here on (${error.code})`,
    remedy: "Fix it, or render it again",
  }
}

/** Finds `{{ … }}` where YAML reads a mapping as a key. Inside a string it is text, as in alert rules. */
function unrendered(document: Document.Parsed): Fault | undefined {
  let found: Fault | undefined
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) || key === null || !isMap(key)) return undefined
      found = {
        offset: key.range?.[0] ?? 0,
        problem: "has a template, {{ … }}, that was not rendered",
        remedy: RENDER,
      }
      return visit.BREAK
    },
  })
  return found
}

function unparsable(error: unknown): Pick<PoolConfigIssue, "problem" | "remedy"> {
  if (error instanceof ReferenceError)
    return {
      problem: "has more aliases than can be expanded",
      remedy: "Write the values in place of the aliases",
    }
  if (error instanceof RangeError)
    return { problem: "is nested too deeply to be read", remedy: "Give manifests as Kubernetes accepts them" }
  throw error
}

const placeAt = (name: string, lines: LineCounter, offset: number): string =>
  name === "" ? `line ${lines.linePos(offset).line}` : `${name}:${lines.linePos(offset).line}`

/** Finds the offset of a path such as `spec.containers[0].image`, or of its nearest parent that is there. */
function offsetOf(text: string, path: string): number {
  const document = parseDocument(text, OPTIONS)
  const keys = path.match(/[^.[\]]+/g) ?? []
  for (let length = keys.length; length > 0; length--) {
    const node = document.getIn(
      keys.slice(0, length).map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
      true,
    )
    const range = node !== null && typeof node === "object" && "range" in node ? node.range : undefined
    if (Array.isArray(range)) return Number(range[0])
  }
  const first = document.contents?.range?.[0]
  return first ?? 0
}

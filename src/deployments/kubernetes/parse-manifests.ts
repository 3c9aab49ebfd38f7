import { Composer, type Document, isSeq, type ParsedNode, Parser, parseDocument } from "yaml"
import type { PoolConfigIssue } from "../../error.ts"
import { isProblem, type Problem } from "../../validation/problem.ts"
import { isObject } from "../json-value.ts"
import { DocumentPlaces, itemOffsets } from "./document-places.ts"
import { type JsonValue, jsonValues } from "./json-stream.ts"
import type { RawDocument } from "./manifest.ts"
import { splitList } from "./split-list.ts"
import { DUPLICATE, faultOf, MANIFESTS, type TextKind, tooDeep } from "./yaml-faults.ts"
import { YAML_OPTIONS } from "./yaml-options.ts"

/** The name of a file with its text; the name is empty for a text that has none. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

/** Larger texts take long to parse: no cluster's manifests are so large. */
const MOST_CHARACTERS = 20_000_000

/** More than any manifest uses, and far fewer than a file needs that grows without end when it is expanded. */
const MOST_ALIASES = 100

/**
 * Parses a stream of YAML documents, or of JSON values. Each is an issue with its file and line if it is neither, or if it
 * is a template that was not rendered.
 */
export function parseManifests(
  { name, text }: NamedText,
  issues: PoolConfigIssue[],
  kind: TextKind = MANIFESTS,
): RawDocument[] {
  if (text.length > MOST_CHARACTERS) {
    issues.push({
      name: name || kind.name,
      problem: `has ${text.length.toLocaleString("en")} characters, more than ${MOST_CHARACTERS.toLocaleString("en")}`,
      remedy: "Give it in parts, each as a file of its own",
    })
    return []
  }
  const places = new DocumentPlaces(name, text)
  const values = jsonValues(text)
  if (values !== undefined) return values.map((value) => ofJson(value, places, issues))
  try {
    return ofList(text, places, kind) ?? ofStream(text, places, issues, kind)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    issues.push({ name: name || kind.name, ...tooDeep(kind) })
    return []
  }
}

function ofJson(
  { value, start, end, items, duplicate }: JsonValue,
  places: DocumentPlaces,
  issues: PoolConfigIssue[],
): RawDocument {
  if (duplicate !== undefined) issues.push({ name: places.at(duplicate), ...DUPLICATE })
  return places.document(value, start, end, items)
}

function ofStream(
  text: string,
  places: DocumentPlaces,
  issues: PoolConfigIssue[],
  kind: TextKind,
): RawDocument[] {
  const documents: RawDocument[] = []
  for (const document of new Composer(YAML_OPTIONS).compose(new Parser().parse(text), false, text.length)) {
    const [start, , end] = document.range
    const fault = faultOf(document, text, kind)
    if (fault !== undefined) {
      const { offset, problem, remedy } = fault
      issues.push({ name: places.at(offset), problem, remedy })
      continue
    }
    const value = jsonOf(document)
    if (isProblem(value)) issues.push({ name: places.at(start), ...value })
    else documents.push(places.document(value.json, start, end, itemOffsets(document.contents)))
  }
  return documents
}

/** Parses each item of a List by itself. Undefined if the text is anything else, or is to be parsed as a whole. */
function ofList(text: string, places: DocumentPlaces, kind: TextKind): RawDocument[] | undefined {
  const split = splitList(text)
  if (split === undefined) return undefined
  const around = parsed(split.around, kind)
  if (!isObject(around?.json) || around.json["items"] !== null) return undefined
  const values: unknown[] = []
  const offsets = new Map([["", 0]])
  for (const [index, { text: item, start }] of split.items.entries()) {
    const piece = parsed(item, kind)
    if (piece === undefined || !Array.isArray(piece.json) || piece.json.length !== 1) return undefined
    values.push(piece.json[0])
    const [node = null] = isSeq<ParsedNode>(piece.contents) ? piece.contents.items : []
    for (const [path, offset] of itemOffsets(node, `items[${index}]`, start)) offsets.set(path, offset)
  }
  return [places.document({ ...around.json, items: values }, 0, text.length, offsets)]
}

/** Undefined if anything in it is wrong. */
function parsed(text: string, kind: TextKind) {
  const document = parseDocument(text, YAML_OPTIONS)
  if (faultOf(document, text, kind) !== undefined) return undefined
  const value = jsonOf(document)
  return isProblem(value) ? undefined : { ...value, contents: document.contents }
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

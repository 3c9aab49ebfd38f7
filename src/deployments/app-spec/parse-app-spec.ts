import type { PoolConfigIssue } from "../../error.ts"
import type { RawDocument } from "../kubernetes/manifest.ts"
import { type NamedText, parseManifests } from "../kubernetes/parse-manifests.ts"
import type { TextKind } from "../kubernetes/yaml-faults.ts"

export const REMEDY = "Give an app spec as `doctl apps spec get APP_ID` prints it"

const APP_SPEC: TextKind = {
  name: "app spec",
  template: "Fill it in: DigitalOcean fills in no templates",
  accepted: REMEDY,
}

/** A parsed app spec, with the name that its addresses begin with; empty for a single document. */
export interface NamedSpec {
  readonly name: string
  readonly document: RawDocument
  /** True if it was parsed from a text, and so has lines. */
  readonly hasLines: boolean
}

/**
 * Parses the text of an app spec. It is one document, YAML or JSON.
 *
 * @param source the name of the file, for its lines
 */
export function parseAppSpec(
  name: string,
  source: NamedText,
  issues: PoolConfigIssue[],
): readonly NamedSpec[] {
  const found = issues.length
  const documents = parseManifests(source, issues, APP_SPEC).filter(({ value }) => value !== null)
  const [document, second] = documents
  if (second !== undefined)
    issues.push({ name: second.placeOf(""), problem: "is a second document", remedy: REMEDY })
  if (document !== undefined) return [{ name, document, hasLines: true }]
  if (issues.length === found)
    issues.push({ name: source.name || APP_SPEC.name, problem: "is empty", remedy: REMEDY })
  return []
}

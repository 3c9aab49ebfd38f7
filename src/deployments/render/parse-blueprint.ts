import type { PoolConfigIssue } from "../../error.ts"
import type { RawDocument } from "../kubernetes/manifest.ts"
import { type NamedText, parseManifests } from "../kubernetes/parse-manifests.ts"
import type { TextKind } from "../kubernetes/yaml-faults.ts"

export const REMEDY = "Give a render.yaml as Render's Blueprint reference documents it"

const BLUEPRINT: TextKind = {
  name: "render.yaml",
  template: "Fill it in: Render fills in no templates",
  accepted: REMEDY,
}

/** A parsed Blueprint, with the name that its addresses begin with; empty for a single document. */
export interface NamedBlueprint {
  readonly name: string
  readonly document: RawDocument
  /** True if it was parsed from a text, and so has lines. */
  readonly hasLines: boolean
}

/**
 * Parses the text of a Blueprint. It is one YAML document.
 *
 * @param source the name of the file, for its lines
 */
export function parseBlueprint(
  name: string,
  source: NamedText,
  issues: PoolConfigIssue[],
): readonly NamedBlueprint[] {
  const found = issues.length
  const documents = parseManifests(source, issues, BLUEPRINT).filter(({ value }) => value !== null)
  const [document, second] = documents
  if (second !== undefined)
    issues.push({ name: second.placeOf(""), problem: "is a second YAML document", remedy: REMEDY })
  if (document !== undefined) return [{ name, document, hasLines: true }]
  if (issues.length === found)
    issues.push({ name: source.name || BLUEPRINT.name, problem: "is empty", remedy: REMEDY })
  return []
}

import { decoded, sourceFormat } from "../../src/cli/input/parse-json.ts"
import { isObject } from "../../src/deployments/json-value.ts"
import { parseManifests } from "../../src/deployments/kubernetes/parse-manifests.ts"
import { formatOf } from "../../src/deployments/other-format.ts"
import type { DocumentFormat } from "./documents.ts"

/** Names that say what is in a file. */
const NAMES: readonly (readonly [DocumentFormat, RegExp])[] = [
  ["config", /(?:^|\/)pool\.config\b[^/]*\.(?:json|[cm]?js)$/],
  ["baseline", /(?:^|\/)pool\.baseline\b[^/]*\.json$/],
  ["pgbouncer", /\.ini$/],
  ["terraform", /\.(?:tf|tfplan|tfstate)$/],
]

/** Names that say it of what cannot be parsed. */
const USUAL_NAMES: typeof NAMES = [
  ["render", /(?:^|\/)render\.ya?ml$/],
  ["compose", /(?:^|\/)(?:docker-)?compose\b[^/]*\.(?:json|ya?ml)$/],
]

/** The beginning of a plan, which may be cut off. */
const PLAN = /^\s*\{\s*"format_version"\s*:/

const SECTION = /^[ \t]*\[(?:databases|pgbouncer|users|peers)\][ \t]*$/m

/** The fields of a declaration, of which each has one. */
const DECLARED = ["maxConnections", "consumers", "jobs", "servers", "reserved", "poolers", "deployments"]

/** Tells the format of a file by its name and its content; undefined if neither says it. */
export function recognizeFormat(name: string, bytes: Uint8Array): DocumentFormat | undefined {
  const named = (names: typeof NAMES) => names.find(([, pattern]) => pattern.test(name))?.[0]
  return named(NAMES) ?? formatOfText(decoded(bytes)) ?? named(USUAL_NAMES)
}

function formatOfText(text: string): DocumentFormat | undefined {
  if (SECTION.test(text)) return "pgbouncer"
  try {
    return formatOfJson(JSON.parse(text))
  } catch {
    return PLAN.test(text) ? "terraform" : (sourceFormat(text) ?? formatOfYaml(text))
  }
}

function formatOfJson(json: unknown): DocumentFormat | undefined {
  const format = formatOf(json)
  if (format !== undefined || !isObject(json)) return format
  if (Array.isArray(json["acknowledged"])) return "baseline"
  return DECLARED.some((field) => json[field] !== undefined) ? "config" : undefined
}

/** One document after the other, because the first that says it is enough. */
function formatOfYaml(text: string): DocumentFormat | undefined {
  for (const document of text.split(/^---(?=\s|$).*$/m)) {
    const format = parseManifests({ name: "", text: document }, [])
      .map(({ value }) => formatOf(value))
      .find((each) => each !== undefined)
    if (format !== undefined) return format
  }
  return undefined
}

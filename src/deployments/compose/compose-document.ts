import type { PoolConfigIssue } from "../../error.ts"
import { isPlain } from "../../validation/plain-object.ts"
import { remedyForOther } from "../other-format.ts"
import type { NamedDocument } from "../reader.ts"
import { type ComposeService, readService } from "./compose-service.ts"
import { Fields, REMEDY } from "./fields.ts"
import { rawFileIssues, shapeProblem } from "./raw-file.ts"
import { relationsOf, type ServiceRelations } from "./service-relations.ts"

/** The output of `docker compose config --format json`. */
export interface ComposeDocument {
  /** What the addresses begin with; empty for a single document. */
  readonly prefix: string
  readonly services: readonly ComposeService[]
  readonly relations: ServiceRelations
  /** Secrets and configs, by kind and name. */
  readonly stored: ReadonlyMap<string, StoredFile>
  /** Jobs that a scheduler starts, which are not read, with everything that they contain. */
  readonly jobs: readonly (readonly [name: string, job: unknown])[]
  /** True if profiles were enabled when it was printed. */
  readonly hasProfiles: boolean
}

/** The content of a secret or a config, as far as the document has it. */
export interface StoredFile {
  /** The path of the file outside; empty if it is not a file. */
  readonly file: string
  /** Undefined if it cannot be seen. */
  readonly content: string | undefined
}

const NOTHING: Omit<ComposeDocument, "prefix"> = {
  services: [],
  relations: relationsOf([]),
  stored: new Map(),
  jobs: [],
  hasProfiles: true,
}

/** Reads a parsed document. Everything wrong with it becomes an issue with its path. */
export function readComposeDocument(
  { name, json }: NamedDocument,
  issues: PoolConfigIssue[],
): ComposeDocument {
  const prefix = name === "" ? "" : `${name}: `
  const problem = shapeProblem(json)
  if (problem !== undefined || !isPlain(json)) {
    issues.push({
      name: name || "compose",
      problem: problem ?? "",
      remedy: remedyForOther(json, "compose") ?? REMEDY,
    })
    return { prefix, ...NOTHING }
  }
  issues.push(...rawFileIssues(json, prefix))
  const values = Object.entries(json["services"] as Readonly<Record<string, unknown>>)
  const jobs = json["jobs"] ?? {}
  if (!isPlain(jobs)) issues.push({ name: `${prefix}jobs`, problem: "is not an object", remedy: REMEDY })
  const project = typeof json["name"] === "string" ? json["name"] : ""
  const services = values.flatMap(([service, value]) => {
    if (isPlain(value)) return [readService(service, value, prefix, project, issues)]
    issues.push({ name: `${prefix}services.${service}`, problem: "is not an object", remedy: REMEDY })
    return []
  })
  return {
    prefix,
    services,
    relations: relationsOf(services),
    stored: new Map([
      ...storedFiles(json, "secret", prefix, issues),
      ...storedFiles(json, "config", prefix, issues),
    ]),
    jobs: isPlain(jobs) ? Object.entries(jobs) : [],
    hasProfiles: values.some(([, value]) => isPlain(value) && isFilled(value["profiles"])),
  }
}

const isFilled = (value: unknown) => Array.isArray(value) && value.length > 0

function storedFiles(
  json: Readonly<Record<string, unknown>>,
  kind: "secret" | "config",
  prefix: string,
  issues: PoolConfigIssue[],
): (readonly [name: string, file: StoredFile])[] {
  const value = json[`${kind}s`] ?? {}
  if (!isPlain(value)) {
    issues.push({ name: `${prefix}${kind}s`, problem: "is not an object", remedy: REMEDY })
    return []
  }
  return Object.entries(value).map(([name, stored]) => {
    const fields = new Fields(stored ?? {}, `${prefix}${kind}s.${name}`, issues)
    const content = fields.get("content") === undefined ? undefined : fields.text("content")
    return [`${kind} ${name}`, { file: fields.text("file"), content }]
  })
}

import { describeValue, type PoolConfigIssue } from "../../error.ts"
import { Attributes } from "../attributes.ts"
import { isObject } from "../json-value.ts"
import { madeHost } from "../made-host.ts"
import { remedyForOther } from "../other-format.ts"
import type { Addressed } from "../override.ts"
import { type NamedBlueprint, REMEDY } from "./parse-blueprint.ts"

/** The resources of a Blueprint that see each other: those of an environment, or those outside of every project. */
export interface Scope {
  readonly services: readonly RenderService[]
  readonly databases: readonly RenderDatabase[]
  /** The variables of the groups that its services may name. */
  readonly groups: ReadonlyMap<string, readonly Attributes[]>
}

/** Anything in `services`. */
export interface RenderService extends Addressed {
  readonly name: string
  readonly type: string
  readonly attributes: Attributes
  /** Reports that a field has a value that Render does not take. */
  refuse(path: string, problem: string, remedy: string): void
}

/** Anything in `databases`, or a read replica of it. */
export interface RenderDatabase extends Addressed {
  readonly name: string
  /** The host of its URLs. The real one is in no file. */
  readonly host: string
  readonly attributes: Attributes
  readonly isReplica: boolean
}

export interface Blueprint {
  readonly scopes: readonly Scope[]
  /** True if pull requests get an environment of their own, with databases of their own. */
  readonly hasPreviews: boolean
  readonly prefix: string
}

/** The fields at the top, each of which makes a file a Blueprint. */
const FIELDS = ["services", "databases", "envVarGroups", "projects", "ungrouped"]

/** Reads a parsed Blueprint. Everything wrong with it becomes an issue with its place. */
export function readBlueprint(source: NamedBlueprint, issues: PoolConfigIssue[]): Blueprint {
  const { name, document } = source
  const prefix = name === "" ? "" : `${name}: `
  const { value } = document
  const nothing: Blueprint = { scopes: [], hasPreviews: false, prefix }
  const isBlueprint = isObject(value) && FIELDS.some((field) => Array.isArray(value[field]))
  const other = remedyForOther(value, "render")
  if (other !== undefined || (!isBlueprint && !(isObject(value) && isObject(value["ungrouped"])))) {
    issues.push({
      name: document.placeOf("") || "render.yaml",
      problem: isObject(value)
        ? other === undefined
          ? "has no services, databases or projects, so it is not a Blueprint"
          : "is not a Blueprint"
        : `received ${describeValue(value)}`,
      remedy: other ?? REMEDY,
    })
    return nothing
  }
  const reported = new Set<string>()
  const root = new Attributes(value, undefined, (path) => {
    if (reported.has(path)) return
    reported.add(path)
    issues.push(wrongType(source, path))
  })
  const shared = groupsOf(root, new Map())
  const reading = { source, prefix, issues, seen: new Set<string>() }
  const scopes = [
    readScope(root, "", "", shared, reading),
    ...root
      .blocks("ungrouped")
      .map((block) => readScope(block, "ungrouped.", "", groupsOf(block, shared), reading)),
    ...root.blocks("projects").flatMap((project, index) => {
      const ofProject = groupsOf(project, shared)
      return project.blocks("environments").map((environment, own) => {
        const path = `projects[${index}].environments[${own}].`
        const names = [project.text("name") || index, environment.text("name") || own]
        return readScope(environment, path, names.join("/"), groupsOf(environment, ofProject), reading)
      })
    }),
  ]
  return { scopes, hasPreviews: isOn(generationOf(root) ?? root.get("previewsEnabled")), prefix }
}

/** The word that says whether pull requests get a copy. */
export const generationOf = (attributes: Attributes): string | undefined =>
  attributes.blocks("previews")[0]?.text("generation")

export const isOn = (generation: unknown): boolean => generation === true || isWordOn(generation)

const isWordOn = (generation: unknown) =>
  typeof generation === "string" && !["off", "none", "false", ""].includes(generation)

interface Reading {
  readonly source: NamedBlueprint
  readonly prefix: string
  readonly issues: PoolConfigIssue[]
  /** Addresses that were read. */
  readonly seen: Set<string>
}

/** @param within the project and the environment; empty outside of them */
function readScope(
  attributes: Attributes,
  path: string,
  within: string,
  groups: Scope["groups"],
  reading: Reading,
): Scope {
  const named = (field: string, kind: string) =>
    attributes.blocks(field).flatMap((own, index) => {
      const at = `${path}${field}[${index}]`
      const name = own.text("name") ?? ""
      const place = addressed(kind, name, within, at, reading)
      return place === undefined ? [] : [{ ...place, name, attributes: own, at }]
    })
  return {
    groups,
    services: named("services", "service").map(({ at, ...service }) => ({
      ...service,
      type: service.attributes.text("type") ?? "",
      refuse(field, problem, remedy) {
        reading.issues.push({ ...wrongType(reading.source, `${at}.${field}`), problem, remedy })
      },
    })),
    databases: named("databases", "database").flatMap(({ at, ...database }): RenderDatabase[] => [
      { ...database, host: hostOf(database.name, within), isReplica: false },
      ...database.attributes.blocks("readReplicas").flatMap((replica, index): RenderDatabase[] => {
        const name = replica.text("name") ?? ""
        const place = addressed("database", name, within, `${at}.readReplicas[${index}]`, reading)
        const { attributes: own } = database
        return place === undefined
          ? []
          : [{ ...place, name, attributes: own, host: hostOf(name, within), isReplica: true }]
      }),
    ]),
  }
}

function addressed(
  kind: string,
  name: string,
  within: string,
  path: string,
  { source, prefix, issues, seen }: Reading,
): Addressed | undefined {
  const place = source.document.placeOf(path)
  const refuse = (problem: string, remedy: string) => issues.push({ name: place || path, problem, remedy })
  if (name === "") {
    refuse(`is a ${kind} without a name`, "Give it a name")
    return undefined
  }
  const ownAddress = `${kind}/${name}`
  const own = within === "" ? ownAddress : `${within}/${ownAddress}`
  if (seen.has(own)) {
    refuse(`is a ${kind} whose name is there before`, "Give each a name of its own")
    return undefined
  }
  seen.add(own)
  return { address: prefix + own, ownAddress, ...(source.hasLines ? { place } : {}) }
}

/** The real host has an id that Render makes. */
export const hostOf = (name: string, within: string): string => madeHost(name, ...within.split("/").reverse())

/** The groups of a block over those around it. */
function groupsOf(attributes: Attributes, around: Scope["groups"]): Scope["groups"] {
  const own = attributes
    .blocks("envVarGroups")
    .map((group) => [group.text("name") ?? "", group.blocks("envVars")] as const)
  return new Map([...around, ...own])
}

/** Without the value, which may be a secret. */
const wrongType = ({ document, hasLines }: NamedBlueprint, path: string): PoolConfigIssue => ({
  name: hasLines ? document.placeOf(path) : document.placeOf(path) || path,
  problem: hasLines ? `has a value of the wrong type at ${path}` : "has a value of the wrong type",
  remedy: "Write it as Render documents it",
})

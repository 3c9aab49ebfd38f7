import { describeValue, type PoolConfigIssue } from "../../error.ts"
import { Attributes } from "../attributes.ts"
import { field, isObject } from "../json-value.ts"
import { remedyForOther } from "../other-format.ts"
import type { Addressed } from "../override.ts"
import { type App, COMPONENT_KINDS, type Component, IN_SPEC, NO_APP, readApp } from "./app.ts"
import type { AppDatabase } from "./app-databases.ts"
import { type NamedSpec, REMEDY } from "./parse-app-spec.ts"

/** An app of a file, with the places in it. */
export interface SpecFile {
  readonly app: App
  readonly components: readonly (Addressed & { readonly component: Component })[]
  readonly databases: readonly (Addressed & { readonly database: AppDatabase })[]
}

/** The fields at the top, each of which makes a file an app spec. */
const FIELDS = [...COMPONENT_KINDS, "database"].map(IN_SPEC)

/** Returns the spec in a value: the value itself, or what a deploy template has in `spec`. */
export function specIn(value: unknown): { readonly spec: object; readonly path: string } | undefined {
  if (isSpec(value)) return { spec: value, path: "" }
  const inner = field(value, "spec")
  return isSpec(inner) ? { spec: inner, path: "spec." } : undefined
}

const isSpec = (value: unknown): value is object =>
  isObject(value) && FIELDS.some((name) => Array.isArray(field(value, name)))

/** Reads a parsed app spec. Everything wrong with it becomes an issue with its place. */
export function readSpecFile(source: NamedSpec, issues: PoolConfigIssue[]): SpecFile {
  const { name, document } = source
  const found = specIn(document.value)
  const other = remedyForOther(document.value, "app-spec")
  if (found === undefined || other !== undefined) {
    issues.push({
      name: document.placeOf("") || "app spec",
      problem: isObject(document.value)
        ? "has no services, workers, jobs, static_sites, functions or databases, so it is no app spec"
        : `received ${describeValue(document.value)}`,
      remedy: other ?? REMEDY,
    })
    return { app: NO_APP, components: [], databases: [] }
  }
  const reported = new Set<string>()
  const attributes = new Attributes(found.spec, undefined, (path) => {
    const at = found.path + path
    if (reported.has(at)) return
    reported.add(at)
    issues.push(wrongValue(source, at))
  })
  const app = readApp(attributes, IN_SPEC)
  const seen = new Set<string>()
  const addressed = (kind: string, own: string | undefined, index: number): Addressed | undefined => {
    const path = `${found.path}${IN_SPEC(kind)}[${index}]`
    const place = document.placeOf(path)
    const what = kind.replace("_", " ")
    const refuse = (problem: string, remedy: string) => issues.push({ name: place || path, problem, remedy })
    if (own === undefined || own === "") {
      refuse(`is a ${what} without a name`, "Give it a name")
      return undefined
    }
    // All components and databases of an app share their names.
    if (seen.has(own)) {
      refuse(`is a ${what} whose name is there before`, "Give each a name of its own")
      return undefined
    }
    seen.add(own)
    const ownAddress = `${kind.replace("_", "-")}/${own}`
    const address = name === "" ? ownAddress : `${name}: ${ownAddress}`
    return { address, ownAddress, ...(source.hasLines ? { place } : {}) }
  }
  return {
    app,
    components: app.components.flatMap((component) => {
      const place = addressed(component.kind, component.name, component.index)
      return place === undefined ? [] : [{ ...place, component }]
    }),
    databases: app.databases.flatMap((database, index) => {
      const place = addressed("database", database.name, index)
      return place === undefined ? [] : [{ ...place, database }]
    }),
  }
}

/** Without the value, which may be a secret. */
const wrongValue = ({ document, hasLines }: NamedSpec, path: string): PoolConfigIssue => ({
  name: hasLines ? document.placeOf(path) : document.placeOf(path) || path,
  problem: hasLines
    ? `has a value at ${path} that DigitalOcean does not take`
    : "has a value that DigitalOcean does not take",
  remedy: "Write it as DigitalOcean's reference for app specs documents it",
})

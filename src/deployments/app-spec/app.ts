import { Attributes } from "../attributes.ts"
import { type AppDatabase, readDatabases } from "./app-databases.ts"

/** The parts of an app that run code, by the words of its spec. */
export const COMPONENT_KINDS = ["service", "worker", "job", "static_site", "function"] as const

export type ComponentKind = (typeof COMPONENT_KINDS)[number]

/** How a document spells the fields that have several values: an app spec as `services`, Terraform as `service`. */
export type Spelling = (field: string) => string

export const IN_SPEC: Spelling = (field) => `${field}s`
export const IN_BLOCKS: Spelling = (field) => field

/** An app of App Platform. */
export interface App {
  readonly components: readonly Component[]
  readonly databases: readonly AppDatabase[]
  /** The variables of all components. */
  readonly shared: Variables
}

export interface Component {
  readonly kind: ComponentKind
  /** Undefined if it has none, or if it is known only after apply. */
  readonly name: string | undefined
  /** The place among those of its kind. */
  readonly index: number
  readonly attributes: Attributes
  readonly own: Variables
  readonly app: App
}

/** The variables of a component, or of all of them, in the form in which the spec has them. */
export interface Variables {
  readonly entries: readonly Entry[]
  /** True if there may be more, which are known only after apply. */
  readonly isPartlyUnknown: boolean
}

/** A variable with the attributes of its entry. */
export interface Entry {
  readonly key: string
  readonly attributes: Attributes
}

/** Reads a spec. */
export function readApp(spec: Attributes, spelled: Spelling): App {
  const components: Component[] = []
  const app: App = {
    components,
    databases: readDatabases(spec.blocks(spelled("database")), spec.text("name") ?? ""),
    shared: variablesOf(spec, spelled),
  }
  for (const kind of COMPONENT_KINDS) {
    for (const [index, attributes] of spec.blocks(spelled(kind)).entries()) {
      const name = attributes.text("name") || undefined
      components.push({ kind, name, index, attributes, own: variablesOf(attributes, spelled), app })
    }
  }
  return app
}

/** An app that nothing is known of. */
export const NO_APP: App = readApp(new Attributes({}), IN_SPEC)

function variablesOf(attributes: Attributes, spelled: Spelling): Variables {
  const blocks = attributes.blocks(spelled("env"))
  return {
    entries: blocks.flatMap((block) => {
      const key = block.text("key") ?? ""
      return key === "" ? [] : [{ key, attributes: block }]
    }),
    isPartlyUnknown: blocks.some((block) => block.isUnknown("key")),
  }
}

/** All text of a component in which a variable may be named. */
export const textsOf = ({ attributes, own, app }: Component): readonly string[] => [
  ...[...app.shared.entries, ...own.entries].map(({ key }) => key),
  ...["run_command", "build_command"].flatMap((field) => attributes.text(field) ?? []),
]

import { Attributes } from "../attributes.ts"
import { isPoolerImage } from "../container-images.ts"
import {
  openVariables,
  overlay,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  variables as variablesOf,
  withCommand,
  withFiles,
} from "../environment.ts"
import { isObject, listOf, textOf } from "../json-value.ts"
import type { Context } from "../platform.ts"
import type { Workload } from "../workload.ts"

/** The containers of a task. */
export type TaskContainers = Required<Pick<Workload, "containers" | "initial">>

export const openTask = (reason: string): TaskContainers => ({
  containers: [openVariables(reason)],
  initial: [],
})

/**
 * Reads the containers of a task definition. What the definition of a container is in is one string, so that one unknown
 * value in it makes all of it unknown.
 *
 * @param overrides what a start of the task replaces in them; undefined if that cannot be seen
 */
export function taskContainers(
  definition: Attributes,
  { variables }: Pick<Context, "variables">,
  overrides: ContainerOverrides | undefined,
): TaskContainers {
  if (definition.isUnknown("container_definitions")) {
    return openTask("in container_definitions, which is known only after apply as a whole")
  }
  const definitions = containersIn(definition.get("container_definitions"))
  if (definitions === undefined) return openTask("in container_definitions that cannot be read")
  if (overrides === undefined) return openTask("replaced by an input that cannot be seen")
  const shares = sharesOf(definition)
  const all = definitions.map((fields) => {
    const own = { ...fields, ...overrides.find((each) => each["name"] === fields["name"]) }
    const layers = [fields, ...overrides.filter((each) => each["name"] === fields["name"])]
    return {
      name: textOf(fields["name"]),
      ends: fields["essential"] === false,
      dependencies: objectsIn(fields["dependson"]),
      environment: environmentOf(own, layers, shares, variables),
    }
  })
  const ended = all.filter(
    ({ name, ends }) => ends && all.some((other) => waitsFor(other, name, ENDED).length > 0),
  )
  return {
    containers: all.filter((each) => !ended.includes(each)).map(({ environment }) => environment),
    initial: ended.map((first) =>
      [first, ...all.filter((other) => runsBeside(first, other, all))].map(({ environment }) => environment),
    ),
  }
}

/** An object of a definition, with its names in lower case: the provider does not tell the cases of letters apart. */
type Fields = Readonly<Record<string, unknown>>

const lowered = (value: object): Fields =>
  Object.fromEntries(Object.entries(value).map(([name, each]) => [name.toLowerCase(), each]))

const objectsIn = (value: unknown): readonly Fields[] => listOf(value).filter(isObject).map(lowered)

function containersIn(text: unknown): readonly Fields[] | undefined {
  const value = parsed(text)
  return Array.isArray(value) ? objectsIn(value) : undefined
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(textOf(text))
  } catch {
    return undefined
  }
}

/** What a start of a task replaces in its containers, as `RunTask` takes it. */
export type ContainerOverrides = readonly Fields[]

/** Reads what a start of a task replaces in its containers; undefined if that cannot be read. */
export function containerOverrides(text: string | undefined): ContainerOverrides | undefined {
  if (text === undefined || text === "") return []
  const value = parsed(text)
  return isObject(value) ? objectsIn(lowered(value)["containeroverrides"]) : undefined
}

function environmentOf(
  own: Fields,
  layers: readonly Fields[],
  shares: ReadonlySet<string>,
  variables: readonly string[],
): ResourceEnvironment {
  if (isPoolerImage(textOf(own["image"])))
    return openVariables("that of a pooler, whose own connections are not counted")
  const environment = overlay(layers.flatMap(layersOf))
  const check = own["healthcheck"]
  const commands = { ...own, healthcheck: isObject(check) ? lowered(check)["command"] : [] }
  const isShared = objectsIn(own["mountpoints"]).some((mount) => shares.has(textOf(mount["sourcevolume"])))
  return withCommand(
    withFiles(environment, isShared ? ["a share"] : []),
    new Attributes(commands),
    ["entrypoint", "command", "healthcheck"],
    variables,
  )
}

/** The variables of a container count before those of its files. */
function layersOf(fields: Fields): ResourceEnvironment[] {
  const entries = objectsIn(fields["environment"]).map(
    (each) => [textOf(each["name"]), textIn(each)] as const,
  )
  const secrets = objectsIn(fields["secrets"]).map(
    (each) => [textOf(each["name"]), { unseen: SECRET_REFERENCE }] as const,
  )
  const hasFiles = listOf(fields["environmentfiles"]).length > 0
  return [...(hasFiles ? [openVariables("in a file on S3")] : []), variablesOf([...entries, ...secrets])]
}

const textIn = ({ value }: Fields): string => (typeof value === "object" ? "" : String(value ?? ""))

/** Volumes that other machines, or the machine itself, may write files to. */
function sharesOf(definition: Attributes): ReadonlySet<string> {
  const shares = definition.blocks("volume").filter((volume) => {
    const isElsewhere = FILE_SYSTEMS.some((kind) => volume.blocks(kind).length > 0)
    return isElsewhere || (volume.text("host_path") ?? "") !== ""
  })
  return new Set(shares.map((volume) => volume.text("name") ?? ""))
}

const FILE_SYSTEMS = [
  "efs_volume_configuration",
  "fsx_windows_file_server_volume_configuration",
  "s3files_volume_configuration",
]

interface Container {
  readonly name: string
  readonly dependencies: readonly Fields[]
}

/** Conditions of a dependency that a container meets when it has ended. */
const ENDED = ["SUCCESS", "COMPLETE"]

const waitsFor = ({ dependencies }: Container, name: string, conditions?: readonly string[]) =>
  dependencies.filter(
    ({ containername, condition }) =>
      containername === name && (conditions === undefined || conditions.includes(textOf(condition))),
  )

/** True if another container may run while this one has not ended. */
function runsBeside(first: Container, other: Container, all: readonly Container[]): boolean {
  return first !== other && !startsAfter(other, first, all) && !startsAfter(first, other, all)
}

/** True if a container starts only when another one has ended, directly or through what it waits for. */
function startsAfter(container: Container, ended: Container, all: readonly Container[]): boolean {
  const seen = new Set<Container>()
  const left = [container]
  for (const each of left) {
    if (seen.has(each)) continue
    seen.add(each)
    if (waitsFor(each, ended.name, ENDED).length > 0) return true
    left.push(...all.filter(({ name }) => waitsFor(each, name).length > 0))
  }
  return false
}

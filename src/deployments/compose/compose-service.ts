import type { PoolConfigIssue } from "../../error.ts"
import type { Addressed } from "../override.ts"
import { Fields, type Variable } from "./fields.ts"
import { type Replicas, readReplicas } from "./replicas.ts"

/** A service of a compose file. */
export interface ComposeService extends Addressed {
  readonly name: string
  /** Empty if it is only built. */
  readonly image: string
  /** The directory that it is built from; empty if it is not built. */
  readonly buildContext: string
  /** True if a program beside compose runs it, and sets variables in the services that depend on it. */
  readonly isProvided: boolean
  /** The entrypoint and the command. */
  readonly command: readonly string[]
  /** Commands that run beside it, with their variables, and what its healthcheck executes. */
  readonly hooks: readonly string[]
  readonly environment: readonly Variable[]
  readonly mounts: readonly Mount[]
  readonly workingDirectory: string
  /** Its names in the networks, and those that other services give it. */
  readonly hosts: readonly string[]
  readonly links: readonly string[]
  /** The services that it waits for, each with the condition; empty if it is omitted. */
  readonly dependencies: readonly (readonly [service: string, condition: string])[]
  readonly replicas: Replicas
}

/** A file or directory in a container. */
export interface Mount {
  readonly kind: "secret" | "config" | "path"
  /** The name of the secret or config, or the path outside. */
  readonly source: string
  readonly target: string
}

/** Reads a service. */
export function readService(
  name: string,
  json: unknown,
  prefix: string,
  project: string,
  issues: PoolConfigIssue[],
): ComposeService {
  const fields = new Fields(json, `${prefix}services.${name}`, issues)
  const containerName = fields.text("container_name")
  const hosts = [
    name,
    containerName,
    fields.text("hostname"),
    ...aliases(fields),
    project === "" ? "" : `${project}-${name}-1`,
  ]
  return {
    name,
    address: `${prefix}service/${name}`,
    ownAddress: `service/${name}`,
    image: fields.text("image"),
    buildContext: typeof fields.get("build") === "string" ? fields.text("build") : builtFrom(fields),
    isProvided: fields.get("provider") !== undefined,
    command: [...fields.texts("entrypoint"), ...fields.texts("command")],
    hooks: [
      ...["post_start", "pre_stop"].flatMap((hook) => hookTexts(fields, hook)),
      ...fields.object("healthcheck").texts("test"),
    ],
    environment: fields.variables("environment"),
    mounts: mountsOf(fields),
    workingDirectory: fields.text("working_dir"),
    hosts: hosts.filter((host) => host !== ""),
    links: fields.texts("links"),
    dependencies: dependenciesOf(fields),
    replicas: readReplicas(fields, containerName !== ""),
  }
}

const builtFrom = (fields: Fields): string =>
  fields.get("build") === undefined ? "" : fields.object("build").text("context") || "."

/** In short notation, networks are names without aliases. */
const aliases = (fields: Fields): readonly string[] =>
  Array.isArray(fields.get("networks"))
    ? []
    : fields.map("networks").flatMap(([, network]) => network.texts("aliases"))

function dependenciesOf(fields: Fields): ComposeService["dependencies"] {
  if (Array.isArray(fields.get("depends_on")))
    return fields.texts("depends_on").map((service) => [service, ""] as const)
  return fields
    .map("depends_on")
    .map(([service, dependency]) => [service, dependency.text("condition")] as const)
}

function hookTexts(fields: Fields, name: string): readonly string[] {
  return fields
    .list(name, (text) => [text])
    .flatMap((hook) => {
      if (!(hook instanceof Fields)) return hook
      const variables = hook.variables("environment")
      return [
        ...variables.flatMap(([variable, value]) => (value === undefined ? [] : [`${variable}=${value}`])),
        ...hook.texts("command"),
      ]
    })
}

function mountsOf(fields: Fields): Mount[] {
  const stored = (kind: "secret" | "config", directory: string) => (item: Fields | string) => {
    const source = item instanceof Fields ? item.text("source") : item
    const target = (item instanceof Fields && item.text("target")) || source
    return { kind, source, target: target.startsWith("/") ? target : directory + target }
  }
  const itself = (text: string) => text
  return [
    ...fields.list("secrets", itself).map(stored("secret", "/run/secrets/")),
    ...fields.list("configs", itself).map(stored("config", "/")),
    ...fields.list("volumes", itself).map((item): Mount => {
      if (item instanceof Fields)
        return { kind: "path", source: item.text("source"), target: item.text("target") }
      const [source = "", target = source] = item.split(":")
      return { kind: "path", source, target }
    }),
  ]
}

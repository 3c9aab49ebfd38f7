import type { Attributes } from "./attributes.ts"
import { type ProcessCount, processesIn, readProcesses } from "./command-processes.ts"

/** The environment of a container, as far as a plan shows it. */
export interface ResourceEnvironment {
  readonly values: ReadonlyMap<string, string>
  /** Variables that are set to a value that cannot be seen, each with the reason. */
  readonly hidden: ReadonlyMap<string, string>
  /** The reason why there may be more variables; undefined if these are all. */
  readonly mayHaveMore: string | undefined
  /** The servers whose sockets the platform puts into the container: `project:region:instance` of Cloud SQL. */
  readonly sockets?: readonly string[]
  /** Resolves a host as the container's network does: to a name that means the same server in every network. */
  readonly resolveHost?: ResolveHost
}

export type ResolveHost = (host: string) => string

export const AFTER_APPLY = "known only after apply"
export const WRITE_ONLY = "write-only, and so in no plan"
export const SECRET_REFERENCE = "a reference to a secret"
export const MOUNTED_FILE = "perhaps in a file or directory that is mounted"
const HASH = "stored as a hash"

/** The form in which providers store a secret after it was given once. */
const HASHED = /^\$argon2/

export const NO_VARIABLES: ResourceEnvironment = {
  values: new Map(),
  hidden: new Map(),
  mayHaveMore: undefined,
}

export const openVariables = (reason: string): ResourceEnvironment => ({
  ...NO_VARIABLES,
  mayHaveMore: reason,
})

/** Reads the variables of a map attribute. */
export function mapVariables(attributes: Attributes, name: string): ResourceEnvironment {
  if (attributes.isUnknown(name)) return openVariables(AFTER_APPLY)
  const { known, unknown } = attributes.map(name)
  return variables([
    ...known.flatMap(([key, value]) => (value === null ? [] : [[key, String(value)] as const])),
    ...unknown.map((key) => [key, { unseen: AFTER_APPLY }] as const),
  ])
}

/** Builds an environment from names, each with a value or with the reason why the value cannot be seen. */
export function variables(
  entries: readonly (readonly [name: string, value: string | { readonly unseen: string }])[],
): ResourceEnvironment {
  const values = new Map<string, string>()
  const hidden = new Map<string, string>()
  for (const [name, value] of entries) {
    if (typeof value !== "string") hidden.set(name, value.unseen)
    else if (HASHED.test(value)) hidden.set(name, HASH)
    else values.set(name, value)
  }
  return { values, hidden, mayHaveMore: undefined }
}

/** Merges several attributes of one resource that share no variable. */
export function union(parts: readonly ResourceEnvironment[]): ResourceEnvironment {
  const { values, hidden } = overlay(parts.map((part) => ({ ...part, mayHaveMore: undefined })))
  return {
    values,
    hidden,
    mayHaveMore: parts.find(({ mayHaveMore }) => mayHaveMore !== undefined)?.mayHaveMore,
  }
}

/** Merges several layers: a later layer overrides an earlier one. */
export function overlay(layers: readonly ResourceEnvironment[]): ResourceEnvironment {
  const values = new Map<string, string>()
  const hidden = new Map<string, string>()
  let mayHaveMore: string | undefined
  for (const layer of layers) {
    if (layer.mayHaveMore !== undefined) {
      mayHaveMore = layer.mayHaveMore
      // This layer may override any variable of the layers before it.
      for (const name of values.keys()) hidden.set(name, layer.mayHaveMore)
      values.clear()
    }
    for (const [name, value] of layer.values) {
      values.set(name, value)
      hidden.delete(name)
    }
    for (const [name, reason] of layer.hidden) {
      hidden.set(name, reason)
      values.delete(name)
    }
  }
  return { values, hidden, mayHaveMore }
}

/** True for a file with a certificate or a key, which sets no variables. */
export const isCertificateFile = (name: string): boolean => /\.(pem|crt|cer|der|key|p12|pfx|jks)$/i.test(name)

/** Adds the variables that a container may read from mounted files; its own variables take precedence. */
export function withFiles(environment: ResourceEnvironment, files: readonly string[]): ResourceEnvironment {
  const mayHaveMore = files.some((file) => !isCertificateFile(file))
  return mayHaveMore ? overlay([openVariables(MOUNTED_FILE), environment]) : environment
}

/** Adds the variables that a container's command sets, or reads from elsewhere. */
export function withCommand(
  environment: ResourceEnvironment,
  attributes: Attributes,
  names: readonly string[],
  variableNames: readonly string[],
): ResourceEnvironment {
  const words = names.flatMap((name) => [attributes.get(name) ?? []].flat(3))
  if (hidesCommand(attributes, names, words)) return overlay([environment, openVariables(UNSEEN_COMMAND)])
  const text = words.join(" ")
  const assigned = [...variableNames, PROCESSES].filter((name) =>
    new RegExp(`(?<![A-Za-z0-9_$])${name}\\s*=|\\b(unset|-u) ?${name}\\b`).test(text),
  )
  const isNamed = variableNames.some(
    (name) => presence(environment, name) === "absent" && !assigned.includes(name) && text.includes(name),
  )
  const elsewhere = isNamed || ENVIRONMENT_READERS.test(text)
  return overlay([
    ...(elsewhere ? [openVariables("read by its command from elsewhere")] : []),
    environment,
    urlsIn(text, environment, variableNames),
    variables(assigned.map((name) => [name, { unseen: "set in its command" }])),
    startedProcesses(text, environment),
  ])
}

/** True if the unknown part of a command may be a program. The arguments of one that is known set no variable. */
function hidesCommand(attributes: Attributes, names: readonly string[], words: readonly unknown[]): boolean {
  if (names.some((name) => attributes.isUnknown(name))) return true
  if (!names.some((name) => attributes.hasUnknown(name))) return false
  return typeof words[0] !== "string" || words.some((word) => STARTER.test(String(word)))
}

/** Programs that run what their arguments say. */
const STARTER = /(^|\/)(sh|bash|ash|dash|zsh|env|busybox)$/

/** Finds the database URLs in a command, by the variable that each is assigned to. A URL without one gets a number. */
function urlsIn(
  text: string,
  environment: ResourceEnvironment,
  variableNames: readonly string[],
): ResourceEnvironment {
  const urls = new Map<string, string>()
  for (const [, name = "", url = ""] of text.matchAll(GIVEN_URL)) {
    // The caller handles the variables that decide. For any other, another process may read the container's own value.
    if (variableNames.includes(name)) continue
    const isFree = name !== "" && presence(environment, name) === "absent" && !urls.has(name)
    urls.set(isFree ? name : `URL ${urls.size + 1} of its command`, url)
  }
  return variables([...urls])
}

const GIVEN_URL =
  /(?:([A-Za-z_][A-Za-z0-9_]*)=["']?)?((?:jdbc:(?:[\w-]+:)*?)?(?:postgres(?:ql)?|postgis)(?:\+\w+)?:\/\/[^\s"'`\\;|<>]+)/gi

/** The variable that tells a server how many processes to start: Heroku's, and most servers read it. */
export const PROCESSES = "WEB_CONCURRENCY"

/** Reads how many processes the command starts, which has the same effect as the variable. */
function startedProcesses(text: string, { values, hidden }: ResourceEnvironment): ResourceEnvironment {
  const unseen = hidden.get(PROCESSES)
  const own = unseen === undefined ? processCount(values.get(PROCESSES)) : { unseen }
  const count = processesIn(text, values, own)
  if (count === undefined) return NO_VARIABLES
  return variables([[PROCESSES, typeof count === "number" ? String(count) : count]])
}

function processCount(value = ""): ProcessCount | undefined {
  if (value === "") return undefined
  return readProcesses(value) ?? { unseen: "not a number" }
}

/** Commands that fill their environment from a file or a secret store. */
const ENVIRONMENT_READERS =
  /--env-file|\bdotenvx?\b|\b(doppler|infisical|op|chamber|sops|teller|envconsul|vault)\b.*\b(run|exec)\b|(^|[\s;&])(source|\.)\s+\S/

const UNSEEN_COMMAND = "in a command that is known only after apply"

/** Tells whether a variable is set: certainly, perhaps, or not. */
export function presence(
  { values, hidden, mayHaveMore }: ResourceEnvironment,
  name: string,
): "certain" | "perhaps" | "absent" {
  if (values.has(name) || hidden.has(name)) return "certain"
  return mayHaveMore === undefined ? "absent" : "perhaps"
}

/** True if a variable is certainly set, to anything but an empty string. */
export const isSet = ({ values, hidden }: ResourceEnvironment, name: string): boolean =>
  hidden.has(name) || (values.get(name) ?? "") !== ""

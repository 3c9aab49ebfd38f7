import { Attributes } from "../attributes.ts"
import { isInertImage } from "../container-images.ts"
import {
  isCertificateFile,
  openVariables,
  overlay,
  type ResourceEnvironment,
  variables as variablesOf,
  withCommand,
  withFiles,
} from "../environment.ts"
import { mentionIn, postgresUrlsIn } from "../mentions.ts"
import type { ComposeDocument, StoredFile } from "./compose-document.ts"
import type { ComposeService, Mount } from "./compose-service.ts"

/**
 * Reads the environment of a service: its own variables, and those that files, its command and providers may set.
 *
 * @param keys variables that lead to the database
 * @param names variables that decide whether it connects, and with how many connections
 */
export function environmentOf(
  service: ComposeService,
  document: ComposeDocument,
  keys: readonly string[],
  names: readonly string[],
): ResourceEnvironment {
  const isDependent = service.dependencies.some(([name]) => document.relations.provided.has(name))
  const own = new Map(
    service.environment.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  )
  const environment = overlay([
    ...(isDependent ? [openVariables("set by the provider of a service that it depends on")] : []),
    fromFiles(own, service, document),
    variablesOf([...own]),
  ])
  return withCommand(
    withFiles(environment, filesOf(service, document, own, keys, names)),
    new Attributes({ command: [...service.command, ...service.hooks] }),
    ["command"],
    names,
  )
}

/** All text of a service in which a variable may be named. */
export const textsOf = (service: ComposeService, { stored }: ComposeDocument): readonly string[] => [
  ...service.environment.flatMap(([name, value]) =>
    value === undefined
      ? []
      : [name, name.endsWith(FILE_SUFFIX) ? name.slice(0, -FILE_SUFFIX.length) : []].flat(),
  ),
  ...service.command,
  ...service.hooks,
  ...service.mounts.map((mount) => storedAt(mount, stored)?.content ?? ""),
]

/** As in the official images, `NAME_FILE` names the file that holds the value of `NAME`. */
const FILE_SUFFIX = "_FILE"

function fromFiles(
  own: ReadonlyMap<string, string>,
  { mounts }: ComposeService,
  { stored }: ComposeDocument,
): ResourceEnvironment {
  return variablesOf(
    [...own].flatMap(([name, path]) => {
      const target = name.slice(0, -FILE_SUFFIX.length)
      if (!name.endsWith(FILE_SUFFIX) || path === "" || own.has(target)) return []
      const mount = mounts.find((each) => each.target === path)
      const content = mount && storedAt(mount, stored)?.content
      return [[target, content?.trim() ?? { unseen: "read from a file" }] as const]
    }),
  )
}

/** The files that may set variables, by name. */
function filesOf(
  service: ComposeService,
  { stored }: ComposeDocument,
  own: ReadonlyMap<string, string>,
  keys: readonly string[],
  names: readonly string[],
): string[] {
  if (isInertImage(service.image)) return []
  const ofKeys = keys.map((key) => own.get(key + FILE_SUFFIX))
  return service.mounts.flatMap((mount) => {
    // Such a file holds the value of one variable.
    if (ofKeys.includes(mount.target)) return []
    if (mount.kind === "path") return mayHoldVariables(mount, service) ? [mount.target] : []
    const { file = "", content } = storedAt(mount, stored) ?? {}
    if (content !== undefined)
      return names.some((name) => mentionIn(content, name)) || postgresUrlsIn(content).size > 0
        ? ["a config with a database's variable"]
        : []
    return isCertificateFile(file) ? [] : [mount.target]
  })
}

const storedAt = ({ kind, source }: Mount, stored: ReadonlyMap<string, StoredFile>): StoredFile | undefined =>
  stored.get(`${kind} ${source}`)

/** A file in .env format, by its usual names. */
const ENV_FILE = /(^|\/)env$|(^|\/)\.?env\.[^/]+$|\.env(\.[^/]+)?$/i

/**
 * Tells whether a path that is mounted may set variables: a file in .env format, or the directory of the code, where
 * such a file is read from. Any other directory is data.
 */
function mayHoldVariables({ source, target }: Mount, { buildContext, workingDirectory }: ComposeService) {
  if (ENV_FILE.test(source) || ENV_FILE.test(target)) return true
  return contains(source, buildContext) || contains(target, workingDirectory)
}

function contains(directory: string, path: string): boolean {
  if (directory === "" || path === "") return false
  const parent = directory.replace(/\/+$/, "")
  return path === parent || path.startsWith(`${parent}/`)
}

import type { Attributes } from "../attributes.ts"
import {
  isCertificateFile,
  MOUNTED_FILE,
  NO_VARIABLES,
  openVariables,
  overlay,
  type ResourceEnvironment,
  variables as variablesOf,
} from "../environment.ts"
import { mentionIn, postgresUrlsIn } from "../mentions.ts"
import { blockOf } from "./cluster.ts"
import type { PodContext } from "./pod-context.ts"

/**
 * Reads the variables that a container may take from files that are mounted. Certificates, service accounts, facts about
 * the pod and storage have none.
 */
export function mountedVariables(container: Attributes, context: PodContext): ResourceEnvironment {
  const mounts = container
    .blocks("volumeMounts")
    .filter((mount) => !TOKENS.test(mount.text("mountPath") ?? ""))
  const files = context.volumes.flatMap((volume) => {
    const own = mounts.filter(
      (mount) =>
        mount.isUnknown("name") || volume.isUnknown("name") || mount.text("name") === volume.text("name"),
    )
    return own.length === 0 ? [] : ofVolume(volume, own, context)
  })
  const reason = files.flatMap((file) => file.reason ?? [])[0]
  const urls = new Set(files.flatMap((file) => file.urls ?? []))
  return overlay([
    reason === undefined ? NO_VARIABLES : openVariables(reason),
    variablesOf([...urls].map((url, index) => [`URL ${index + 1} of its files`, url])),
  ])
}

/** Where the tokens of service accounts are. */
const TOKENS = /^\/(var\/)?run\/secrets\/(kubernetes\.io|eks\.amazonaws\.com)\/serviceaccount/

interface Files {
  /** The reason why they may set variables; undefined if they cannot. */
  readonly reason?: string
  /** The PostgreSQL URLs in them. */
  readonly urls?: readonly string[]
}

/** A file in .env format, by its usual names. */
const ENV_FILE = /(^|\/)\.?env(\.[^/]+)?$|\.env(\.[^/]+)?$/i

function ofVolume(volume: Attributes, mounts: readonly Attributes[], context: PodContext): readonly Files[] {
  // Other drivers mount storage.
  const others = [blockOf(volume, "csi"), blockOf(volume, "flexVolume")]
  if (others.some((each) => each?.isUnknown("driver"))) return [{ reason: MOUNTED_FILE }]
  const drivers = others.map((each) => each?.text("driver"))
  if (drivers.some((driver) => driver !== undefined && /secret|vault|\/kv$/.test(driver))) {
    return [{ reason: MOUNTED_FILE }]
  }
  // A directory of the node is storage, or belongs to the system.
  const path = blockOf(volume, "hostPath")?.text("path")
  const paths = [path, ...mounts.map((mount) => mount.text("mountPath"))]
  if (path !== undefined && paths.some((each) => ENV_FILE.test(each ?? ""))) return [{ reason: MOUNTED_FILE }]
  const projected = blockOf(volume, "projected")?.blocks("sources") ?? []
  return [volume, ...projected].map((source) => ofSource(source, mounts, context))
}

function ofSource(source: Attributes, mounts: readonly Attributes[], context: PodContext): Files {
  const { cluster, stored, namespace, variables } = context
  const [configMap, secret] = [blockOf(source, "configMap"), blockOf(source, "secret")]
  const reference = configMap ?? secret
  if (reference === undefined) return {}
  // A volume has `secretName`, a projected source `name`.
  const name = reference.text("secretName") ?? reference.text("name")
  if (name === undefined) return { reason: MOUNTED_FILE }
  const entries = reference.blocks("items")
  const isOpen =
    entries.some((item) => item.isUnknown("key") || item.isUnknown("path")) ||
    mounts.some((mount) => mount.isUnknown("subPath"))
  // Which of its files are mounted is not known: any may be.
  const items = isOpen ? [] : entries.map((item) => [item.text("key"), item.text("path")] as const)
  const parts = isOpen ? undefined : mountedParts(mounts)
  const isTaken = (key: string) => {
    const path = items.length === 0 ? key : items.find(([each]) => each === key)?.[1]
    const isMounted = path !== undefined && (parts?.has(path.split("/")[0] ?? "") ?? true)
    return isMounted && !isCertificateFile(key)
  }
  // The name of a key that cannot be seen tells whether it is one variable, or a file that may have several.
  const mayHave = (key: string) => isTaken(key) && (variables.includes(key) || !VARIABLE.test(key))
  const { values, hidden, mayHaveMore } =
    configMap === undefined ? stored.secret(name, namespace) : stored.configFiles(name, namespace)
  const known = [...values].filter(([key]) => isTaken(key))
  const names = ([key, text]: readonly [string, string]) =>
    variables.some((variable) => key === variable || mentionIn(text, variable))
  const urls = known.flatMap(([, text]) => [...postgresUrlsIn(withoutAssigned(text, variables))])
  if (known.some(names) || [...hidden.keys()].some(mayHave)) return { reason: MOUNTED_FILE, urls }
  if (mayHaveMore === undefined) return { urls }
  const isCertificate = secret !== undefined && known.length === 0 && cluster.isCertificate(name)
  // Of what cannot be seen, only these keys are mounted.
  const keys = items.length > 0 ? items.map(([key = ""]) => key) : parts && [...parts]
  return isCertificate || keys?.some(mayHave) === false ? { urls } : { reason: mayHaveMore, urls }
}

/** Removes the values of some variables, which are not URLs under another name. */
const withoutAssigned = (text: string, variables: readonly string[]): string =>
  text.replace(new RegExp(`\\b(?:${variables.join("|")})["']?\\s*[:=]\\s*["']?\\S+`, "g"), "")

/** The parts of a volume that are mounted, by their first directory; undefined for the whole volume. */
function mountedParts(mounts: readonly Attributes[]): ReadonlySet<string> | undefined {
  const parts = mounts.map((mount) => mount.text("subPath") ?? "")
  const isWhole = parts.some((part) => part === "" || part.includes("{{"))
  return isWhole ? undefined : new Set(parts.map((part) => part.split("/")[0] ?? ""))
}

/** The usual notation of an environment variable. */
const VARIABLE = /^[A-Z][A-Z0-9_]*$/

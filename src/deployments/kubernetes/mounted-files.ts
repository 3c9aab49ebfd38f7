import type { Attributes } from "../attributes.ts"
import { isInertImage } from "../container-images.ts"
import { isCertificateFile, MOUNTED_FILE } from "../environment.ts"
import { mentionIn } from "../mentions.ts"
import { blockOf } from "./cluster.ts"
import type { PodContext } from "./pod-context.ts"

/**
 * Returns why a container may read a variable from a file that is mounted; undefined if it cannot. Certificates, service
 * accounts, facts about the pod and storage have none, and images of well-known servers read none.
 */
export function mountedReason(container: Attributes, context: PodContext): string | undefined {
  if (isInertImage(container.text("image") ?? "")) return undefined
  const mounted = new Set(container.blocks("volumeMounts").map((mount) => mount.text("name")))
  for (const volume of context.volumes) {
    const reason = mounted.has(volume.text("name")) ? ofVolume(volume, context) : undefined
    if (reason !== undefined) return reason
  }
  return undefined
}

function ofVolume(volume: Attributes, context: PodContext): string | undefined {
  // Other drivers mount storage.
  if (/secret/.test(blockOf(volume, "csi")?.text("driver") ?? "")) return MOUNTED_FILE
  const projected = blockOf(volume, "projected")?.blocks("sources") ?? []
  for (const source of [volume, ...projected]) {
    const reason = ofSource(source, context)
    if (reason !== undefined) return reason
  }
  return undefined
}

function ofSource(
  source: Attributes,
  { cluster, stored, namespace, variables }: PodContext,
): string | undefined {
  const [configMap, secret] = [blockOf(source, "configMap"), blockOf(source, "secret")]
  const reference = configMap ?? secret
  if (reference === undefined) return undefined
  // A volume has `secretName`, a projected source `name`.
  const name = reference.text("secretName") ?? reference.text("name")
  if (name === undefined) return MOUNTED_FILE
  if (secret !== undefined && cluster.isCertificate(name)) return undefined
  const items = reference.blocks("items").flatMap((item) => item.text("key") ?? [])
  const isTaken = (key: string) => (items.length === 0 || items.includes(key)) && !isCertificateFile(key)
  const { values, hidden, mayHaveMore } =
    configMap === undefined ? stored.secret(name, namespace) : stored.configMap(name, namespace)
  if (mayHaveMore !== undefined) return items.length === 0 || items.some(isTaken) ? mayHaveMore : undefined
  const names = (key: string, text: string) =>
    isTaken(key) && variables.some((variable) => key === variable || mentionIn(text, variable))
  // The name of a key that cannot be seen tells whether it is one variable, or a file that may have several.
  const mayHave = (key: string) => isTaken(key) && (variables.includes(key) || !VARIABLE.test(key))
  const isThere = [...values].some(([key, text]) => names(key, text)) || [...hidden.keys()].some(mayHave)
  return isThere ? MOUNTED_FILE : undefined
}

/** The usual notation of an environment variable. */
const VARIABLE = /^[A-Z][A-Z0-9_]*$/

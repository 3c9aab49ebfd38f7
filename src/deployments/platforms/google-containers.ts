import type { Attributes } from "../attributes.ts"
import {
  AFTER_APPLY,
  NO_VARIABLES,
  openVariables,
  overlay,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  union,
  variables as variablesOf,
  withCommand,
  withFiles,
} from "../environment.ts"
import { listOf, textsOf } from "../json-value.ts"
import type { Context } from "../platform.ts"

/**
 * Reads the environment of each container in a Cloud Run template, of any kind of resource.
 *
 * @param marks the servers of Cloud SQL that the first version's API names in an annotation
 */
export function containersOf(
  template: Attributes | undefined,
  { variables }: Context,
  marks: readonly string[] = [],
): ResourceEnvironment[] {
  if (template === undefined || template.isUnknown("containers")) return [openVariables(AFTER_APPLY)]
  const volumes = template.blocks("volumes")
  const files = volumes.flatMap(filesOf)
  return template.blocks("containers").map((container) => {
    // References to other objects in the first version's API, which no plan shows.
    const elsewhere = container.blocks("env_from").length > 0 ? [openVariables("in env_from")] : []
    const environment = overlay([...elsewhere, union(container.blocks("env").map(variable))])
    const isMounted = container.blocks("volume_mounts").length > 0
    const complete = withCommand(
      withFiles(environment, isMounted ? files : []),
      container,
      ["command", "args"],
      variables,
    )
    const mounts = container.blocks("volume_mounts").map((mount) => mount.get("name"))
    const sockets = [...marks, ...volumes.flatMap((volume) => socketsOf(volume, mounts))].map((name) =>
      name.trim(),
    )
    return sockets.length > 0 ? { ...complete, sockets } : complete
  })
}

/** Files of a volume that may set variables: of a secret, a bucket or a share. */
function filesOf(volume: Attributes): string[] {
  const [secret] = volume.blocks("secret")
  const items = secret?.blocks("items").map((item) => item.text("path") ?? "") ?? []
  if (secret !== undefined) return items.length > 0 ? items : ["a secret"]
  return volume.blocks("gcs").length + volume.blocks("nfs").length > 0 ? ["a share"] : []
}

/** The servers of Cloud SQL whose sockets a volume has, if it is mounted. */
const socketsOf = (volume: Attributes, mounts: readonly unknown[]): string[] =>
  mounts.includes(volume.get("name"))
    ? volume.blocks("cloud_sql_instance").flatMap((each) => textsOf(listOf(each.get("instances"))))
    : []

function variable(block: Attributes): ResourceEnvironment {
  if (block.isUnknown("name")) return openVariables(AFTER_APPLY)
  const name = block.text("name")
  if (name === undefined) return NO_VARIABLES
  if (block.isUnknown("value")) return variablesOf([[name, { unseen: AFTER_APPLY }]])
  const isReference = block.blocks("value_source").length + block.blocks("value_from").length > 0
  return variablesOf([[name, isReference ? { unseen: SECRET_REFERENCE } : (block.text("value") ?? "")]])
}

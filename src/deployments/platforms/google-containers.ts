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
import type { Context } from "../platform.ts"

/** Reads the environment of each container in a Cloud Run template, of any kind of resource. */
export function containersOf(
  template: Attributes | undefined,
  { variables }: Context,
): ResourceEnvironment[] {
  if (template === undefined || template.isUnknown("containers")) return [openVariables(AFTER_APPLY)]
  const files = template.blocks("volumes").flatMap(filesOf)
  return template.blocks("containers").map((container) => {
    // References to other objects in the first version's API, which no plan shows.
    const elsewhere = container.blocks("env_from").length > 0 ? [openVariables("in env_from")] : []
    const environment = overlay([...elsewhere, union(container.blocks("env").map(variable))])
    const isMounted = container.blocks("volume_mounts").length > 0
    return withCommand(
      withFiles(environment, isMounted ? files : []),
      container,
      ["command", "args"],
      variables,
    )
  })
}

/** Files of a volume that may set variables: of a secret, a bucket or a share. */
function filesOf(volume: Attributes): string[] {
  const [secret] = volume.blocks("secret")
  const items = secret?.blocks("items").map((item) => item.text("path") ?? "") ?? []
  if (secret !== undefined) return items.length > 0 ? items : ["a secret"]
  return volume.blocks("gcs").length + volume.blocks("nfs").length > 0 ? ["a share"] : []
}

function variable(block: Attributes): ResourceEnvironment {
  if (block.isUnknown("name")) return openVariables(AFTER_APPLY)
  const name = block.text("name")
  if (name === undefined) return NO_VARIABLES
  if (block.isUnknown("value")) return variablesOf([[name, { unseen: AFTER_APPLY }]])
  const isReference = block.blocks("value_source").length + block.blocks("value_from").length > 0
  return variablesOf([[name, isReference ? { unseen: SECRET_REFERENCE } : (block.text("value") ?? "")]])
}

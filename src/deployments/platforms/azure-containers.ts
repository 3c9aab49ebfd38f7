import type { Attributes } from "../attributes.ts"
import {
  AFTER_APPLY,
  NO_VARIABLES,
  openVariables,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  union,
  variables as variablesOf,
  withCommand,
  withFiles,
} from "../environment.ts"
import type { Context } from "../platform.ts"
import type { Workload } from "../workload.ts"

/** Reads the containers of a Container App or of its job: those that run together, and those that run before them. */
export function containersOf(
  attributes: Attributes,
  context: Context,
): Pick<Workload, "containers" | "initial"> {
  const [template] = attributes.blocks("template")
  if (template === undefined || template.isUnknown("container"))
    return { containers: [openVariables(AFTER_APPLY)] }
  const secrets = attributes.blocks("secret")
  const volumes = template.blocks("volume")
  const read = (container: Attributes) => environmentOf(container, secrets, volumes, context)
  const initial = template.blocks("init_container").map((container) => [read(container)])
  return { containers: template.blocks("container").map(read), ...(initial.length > 0 ? { initial } : {}) }
}

function environmentOf(
  container: Attributes,
  secrets: readonly Attributes[],
  volumes: readonly Attributes[],
  context: Context,
): ResourceEnvironment {
  const environment = union(container.blocks("env").map((block) => variable(block, secrets)))
  const mounts = container.blocks("volume_mounts").map((mount) => mount.get("name"))
  const files = volumes
    .filter((volume) => mounts.includes(volume.get("name")) || volume.isUnknown("name"))
    .flatMap((volume) => filesOf(volume, secrets))
  return withCommand(withFiles(environment, files), container, ["command", "args"], context.variables)
}

function variable(block: Attributes, secrets: readonly Attributes[]): ResourceEnvironment {
  if (block.isUnknown("name")) return openVariables(AFTER_APPLY)
  const name = block.text("name")
  if (name === undefined) return NO_VARIABLES
  // A value beside the name of a secret has no effect.
  const secret = block.text("secret_name")
  if (block.isUnknown("secret_name")) return variablesOf([[name, { unseen: AFTER_APPLY }]])
  if (secret !== undefined && secret !== "") return variablesOf([[name, secretOf(secret, secrets)]])
  return variablesOf([
    [name, block.isUnknown("value") ? { unseen: AFTER_APPLY } : (block.text("value") ?? "")],
  ])
}

/** The value of a secret of the app. A plan has it in plain text, unless it is in a vault. */
function secretOf(name: string, secrets: readonly Attributes[]): string | { readonly unseen: string } {
  const secret = secrets.find((each) => each.get("name") === name)
  if (secret === undefined) {
    return { unseen: secrets.some((each) => each.isUnknown("name")) ? AFTER_APPLY : SECRET_REFERENCE }
  }
  const inVault = secret.get("key_vault_secret_id") ?? ""
  if (inVault !== "" || secret.isUnknown("key_vault_secret_id")) return { unseen: SECRET_REFERENCE }
  if (secret.isUnknown("value")) return { unseen: AFTER_APPLY }
  return secret.text("value") ?? { unseen: SECRET_REFERENCE }
}

/** Files of a volume that may set variables: those of a share, and a file for each secret. */
function filesOf(volume: Attributes, secrets: readonly Attributes[]): string[] {
  const type = volume.get("storage_type") ?? "EmptyDir"
  if (type === "EmptyDir" && !volume.isUnknown("storage_type")) return []
  return type === "Secret" ? secrets.map((secret) => secret.text("name") ?? "a secret") : ["a share"]
}

/**
 * How a document writes an environment variable:
 *
 * - `map`: a line of a map, `NAME = "8"`
 * - `object`: an object of a list, `{ name = "NAME", value = "8" }`
 * - `block`: a block `env` with a name and a value
 * - `manifest`: an entry of `env` in YAML, as Kubernetes has it
 * - `service`: a line of `environment` in YAML, as Docker Compose has it
 * - `blueprint`: an entry of `envVars` in YAML, as Render has it
 * - `envs`: an entry of `envs` in YAML, as an app spec of DigitalOcean has it
 * - `keyed`: a block `env` with a key and a value
 */
export type VariableNotation =
  | "map"
  | "object"
  | "block"
  | "manifest"
  | "service"
  | "blueprint"
  | "envs"
  | "keyed"

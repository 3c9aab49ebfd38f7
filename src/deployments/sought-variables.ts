import type { DeploymentOptions } from "./deployment-options.ts"
import { poolVariables } from "./pool-size.ts"

/** The variables that are looked for in the documents. */
export interface SoughtVariables {
  /** Those that show that a container connects: of URLs and of parts of an address. */
  readonly leading: readonly string[]
  /** These, and those that decide with how many connections. */
  readonly deciding: readonly string[]
}

/** Returns the variables to look for, each once. */
export function soughtVariables({
  keys,
  markers = [],
  sizeVariable,
}: Pick<DeploymentOptions, "markers" | "sizeVariable"> & {
  readonly keys: readonly string[]
}): SoughtVariables {
  const leading = [...new Set([...keys, ...markers])]
  return {
    leading,
    deciding: [...new Set([...leading, ...keys.flatMap(poolVariables), ...[sizeVariable ?? []].flat()])],
  }
}

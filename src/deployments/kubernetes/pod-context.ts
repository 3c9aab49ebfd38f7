import type { Attributes } from "../attributes.ts"
import type { ResolveHost } from "../environment.ts"
import type { Cluster } from "./cluster.ts"
import type { StoredVariables } from "./stored-variables.ts"

/** Where a pod is, and the variables that count in it. */
export interface PodPlace {
  readonly cluster: Cluster
  readonly stored: StoredVariables
  readonly namespace: string | undefined
  /** The variables that decide whether a container connects, and with how many connections. */
  readonly variables: readonly string[]
  /** Resolves the hosts of Services, as pods of a namespace do. */
  readonly resolveHost: (namespace: string | undefined) => ResolveHost
}

/** What reading a container may need. */
export interface PodContext extends PodPlace {
  readonly volumes: readonly Attributes[]
}

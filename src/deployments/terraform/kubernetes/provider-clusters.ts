import type { Resource } from "../resource.ts"

/**
 * Returns what tells the clusters of some resources apart: the configuration of their provider, if the code has several of
 * that provider. Undefined for a resource that may be in each of them.
 */
export function clusterKeys(resources: readonly Resource[]): (resource: Resource) => string | undefined {
  const keys = new Map<string, Set<string>>()
  for (const resource of resources) {
    const key = resource.configuration.providerOf(resource)
    if (key === undefined) continue
    const provider = providerIn(key)
    keys.set(provider, (keys.get(provider) ?? new Set()).add(key))
  }
  return (resource) => {
    const key = resource.configuration.providerOf(resource)
    const isOneOfSeveral = key !== undefined && (keys.get(providerIn(key))?.size ?? 0) > 1
    return isOneOfSeveral ? key : undefined
  }
}

/** `kubernetes` of `kubernetes.eu`, and of `module.backend:kubernetes`. */
const providerIn = (key: string): string => key.replace(/^.*:/, "").replace(/\..*$/, "")

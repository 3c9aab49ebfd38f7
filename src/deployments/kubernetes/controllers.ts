import { poolsOf } from "../container-pools.ts"
import { noFindings } from "../findings.ts"
import { isObject } from "../json-value.ts"
import type { PoolQuery } from "../resource-pool.ts"
import { groupOf, isOwnGroup } from "./api-groups.ts"
import type { Manifest } from "./manifest.ts"
import { isWorkload, type KubernetesContext, readWorkload } from "./workloads.ts"

/**
 * Finds the connecting workloads that an object of a kind that is not read refers to. Such an object may decide how many
 * pods they have, or start others beside them: an autoscaler, a rollout of canaries, a copy for each cluster.
 */
export function connectingTargets(
  { attributes, namespace }: Manifest,
  query: PoolQuery,
  context: KubernetesContext,
): readonly Manifest[] {
  const targets = referencesIn(attributes.values).flatMap(({ kind, name }) =>
    context.cluster.find(kind, name, namespace).filter(isWorkload),
  )
  return [...new Set(targets)].filter((target) => connects(target, query, context))
}

/** What is wrong with a workload is said where it counts. */
const connects = (target: Manifest, query: PoolQuery, context: KubernetesContext): boolean =>
  poolsOf(
    target.address,
    readWorkload(target, { ...context, refuse: () => {} }),
    query,
    undefined,
    noFindings(),
  ).length > 0

interface Reference {
  readonly kind: string
  readonly name: string
}

/** Finds the references to objects of Kubernetes' own kinds, at any depth below the metadata. */
function referencesIn(root: unknown): readonly Reference[] {
  if (!isObject(root)) return []
  const references: Reference[] = []
  const seen = new Set<unknown>()
  const left: (readonly [key: string, value: unknown])[] = Object.entries(root).filter(
    ([key]) => !BESIDE_SPEC.has(key),
  )
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [key, value] = next
    if (typeof value !== "object" || value === null || seen.has(value)) continue
    seen.add(value)
    if (Array.isArray(value)) for (const item of value) left.push([key, item])
    else if (isObject(value)) {
      references.push(...referenceIn(key, value))
      left.push(...Object.entries(value))
    }
  }
  return references
}

/** Owners, and what a cluster says of an object. */
const BESIDE_SPEC: ReadonlySet<string> = new Set(["metadata", "status"])

/** As autoscalers do, a reference to a target means a Deployment if it does not say what it is. */
function referenceIn(key: string, value: Readonly<Record<string, unknown>>): readonly Reference[] {
  const { apiVersion = "", kind = TARGET.test(key) ? "Deployment" : undefined, name } = value
  const isOwn = typeof apiVersion === "string" && isOwnGroup(groupOf(apiVersion))
  return isOwn && typeof kind === "string" && typeof name === "string" ? [{ kind, name }] : []
}

const TARGET = /(target|workload)Ref$/i

import type { PoolConfigIssue } from "../../error.ts"
import { Attributes } from "../attributes.ts"
import { presence } from "../environment.ts"
import { ANY_NUMBER, COUNT_BY_HAND, type Findings } from "../findings.ts"
import { isOpaque } from "../mentions.ts"
import { forResource } from "../override.ts"
import type { DeployedWorkload, Reader } from "../reader.ts"
import type { PoolQuery } from "../resource-pool.ts"
import { blockOf, Cluster, specOf } from "./cluster.ts"
import { connectingTargets } from "./controllers.ts"
import { isPooler, postgresServers, resolverIn } from "./database-servers.ts"
import { runsNothing } from "./inert-kinds.ts"
import { addressed, type Manifest, type RawDocument, readManifests } from "./manifest.ts"
import { isOwned } from "./owners.ts"
import { podEnvironments, podsIn } from "./pods.ts"
import { poolerOf, poolersIn } from "./poolers.ts"
import { rendersOthers } from "./releases.ts"
import { isTemplate, PLATFORM, targetOf } from "./scaling.ts"
import { StoredVariables } from "./stored-variables.ts"
import { isWorkload, type KubernetesContext, podOf, readWorkload } from "./workloads.ts"

/**
 * Reads Kubernetes objects.
 *
 * @param namespace the namespace of objects that name none
 * @param issues problems of the documents that were found before
 * @param others objects that other documents have, which the manifests may refer to
 */
export function readKubernetes(
  documents: readonly RawDocument[],
  namespace: string | undefined,
  issues: PoolConfigIssue[] = [],
  others: readonly Manifest[] = [],
): Reader {
  const manifests = readManifests(documents, namespace, issues)
  const cluster = new Cluster([...manifests, ...others])
  const own = new Set(manifests.map(({ address }) => address))
  const where = others.length === 0 ? "the manifests" : "the documents"
  const running = manifests.filter((manifest) => !isOwned(manifest, cluster))
  const places = running.map(addressed)
  return {
    format: "kubernetes",
    documents: [{ name: "", kind: "manifests" }],
    incomplete: manifests.length === 0 && issues.length === 0 ? ["there is no object in the manifests"] : [],
    issues,
    servers: postgresServers(cluster).filter(({ address }) => own.has(address)),
    poolers: poolersIn(cluster).filter(({ address }) => own.has(address)),
    places,
    lasting: running.map(({ address }) => address),
    mentions: (variable) =>
      manifests.some(({ attributes }) => attributes.mentions(variable)) ||
      isPrefixed(variable, running, cluster),
    read({ deciding }, exclude, findings) {
      const context: KubernetesContext = {
        cluster,
        stored: new StoredVariables(cluster, where),
        variables: deciding,
        resolveHost: resolverIn(cluster),
        refuse: (name, problem, remedy) => issues.push({ name, problem, remedy }),
      }
      const workloads: DeployedWorkload[] = []
      const others: Manifest[] = []
      for (const manifest of running) {
        const { address } = manifest
        const exclusion = forResource(exclude, addressed(manifest))
        if (exclusion !== undefined) findings.excluded.push({ address, reason: exclusion.value })
        else if (isWorkload(manifest) && !isPooler(manifest)) {
          workloads.push(deployed(manifest, context))
          if (asksPostgres(manifest)) others.push(manifest)
        } else others.push(manifest)
      }
      for (const manifest of running) noteMissingTarget(manifest, cluster, findings, where)
      return {
        workloads,
        recordUncounted(query, recorded) {
          const excluded = new Set(findings.excluded.map(({ address }) => address))
          for (const manifest of others) noteUncounted(manifest, query, context, recorded, excluded)
          return new Map()
        },
      }
    },
  }
}

const deployed = (manifest: Manifest, context: KubernetesContext): DeployedWorkload => ({
  ...addressed(manifest),
  platform: PLATFORM,
  notation: "manifest",
  after: readWorkload(manifest, context),
  before: undefined,
  isReplaced: false,
  isForgotten: false,
})

/** Warns about an autoscaler of a workload that is elsewhere, or whose name is misspelt. */
export function noteMissingTarget(
  manifest: Manifest,
  cluster: Cluster,
  { warnings }: Findings,
  documents: string,
): void {
  const { kind, address, namespace } = manifest
  if (kind !== "HorizontalPodAutoscaler" && kind !== "ScaledObject") return
  const target = targetOf(manifest)
  if (target === undefined || isTemplate(target.name)) return
  if (cluster.find(target.kind, target.name, namespace).length > 0) return
  warnings.push(`${address}: scales ${target.kind} ${target.name}, which is not in ${documents}`)
}

/** True if a container has a variable by a key of a ConfigMap or a Secret with a prefix. No text then names it. */
export function isPrefixed(variable: string, running: readonly Manifest[], cluster: Cluster): boolean {
  const context = {
    cluster,
    stored: new StoredVariables(cluster),
    variables: [variable],
    resolveHost: () => (host: string) => host,
  }
  return running.some((manifest) => {
    if (!isWorkload(manifest) || !hasPrefix(podOf(manifest))) return false
    const { containers, initial } = podEnvironments(podOf(manifest), {
      ...context,
      namespace: manifest.namespace,
    })
    return [...containers, ...initial.flat()].some((each) => presence(each, variable) === "certain")
  })
}

const hasPrefix = (pod: Attributes | undefined): boolean =>
  ["containers", "initContainers"].some((name) =>
    (blockOf(pod, "spec")?.blocks(name) ?? []).some((container) =>
      container.blocks("envFrom").some((source) => (source.text("prefix") ?? "") !== ""),
    ),
  )

/**
 * Records an object that may connect and is not a workload that is counted.
 *
 * @param excluded the addresses of objects that are said not to count
 */
export function noteUncounted(
  manifest: Manifest,
  query: PoolQuery,
  context: KubernetesContext,
  { unknowns }: Findings,
  excluded: ReadonlySet<string>,
): void {
  const { address, kind, attributes } = manifest
  const note = (problem: string, remedy: string) =>
    unknowns.push({
      cause: "type",
      address,
      name: address,
      problem,
      between: ANY_NUMBER,
      isUnbounded: true,
      remedy,
    })
  const pooler = poolerOf(manifest, context.cluster)
  if (pooler !== undefined) {
    // What is said of one that may be a tier depends on what else is declared.
    if ("problem" in pooler) note(pooler.problem, pooler.remedy)
    return
  }
  const release = rendersOthers(manifest)
  if (release !== undefined) {
    note(release.problem, release.remedy)
    return
  }
  if (asksPostgres(manifest)) {
    note("has a trigger that asks PostgreSQL, on connections that KEDA opens itself", RESERVE_KEDA)
    return
  }
  if (runsNothing(manifest)) return
  const hint = connectionHint(attributes, manifest.namespace, query, context)
  if (hint !== undefined) {
    note(`${hint}, and objects of kind ${kind} are not read`, COUNT_BY_HAND)
    return
  }
  const targets = connectingTargets(manifest, query, context).filter((each) => !excluded.has(each.address))
  if (targets.length === 0) return
  const addresses = targets.map((target) => target.address).join(", ")
  note(
    `may scale ${addresses} or start more of its pods, and objects of kind ${kind} are not read`,
    `Override instances and surge of ${addresses} with the most that it allows, and exclude this with a reason`,
  )
}

/** True for an autoscaler of KEDA whose number of pods is the answer to a query. */
export const asksPostgres = ({ kind, attributes }: Manifest): boolean =>
  (kind === "ScaledObject" || kind === "ScaledJob") &&
  (specOf(attributes)?.blocks("triggers") ?? []).some((trigger) => trigger.text("type") === "postgresql")

const RESERVE_KEDA = "Reserve them (--reserved keda=2), and acknowledge this with `prisma-pool baseline`"

/** Says what in an object of another kind may lead to a connection; undefined if nothing does. */
function connectionHint(
  attributes: Attributes,
  namespace: string | undefined,
  { leading: keys, servers }: PoolQuery,
  context: KubernetesContext,
): string | undefined {
  const named = keys.find((key) => attributes.mentions(key))
  if (named !== undefined) return `has ${named}`
  const urls = [...attributes.postgresUrls].filter((url) => !servers.isLoopback(url))
  const from = { resolveHost: context.resolveHost(namespace) }
  if (urls.some((url) => servers.otherUrl(url, from) !== "elsewhere"))
    return "has a URL that may lead to this server"
  const { pods, others } = podsIn(attributes.values)
  const environments = pods.flatMap((template) => {
    const { containers, initial } = podEnvironments(new Attributes(template), { ...context, namespace })
    return [...containers, ...initial.flat()]
  })
  const mayHave = keys.find((key) => environments.some((each) => presence(each, key) !== "absent"))
  if (mayHave !== undefined) return `may have ${mayHave}`
  return isOpaque(others) ? `may have ${keys.join(" or ")}` : undefined
}

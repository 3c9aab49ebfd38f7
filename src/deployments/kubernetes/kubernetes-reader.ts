import type { PoolConfigIssue } from "../../error.ts"
import { Attributes } from "../attributes.ts"
import { presence } from "../environment.ts"
import { ANY_NUMBER, COUNT_BY_HAND, type Findings } from "../findings.ts"
import { forResource } from "../override.ts"
import { poolVariables } from "../pool-size.ts"
import type { DeployedWorkload, Reader } from "../reader.ts"
import type { PoolQuery } from "../resource-pool.ts"
import { Cluster } from "./cluster.ts"
import { isPooler, postgresServers } from "./database-servers.ts"
import { runsNothing } from "./inert-kinds.ts"
import { type Manifest, type RawDocument, readManifests } from "./manifest.ts"
import { isOwned } from "./owners.ts"
import { podEnvironments, podSpecsIn } from "./pods.ts"
import { rendersOthers } from "./releases.ts"
import { PLATFORM } from "./scaling.ts"
import { StoredVariables } from "./stored-variables.ts"
import { isWorkload, type KubernetesContext, readWorkload } from "./workloads.ts"

/**
 * Reads Kubernetes objects.
 *
 * @param namespace the namespace of objects that name none
 * @param issues problems of the documents that were found before
 */
export function readKubernetes(
  documents: readonly RawDocument[],
  namespace: string | undefined,
  issues: PoolConfigIssue[] = [],
): Reader {
  const manifests = readManifests(documents, namespace, issues)
  const cluster = new Cluster(manifests)
  const running = manifests.filter((manifest) => !isOwned(manifest, cluster))
  const places = running.map(addressed)
  return {
    documents: [{ name: "", kind: "manifests" }],
    incomplete: manifests.length === 0 && issues.length === 0 ? ["there is no object in the manifests"] : [],
    issues,
    servers: postgresServers(cluster),
    places,
    lasting: running.map(({ address }) => address),
    mentions: (variable) => manifests.some(({ attributes }) => attributes.mentions(variable)),
    read(keys, exclude, findings) {
      const context: KubernetesContext = {
        cluster,
        stored: new StoredVariables(cluster),
        variables: [...keys, ...new Set(keys.flatMap(poolVariables))],
        refuse: (name, problem, remedy) => issues.push({ name, problem, remedy }),
      }
      const workloads: DeployedWorkload[] = []
      const others: Manifest[] = []
      for (const manifest of running) {
        const { address } = manifest
        const exclusion = forResource(exclude, addressed(manifest))
        if (exclusion !== undefined) findings.excluded.push({ address, reason: exclusion.value })
        else if (isWorkload(manifest) && !isPooler(manifest)) workloads.push(deployed(manifest, context))
        else others.push(manifest)
      }
      return {
        workloads,
        recordUncounted(query, recorded) {
          for (const manifest of others) noteUncounted(manifest, query, context, recorded)
          return new Map()
        },
      }
    },
  }
}

/** An address without its namespace is for all namespaces. */
const addressed = ({ address, namespace, place }: Manifest) => ({
  address,
  ownAddress: namespace === undefined ? address : address.slice(namespace.length + 1),
  ...(place === "" ? {} : { place }),
})

const deployed = (manifest: Manifest, context: KubernetesContext): DeployedWorkload => ({
  ...addressed(manifest),
  platform: PLATFORM,
  after: readWorkload(manifest, context),
  before: undefined,
  isReplaced: false,
  isForgotten: false,
})

function noteUncounted(
  manifest: Manifest,
  query: PoolQuery,
  context: KubernetesContext,
  { unknowns }: Findings,
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
  if (isPooler(manifest)) {
    note(
      "is a pooler, whose own connections to the server are not counted",
      "Reserve what it opens, and exclude it with a reason",
    )
    return
  }
  const release = rendersOthers(manifest)
  if (release !== undefined) {
    note(release.problem, release.remedy)
    return
  }
  if (runsNothing(manifest)) return
  const hint = connectionHint(attributes, manifest.namespace, query, context)
  if (hint === undefined) return
  note(`${hint}, and objects of kind ${kind} are not read`, COUNT_BY_HAND)
}

/** Says what in an object of another kind may lead to a connection; undefined if nothing does. */
function connectionHint(
  attributes: Attributes,
  namespace: string | undefined,
  { keys, servers }: PoolQuery,
  context: KubernetesContext,
): string | undefined {
  const named = keys.find((key) => attributes.mentions(key))
  if (named !== undefined) return `has ${named}`
  const urls = [...attributes.postgresUrls].filter((url) => !servers.isLoopback(url))
  if (urls.some((url) => servers.otherUrl(url) !== "elsewhere"))
    return "has a URL that may lead to this server"
  const pods = podSpecsIn(attributes.values).flatMap((template) => {
    const { containers, initial } = podEnvironments(new Attributes(template), { ...context, namespace })
    return [...containers, ...initial.flat()]
  })
  const mayHave = keys.find((key) => pods.some((pod) => presence(pod, key) !== "absent"))
  if (mayHave !== undefined) return `may have ${mayHave}`
  return pods.length === 0 && attributes.hidesText ? `may have ${keys.join(" or ")}` : undefined
}

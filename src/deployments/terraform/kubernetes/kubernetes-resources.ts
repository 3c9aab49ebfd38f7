import type { PoolConfigIssue } from "../../../error.ts"
import type { FoundServer } from "../../ceiling.ts"
import type { DeployedPooler } from "../../deployed-pooler.ts"
import { type Findings, noFindings } from "../../findings.ts"
import { Cluster, groupBy } from "../../kubernetes/cluster.ts"
import { isPooler, postgresServers, resolverIn } from "../../kubernetes/database-servers.ts"
import { besideFormer } from "../../kubernetes/former-pooler.ts"
import { runsNothing } from "../../kubernetes/inert-kinds.ts"
import {
  asksPostgres,
  isPrefixed,
  noteMissingTarget,
  noteUncounted as noteObject,
} from "../../kubernetes/kubernetes-reader.ts"
import type { Manifest } from "../../kubernetes/manifest.ts"
import { poolersIn } from "../../kubernetes/poolers.ts"
import { PLATFORM } from "../../kubernetes/scaling.ts"
import { StoredVariables } from "../../kubernetes/stored-variables.ts"
import { isWhole, isWorkload, type KubernetesContext, readWorkload } from "../../kubernetes/workloads.ts"
import type { Addressed } from "../../override.ts"
import type { DeployedWorkload } from "../../reader.ts"
import type { PoolQuery } from "../../resource-pool.ts"
import type { Workload } from "../../workload.ts"
import type { Document } from "../document.ts"
import { hidesText, noteUncounted } from "../record-findings.ts"
import type { Resource } from "../resource.ts"
import { targetOf, withAddedVariables } from "./added-variables.ts"
import { blockKindOf, ENV_TYPE, notationOf } from "./block-kinds.ts"
import { clusterKeys } from "./provider-clusters.ts"
import { inBlocks } from "./provider-names.ts"
import { isKubernetesObject, manifestsOf, type Unseen } from "./resource-manifests.ts"

/** Data sources with variables that the workloads refer to. */
const isStore = (type: string): boolean => /^(ConfigMap|Secret)$/.test(blockKindOf(type)?.kind ?? "")

/** The objects of resources at one time, as a cluster has them. */
class Objects {
  /** All of them, as if one cluster had them. */
  readonly cluster: Cluster
  readonly #clusters = new Map<string, Cluster>()
  readonly #keyOf: ReturnType<typeof clusterKeys>
  readonly #of = new Map<Resource, readonly Manifest[] | Unseen>()
  readonly #added = new Set<Resource>()

  /**
   * @param attributesOf returns the attributes of a resource at that time; undefined if it does not exist then
   * @param report takes the place of each value of the wrong type
   */
  constructor(
    resources: readonly Resource[],
    attributesOf: (resource: Resource) => Resource["attributes"] | undefined,
    report: (place: string) => void,
  ) {
    for (const resource of resources) {
      const attributes = isKubernetesObject(resource.type) ? attributesOf(resource) : undefined
      if (attributes === undefined || (!resource.managed && !isStore(resource.type))) continue
      this.#of.set(
        resource,
        manifestsOf(resource, attributes, (path) => report(`${resource.address}.${path}`)),
      )
    }
    this.#addVariables(resources, attributesOf)
    this.#keyOf = clusterKeys([...this.#of.keys()])
    this.cluster = new Cluster(this.#all(() => true))
  }

  /** The cluster that a resource's objects are in: several of one plan may have objects of the same names. */
  clusterOf(resource: Resource): Cluster {
    const key = this.#keyOf(resource)
    if (key === undefined) return this.cluster
    const isInside = (each: Resource) => (this.#keyOf(each) ?? key) === key
    const known = this.#clusters.get(key) ?? new Cluster(this.#all(isInside))
    this.#clusters.set(key, known)
    return known
  }

  /** The objects of a resource; undefined for one that does not exist at that time. */
  of(resource: Resource): readonly Manifest[] | Unseen | undefined {
    return this.#of.get(resource)
  }

  /** True if the variables of a `kubernetes_env` are in a container of these objects. */
  hasAdded(resource: Resource): boolean {
    return this.#added.has(resource)
  }

  /** Adds the variables of each `kubernetes_env` to the container that it names, if that is here. */
  #addVariables(
    resources: readonly Resource[],
    attributesOf: (resource: Resource) => Resource["attributes"] | undefined,
  ): void {
    const targets = groupBy(
      [...this.#of.values()].flatMap((found) => ("reason" in found ? [] : found)),
      ({ kind, name }) => `${kind.toLowerCase()} ${name}`,
    )
    const changed = new Map<Manifest, Manifest>()
    for (const resource of resources) {
      const attributes = resource.type === ENV_TYPE && resource.managed ? attributesOf(resource) : undefined
      const target = attributes && targetOf(attributes, targets)
      if (attributes === undefined || target === undefined) continue
      const next = withAddedVariables(changed.get(target) ?? target, attributes)
      if (next === undefined) continue
      changed.set(target, next)
      this.#added.add(resource)
    }
    if (changed.size === 0) return
    for (const [resource, found] of this.#of) {
      if ("reason" in found) continue
      this.#of.set(
        resource,
        found.map((each) => changed.get(each) ?? each),
      )
    }
  }

  /** All objects of some resources. What a data source reads is left out where a resource manages it. */
  #all(isMeant: (resource: Resource) => boolean): Manifest[] {
    const objects = [...this.#of].flatMap(([resource, found]) =>
      "reason" in found || !isMeant(resource)
        ? []
        : found.map((manifest) => ({ manifest, managed: resource.managed })),
    )
    const own = new Cluster(objects.flatMap(({ manifest, managed }) => (managed ? [manifest] : [])))
    const isManaged = ({ kind, name, namespace }: Manifest) => own.find(kind, name, namespace).length > 0
    return objects.flatMap(({ manifest, managed }) => (managed || !isManaged(manifest) ? [manifest] : []))
  }
}

/** A workload of a resource, with what it is before the deploy and after it. */
interface Pair extends Addressed {
  readonly after: Manifest | undefined
  readonly before: Manifest | undefined
}

/** The resources of plans and states that are Kubernetes objects. One cluster has all those of one provider. */
export class KubernetesResources {
  readonly servers: readonly FoundServer[]
  /** The poolers that may be a tier. */
  readonly poolers: readonly DeployedPooler[]
  readonly #after: Objects
  readonly #before: Objects
  readonly #gone: ReadonlySet<Resource>
  readonly #issues: PoolConfigIssue[]

  constructor(documents: readonly Document[], issues: PoolConfigIssue[]) {
    const resources = documents.flatMap((document) => document.resources)
    const gone = documents.flatMap((document) => document.gone)
    this.#gone = new Set(gone)
    this.#issues = issues
    const isForgotten = ({ actions }: Resource) => actions.includes("forget")
    this.#after = new Objects(
      [...resources, ...gone.filter(isForgotten)],
      ({ attributes }) => attributes,
      (place) => this.#refuse(place, "has a value of the wrong type", "Write it as Kubernetes documents it"),
    )
    // What is applied already was accepted.
    this.#before = new Objects(
      [...resources, ...gone],
      (resource) => (this.#gone.has(resource) || !resource.managed ? resource.attributes : resource.before),
      () => {},
    )
    this.servers = postgresServers(this.#after.cluster).map((server) => ({
      ...server,
      names: [server.address, ...this.#ownNames(server.address, resources)],
    }))
    const former = new Map(poolersIn(this.#before.cluster).map((pooler) => [pooler.address, pooler]))
    this.poolers = poolersIn(this.#after.cluster).map((pooler) => ({
      ...besideFormer(pooler, former.get(pooler.address)),
      ownAddress: this.#ownNames(pooler.address, resources)[0] ?? pooler.address,
    }))
  }

  /** The objects after the deploy. */
  get objects(): readonly Manifest[] {
    return this.#after.cluster.manifests
  }

  /** True if this reads resources of the type. */
  static reads(type: string): boolean {
    return type === ENV_TYPE || isKubernetesObject(type)
  }

  /** True if a container has a variable by a key with a prefix: no text names it. */
  hasPrefixed(variable: string): boolean {
    return [this.#after, this.#before].some(({ cluster }) => isPrefixed(variable, cluster.manifests, cluster))
  }

  /** The addresses of the objects of a resource that has several. */
  places(resource: Resource): readonly Addressed[] {
    const pairs = this.#pairs(resource)
    return pairs.length > 1 ? pairs : []
  }

  /** Reads the workloads of resources. */
  reader(variables: readonly string[]) {
    const contexts = new Map<Cluster, KubernetesContext>()
    const context = (cluster: Cluster, refuse: KubernetesContext["refuse"]): KubernetesContext => {
      const known = contexts.get(cluster) ?? {
        cluster,
        stored: new StoredVariables(cluster, "the plans"),
        variables,
        resolveHost: resolverIn(cluster),
        refuse,
      }
      contexts.set(cluster, known)
      return known
    }
    const after = (resource: Resource) =>
      context(this.#after.clusterOf(resource), (...problem) => this.#refuse(...problem))
    const before = (resource: Resource) => context(this.#before.clusterOf(resource), () => {})
    return {
      workloads: (resource: Resource) =>
        this.#pairs(resource).flatMap((pair) => deployed(resource, pair, after(resource), before(resource))),
      recordUncounted: (
        resource: Resource,
        query: PoolQuery,
        findings: Findings,
        excluded: ReadonlySet<string>,
      ) => this.#recordUncounted(resource, query, after(resource), findings, excluded),
    }
  }

  #refuse(name: string, problem: string, remedy: string): void {
    if (this.#issues.every((issue) => issue.name !== name)) this.#issues.push({ name, problem, remedy })
  }

  #ownNames(address: string, resources: readonly Resource[]): string[] {
    return resources.flatMap((resource) => (resource.address === address ? [resource.ownAddress] : []))
  }

  /** The objects of a resource after the deploy, each with what it was before. */
  #pairs(resource: Resource): readonly Pair[] {
    const listed = (objects: Objects) => {
      const found = objects.of(resource)
      return found === undefined || "reason" in found ? [] : found
    }
    const after = this.#gone.has(resource) ? [] : listed(this.#after)
    const before = listed(this.#before)
    const isOne = after.length <= 1 && before.length <= 1
    const suffix = ({ address }: Manifest) => address.slice(resource.address.length)
    const place = (manifest: Manifest): Addressed =>
      isOne
        ? { address: resource.address, ownAddress: resource.ownAddress }
        : { address: manifest.address, ownAddress: resource.ownAddress + suffix(manifest) }
    const pairs = after.map((manifest): Pair => {
      const former = isOne ? before[0] : before.find(({ address }) => address === manifest.address)
      return { ...place(manifest), after: manifest, before: former }
    })
    const left = before.filter((manifest) => pairs.every((pair) => pair.before !== manifest))
    return [...pairs, ...left.map((manifest) => ({ ...place(manifest), after: undefined, before: manifest }))]
  }

  /** Records what may connect and is not counted. What is deleted is a warning. */
  #recordUncounted(
    resource: Resource,
    query: PoolQuery,
    context: KubernetesContext,
    findings: Findings,
    excluded: ReadonlySet<string>,
  ): void {
    const found = this.#gone.has(resource) ? this.#before.of(resource) : this.#after.of(resource)
    if (resource.type === ENV_TYPE) {
      const isAdded = this.#after.hasAdded(resource) || this.#before.hasAdded(resource)
      if (!isAdded) noteUncounted(resource, [], query, findings, "its container is in none of the plans")
      return
    }
    if (found === undefined || "reason" in found) {
      noteUncounted(resource, [], query, findings, found?.reason)
      return
    }
    const own = noFindings()
    for (const manifest of found) {
      if (!this.#gone.has(resource)) noteMissingTarget(manifest, context.cluster, findings, "the plans")
      if (isWorkload(manifest) && !isPooler(manifest)) {
        // Terraform applies patches as well: what it then is depends on an object that is elsewhere.
        if (!isWhole(manifest)) noteUncounted(resource, [], query, own, "it is a part of an object")
        if (!asksPostgres(manifest)) continue
      }
      const before = own.unknowns.length
      noteObject(manifest, query, context, own, excluded)
      const isSilent = own.unknowns.length === before
      const isServer = this.servers.some(({ address }) => address === manifest.address)
      if (isSilent && !isServer && !runsNothing(manifest) && hidesText(resource))
        noteUncounted(resource, [], query, own, `objects of kind ${manifest.kind} are not read`)
    }
    findings.warnings.push(...own.warnings)
    for (const unknown of own.unknowns) {
      if (!this.#gone.has(resource) || resource.actions.includes("forget")) findings.unknowns.push(unknown)
      else
        findings.warnings.push(
          `${resource.address}: ${unknown.problem}, and its connections until it is deleted are not counted`,
        )
    }
  }
}

function deployed(
  resource: Resource,
  { address, ownAddress, after, before }: Pair,
  now: KubernetesContext,
  former: KubernetesContext,
): DeployedWorkload[] {
  const read = (manifest: Manifest | undefined, context: KubernetesContext): Workload | undefined => {
    if (manifest === undefined || !isWorkload(manifest) || isPooler(manifest)) return undefined
    if (!isWhole(manifest)) return undefined
    const workload = readWorkload(manifest, context)
    return blockKindOf(resource.type) === undefined ? workload : inBlocks(workload)
  }
  const [next, last] = [read(after, now), read(before, former)]
  if (next === undefined && last === undefined) return []
  const { actions } = resource
  return [
    {
      address,
      ownAddress,
      platform: PLATFORM,
      notation: notationOf(resource.type),
      after: next,
      before: last,
      isReplaced: actions.includes("delete") && actions.includes("create"),
      isForgotten: actions.includes("forget"),
    },
  ]
}

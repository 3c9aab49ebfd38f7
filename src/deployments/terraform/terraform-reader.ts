import type { PoolConfigIssue } from "../../error.ts"
import type { Manifest } from "../kubernetes/manifest.ts"
import { forResource } from "../override.ts"
import type { Context, Platform } from "../platform.ts"
import { awsAppRunner } from "../platforms/aws-app-runner.ts"
import { awsEcs } from "../platforms/aws-ecs.ts"
import { awsLambda } from "../platforms/aws-lambda.ts"
import { awsRds } from "../platforms/aws-rds.ts"
import { azure } from "../platforms/azure.ts"
import { digitalOcean } from "../platforms/digitalocean.ts"
import { googleCloudRun } from "../platforms/google-cloud-run.ts"
import { scaleway } from "../platforms/scaleway.ts"
import type { DeployedWorkload, NamedDocument, Reader } from "../reader.ts"
import { readDocument } from "./document.ts"
import { HELM_TYPE, noteHelmReleases } from "./helm/helm-releases.ts"
import { KubernetesResources } from "./kubernetes/kubernetes-resources.ts"
import { noteSharedEnvironment, noteUncounted } from "./record-findings.ts"
import { resolveReferences } from "./references.ts"
import type { Resource } from "./resource.ts"
import { partsOf, platformOfParts, type ReadPart, readParts, recordParts } from "./resource-parts.ts"
import { serversOf } from "./servers.ts"
import { startedJobs } from "./started-jobs.ts"
import { isRead, uncountedChanges } from "./uncounted-changes.ts"

/** One reader for each supported provider. */
export const PLATFORMS: readonly Platform[] = [
  scaleway,
  googleCloudRun,
  awsEcs,
  awsLambda,
  awsAppRunner,
  awsRds,
  azure,
  digitalOcean,
]

/** What Terraform plans and states have. */
export interface TerraformReader extends Reader {
  /** The Kubernetes objects after the deploy, which manifests of the same cluster may refer to. */
  readonly objects: readonly Manifest[]
}

/** Parses Terraform plans and states. */
export function readTerraform(named: readonly NamedDocument[]): TerraformReader {
  const issues: PoolConfigIssue[] = []
  const documents = named.map((document) => readDocument(document, issues))
  const resources = documents.flatMap((document) => [...document.resources, ...document.gone])
  const gone = new Set(documents.flatMap((document) => document.gone))
  const kubernetes = new KubernetesResources(documents, issues)
  const parts = (resource: Resource) => partsOf(resource, gone.has(resource), PLATFORMS)
  const servers = serversOf(documents, PLATFORMS, resolveReferences(documents, []).after)
  return {
    format: "terraform",
    documents: documents.map(({ kind }, index) => ({ name: named[index]?.name ?? "", kind })),
    incomplete: documents.flatMap(({ incomplete }) => incomplete),
    issues,
    objects: kubernetes.objects,
    servers: [...servers, ...kubernetes.servers],
    poolers: [...servers.flatMap(({ builtInPooler }) => builtInPooler ?? []), ...kubernetes.poolers],
    places: [
      ...resources,
      ...resources.flatMap((resource) => [...kubernetes.places(resource), ...parts(resource)]),
      ...documents.flatMap(({ actions }) => actions),
    ],
    lasting: documents.flatMap((document) =>
      document.resources.flatMap((resource) =>
        resource.managed
          ? [resource, ...parts(resource).filter(({ after }) => after)].map(({ address }) => address)
          : [],
      ),
    ),
    mentions: (variable) =>
      resources.some(
        ({ managed, attributes, before }) =>
          managed && (attributes.mentions(variable) || before?.mentions(variable) === true),
      ) || kubernetes.hasPrefixed(variable),
    read(sought, exclude, findings) {
      const { deciding } = sought
      const used = new Set<Resource>()
      const near = new Set<Resource>()
      const contexts = recordUse(
        resolveReferences(documents, deciding, (type) => !isRead(type, PLATFORMS)),
        (found) => {
          used.add(found)
          near.add(found)
        },
      )
      const changing = uncountedChanges(
        resources.filter((each) => forResource(exclude, each) === undefined),
        PLATFORMS,
        contexts.after.pointers,
      )
      const workloads = new Map<Resource, DeployedWorkload>()
      const objects = kubernetes.reader(deciding)
      const pods: DeployedWorkload[] = []
      const split: ReadPart[] = []
      const shared: Resource[] = []
      const ofKubernetes: Resource[] = []
      const releases: Resource[] = []
      const others: Resource[] = []
      for (const resource of resources) {
        if (!resource.managed) continue
        const exclusion = forResource(exclude, resource)
        const platform = PLATFORMS.find((each) => Object.hasOwn(each.workloads, resource.type))
        const ofParts = platformOfParts(resource.type, PLATFORMS)
        if (exclusion !== undefined) {
          findings.excluded.push({ address: resource.address, reason: exclusion.value })
        } else if (platform !== undefined) {
          near.clear()
          const workload = deployed(resource, platform, gone.has(resource), contexts)
          workloads.set(resource, changing(workload, [resource, ...near]))
        } else if (ofParts !== undefined) {
          split.push(...readParts(resource, parts(resource), ofParts, sought, exclude, findings))
        } else if (resource.type === HELM_TYPE) {
          releases.push(resource)
        } else if (KubernetesResources.reads(resource.type)) {
          ofKubernetes.push(resource)
          for (const workload of objects.workloads(resource)) {
            const own = forResource(exclude, workload)
            if (own === undefined) pods.push(workload)
            else findings.excluded.push({ address: workload.address, reason: own.value })
          }
        } else if (PLATFORMS.some((each) => each.sharedEnvironments.includes(resource.type))) {
          shared.push(resource)
        } else others.push(resource)
      }
      return {
        workloads: [...workloads.values(), ...pods, ...split.flatMap(({ deployed }) => deployed ?? [])],
        recordUncounted(query, recorded) {
          for (const resource of shared)
            if (!used.has(resource)) noteSharedEnvironment(resource, query, recorded)
          const excluded = new Set(findings.excluded.map(({ address }) => address))
          for (const resource of ofKubernetes) objects.recordUncounted(resource, query, recorded, excluded)
          recordParts(split, query, recorded)
          noteHelmReleases(releases, query, recorded)
          for (const resource of others) noteUncounted(resource, PLATFORMS, query, recorded)
          const started = startedJobs(documents, PLATFORMS, exclude, query, contexts.after, recorded)
          return new Map(
            [...started].flatMap(([resource, runs]) => {
              const workload = workloads.get(resource)
              return workload === undefined ? [] : [[workload, runs] as const]
            }),
          )
        },
      }
    },
  }
}

/** Wraps the contexts so that every resource found through them is recorded. */
function recordUse(
  contexts: ReturnType<typeof resolveReferences>,
  record: (resource: Resource) => void,
): ReturnType<typeof resolveReferences> {
  const recording = (context: Context): Context => ({
    ...context,
    resolve(...reference) {
      const found = context.resolve(...reference)
      found.resources.forEach(record)
      return found
    },
  })
  return { after: recording(contexts.after), before: recording(contexts.before) }
}

function deployed(
  resource: Resource,
  platform: Platform,
  isGone: boolean,
  contexts: ReturnType<typeof resolveReferences>,
): DeployedWorkload {
  const read = platform.workloads[resource.type] as Platform["workloads"][string]
  const { address, ownAddress, attributes, before, actions } = resource
  const after = isGone ? undefined : read(attributes, resource, contexts.after)
  const former = isGone ? attributes : before
  return {
    address,
    ownAddress,
    platform: platform.name,
    notation: platform.notations?.[resource.type] ?? "map",
    after,
    before: former && read(former, { ...resource, attributes: former }, contexts.before),
    isReplaced: actions.includes("delete") && actions.includes("create"),
    isForgotten: actions.includes("forget"),
  }
}

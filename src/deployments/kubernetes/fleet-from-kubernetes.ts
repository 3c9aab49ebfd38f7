import type { PoolConfigIssue } from "../../error.ts"
import { parseInto } from "../../validation/parse.ts"
import { type DeployedFleet, fleetOf } from "../deployed-fleet.ts"
import { type DeploymentOptions, optionsSchema } from "../deployment-options.ts"
import { noFindings } from "../findings.ts"
import { readKubernetes } from "./kubernetes-reader.ts"
import type { RawDocument } from "./manifest.ts"
import { parseManifests } from "./parse-manifests.ts"

/**
 * Reads which workloads of a Kubernetes cluster connect to a PostgreSQL server, and how large their pools are. The input
 * is rendered manifests: the output of `kubectl kustomize`, `helm template` or `kubectl get -o yaml`, or plain files.
 *
 * A consumer is a workload with a container whose environment has the database's variable: in `env`, from a ConfigMap or
 * a Secret, or perhaps from one that is not in the manifests. Its pool size is the one that {@link readPoolSettings}
 * reads from that environment, as the client in it will.
 *
 * - A Deployment counts as often as `replicas` or its autoscaler allows. During a deploy it has from `maxSurge` to as
 *   many pods more, because pods that are ending still hold connections. A StatefulSet has none more.
 * - A CronJob counts by its schedule, `concurrencyPolicy` and `activeDeadlineSeconds`. A hook of Helm or Argo CD counts
 *   during a deploy only.
 * - A PostgreSQL server in the manifests sets the ceiling: by its command, its variables or its operator's parameters,
 *   else 100, PostgreSQL's default, which is reported as assumed.
 * - Everything else that may have the variable is unknown, so that nothing connects unseen.
 *
 * Values of Secrets never appear in the result or in an error.
 *
 * @param manifests a text with any number of YAML documents, or an array of texts and parsed objects
 * @throws PoolConfigError naming every place that is not a Kubernetes object, an object that is given twice, every bad
 * option, and every `<address>.PRISMA_…` that the client in that container would refuse
 * @see https://kubernetes.io/docs/reference/kubernetes-api/
 * @example
 * ```ts
 * import { checkFleet } from "prisma-pool-config/sizing"
 * import { fleetFromKubernetes } from "prisma-pool-config/deployments"
 *
 * declare const manifests: string // the output of `kubectl kustomize overlays/production`
 * const { maxConnections = 100, highest, unknowns } = fleetFromKubernetes(manifests)
 * const { fits } = checkFleet({ maxConnections, ...highest })
 * ```
 */
export function fleetFromKubernetes(manifests: unknown, options: DeploymentOptions = {}): DeployedFleet {
  const findings = noFindings()
  parseInto(findings.issues, optionsSchema, options, "options")
  const issues: PoolConfigIssue[] = []
  const list = Array.isArray(manifests) ? manifests : [manifests]
  const documents = list.flatMap((each, index): RawDocument[] => {
    const name = list.length > 1 ? `manifests[${index}]` : ""
    if (typeof each === "string") return parseManifests({ name, text: each }, issues)
    return [{ value: each, placeOf: (path) => [name, path].filter(Boolean).join(".") }]
  })
  return fleetOf([readKubernetes(documents, options.namespace, issues)], options, undefined, findings)
}

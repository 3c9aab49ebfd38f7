import { blockOf, type Cluster, specOf } from "./cluster.ts"
import type { Manifest } from "./manifest.ts"

/** The kinds whose controllers make objects of a kind. Any other owner only says when the object is deleted. */
const MAKERS: Readonly<Record<string, readonly string[]>> = {
  Job: ["CronJob", "ScaledJob"],
  Pod: ["DaemonSet", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"],
  ReplicaSet: ["Deployment"],
}

/**
 * True if another object of the manifests made this one, as `kubectl get` shows both. It counts there, unless that one is
 * suspended and makes no others.
 */
export function isOwned({ kind, attributes, namespace }: Manifest, cluster: Cluster): boolean {
  const makers = Object.hasOwn(MAKERS, kind) ? (MAKERS[kind] ?? []) : []
  return (blockOf(attributes, "metadata")?.blocks("ownerReferences") ?? []).some((owner) => {
    const [maker = "", name = ""] = [owner.text("kind"), owner.text("name")]
    if (!makers.includes(maker)) return false
    return cluster
      .find(maker, name, namespace)
      .some((each) => specOf(each.attributes)?.get("suspend") !== true)
  })
}

import { blockOf, type Cluster } from "./cluster.ts"
import type { Manifest } from "./manifest.ts"

/** True if another object of the manifests made this one, as `kubectl get` shows both. It counts there. */
export const isOwned = ({ attributes, namespace }: Manifest, cluster: Cluster): boolean =>
  (blockOf(attributes, "metadata")?.blocks("ownerReferences") ?? []).some((owner) => {
    const [kind, name] = [owner.text("kind"), owner.text("name")]
    return kind !== undefined && name !== undefined && cluster.find(kind, name, namespace).length > 0
  })

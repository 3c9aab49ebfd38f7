import type { Attributes } from "../attributes.ts"
import { isPoolerImage } from "../container-images.ts"
import { AFTER_APPLY } from "../environment.ts"
import { listOf, textsOf } from "../json-value.ts"
import { type ContainerStart, isPostgres } from "../postgres-container.ts"
import { blockOf } from "./cluster.ts"

/** Finds the container of a pod that is a PostgreSQL server. `template` is an object with the pod's `spec`. */
export function postgresIn(template: Attributes | undefined): ContainerStart | undefined {
  const spec = blockOf(template, "spec")
  const volumes = spec?.blocks("volumes") ?? []
  return (spec?.blocks("containers") ?? [])
    .map((container) => startOf(container, volumes))
    .find((container) => isPostgres(container))
}

/** True for a container that is a PostgreSQL server, whose own connections are none of a client. */
export const isPostgresContainer = (container: Attributes, volumes: readonly Attributes[]): boolean =>
  isPostgres(startOf(container, volumes))

/** The containers of a pod that run as long as it does, sidecars included. */
export const runningContainers = (template: Attributes | undefined): readonly Attributes[] => {
  const spec = blockOf(template, "spec")
  const isSidecar = (container: Attributes) =>
    container.get("restartPolicy") === "Always" || container.isUnknown("restartPolicy")
  return [...(spec?.blocks("containers") ?? []), ...(spec?.blocks("initContainers") ?? []).filter(isSidecar)]
}

/** True for a container that holds connections for others. */
export const isPoolerContainer = (container: Attributes): boolean =>
  isPoolerImage(container.text("image") ?? container.text("name") ?? "")

function startOf(container: Attributes, volumes: readonly Attributes[]): ContainerStart {
  // Charts mount empty directories where the images write configuration of their own.
  const empty = volumes.filter((volume) => blockOf(volume, "emptyDir") !== undefined)
  const isCommandUnknown = container.isUnknown("command") || container.isUnknown("args")
  const mounts = container.blocks("volumeMounts")
  const isEmpty = (mount: Attributes) => empty.some((volume) => volume.text("name") === mount.text("name"))
  return {
    image: container.text("image") ?? "",
    command: isCommandUnknown
      ? [AFTER_APPLY]
      : textsOf([...listOf(container.get("command")), ...listOf(container.get("args"))]),
    environment: new Map(
      container.blocks("env").flatMap((entry) => {
        const [name, value] = [entry.text("name"), entry.get("value")]
        return name === undefined ? [] : [[name, value === undefined ? null : String(value)] as const]
      }),
    ),
    mounts: mounts.flatMap((mount) => (isEmpty(mount) ? [] : (mount.text("mountPath") ?? []))),
    isPartlyUnknown:
      container.hasUnknown("command") ||
      container.hasUnknown("args") ||
      container.isUnknown("env") ||
      mounts.some((mount) => mount.isUnknown("mountPath")),
  }
}

import type { Findings } from "../findings.ts"
import { type Addressed, forResource } from "../override.ts"
import type { Platform, WorkloadPart } from "../platform.ts"
import type { DeployedWorkload } from "../reader.ts"
import type { PoolQuery } from "../resource-pool.ts"
import type { SoughtVariables } from "../sought-variables.ts"
import type { Resource } from "./resource.ts"

/** One of several workloads of a resource, as it is after the deploy and before it. */
export interface Part extends Addressed {
  readonly after: WorkloadPart | undefined
  readonly before: WorkloadPart | undefined
}

/** Finds the platform that reads a type of resource as several workloads. */
export const platformOfParts = (type: string, platforms: readonly Platform[]): Platform | undefined =>
  platforms.find(({ parts = {} }) => Object.hasOwn(parts, type))

/** Returns the workloads of a resource of such a type; none of any other. */
export function partsOf(
  { type, address, ownAddress, attributes, before }: Resource,
  isGone: boolean,
  platforms: readonly Platform[],
): readonly Part[] {
  const read = platformOfParts(type, platforms)?.parts?.[type]
  if (read === undefined) return []
  const now = isGone ? [] : read(attributes)
  const former = isGone ? read(attributes) : before === undefined ? [] : read(before)
  const place = ({ name }: WorkloadPart): Addressed => ({
    address: `${address}.${name}`,
    ownAddress: `${ownAddress}.${name}`,
  })
  return [
    ...now.map(
      (part): Part => ({
        ...place(part),
        after: part,
        before: former.find(({ name }) => name === part.name),
      }),
    ),
    ...former
      .filter(({ name }) => now.every((part) => part.name !== name))
      .map((part): Part => ({ ...place(part), after: undefined, before: part })),
  ]
}

/** A part with its workload; undefined if nothing that is counted runs in it. */
export interface ReadPart extends Part {
  readonly deployed: DeployedWorkload | undefined
}

/** Reads the parts of a resource, without those that are excluded. */
export function readParts(
  resource: Resource,
  parts: readonly Part[],
  platform: Platform,
  sought: SoughtVariables,
  exclude: Readonly<Record<string, string>>,
  { excluded }: Findings,
): readonly ReadPart[] {
  const { type, actions } = resource
  return parts.flatMap((part): ReadPart[] => {
    const exclusion = forResource(exclude, part)
    if (exclusion !== undefined) {
      excluded.push({ address: part.address, reason: exclusion.value })
      return []
    }
    const [after, before] = [part.after?.read(sought), part.before?.read(sought)]
    const deployed: DeployedWorkload = {
      address: part.address,
      ownAddress: part.ownAddress,
      platform: platform.name,
      notation: platform.notations?.[type] ?? "map",
      after,
      before,
      isReplaced: actions.includes("delete") && actions.includes("create"),
      isForgotten: actions.includes("forget"),
    }
    return [{ ...part, deployed: after === undefined && before === undefined ? undefined : deployed }]
  })
}

/** Records what may connect in some parts, and is not counted. */
export function recordParts(parts: readonly ReadPart[], query: PoolQuery, findings: Findings): void {
  for (const { address, after, deployed } of parts)
    after?.recordUncounted(address, deployed?.after, query, findings)
}

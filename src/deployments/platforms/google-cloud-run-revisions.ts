import type { Attributes } from "../attributes.ts"
import type { AttributeFindings } from "../workload.ts"

/** Revisions of a service, beside the one of its template, that answer requests. */
export interface OtherRevisions {
  /** The number of those with a share of the traffic. */
  readonly sharing: number
  /** The number of those that only have a URL of their own, by their tag. */
  readonly tagged: number
}

/**
 * Finds the other revisions of a service's traffic.
 *
 * @param attribute the attribute with the name of a revision
 * @param own the name of the template's revision
 */
export function otherRevisions(service: Attributes, attribute: string, own: unknown): OtherRevisions {
  const others = service.blocks("traffic").filter((target) => {
    const name = target.get(attribute)
    return target.isUnknown(attribute) || (name !== undefined && name !== "" && name !== own)
  })
  const sharing = others.filter(
    (target) => target.isUnknown("percent") || Number(target.get("percent") ?? 0) > 0,
  )
  const tagged = others.filter((target) => !sharing.includes(target) && target.get("tag") !== undefined)
  return { sharing: sharing.length, tagged: tagged.length }
}

/**
 * Records the revisions whose instances are not in the document. Those that share the traffic also share the maximum of
 * the service, and one that only has a tag has its own.
 *
 * https://cloud.google.com/run/docs/configuring/max-instances
 *
 * @param isBounded true if the service has a maximum for all of its revisions together
 */
export function noteRevisions(
  { sharing, tagged }: OtherRevisions,
  instances: number,
  isBounded: boolean,
  { assumptions, unknowns }: AttributeFindings,
): void {
  const unseen = isBounded ? tagged : sharing + tagged
  if (unseen > 0) {
    unknowns.push({
      name: "traffic",
      field: "instances",
      lowest: unknowns.some(({ field }) => field === "instances") ? 0 : instances,
      highest: undefined,
      problem: `leads to ${unseen === 1 ? "another revision" : `${unseen} other revisions`} as well, each with a maximum of its own that is in no plan`,
      remedy:
        isBounded || tagged > 0
          ? "Remove their tags, or override instances with the sum"
          : "Set scaling.max_instance_count of the service, which its revisions share, or override instances with the sum",
    })
  } else if (sharing > 0) {
    assumptions.push({
      name: "traffic",
      field: "poolSize",
      assumed: "other revisions have a share: their pools are assumed to have the size of the template's",
      remedy: "If theirs are larger, override poolSize",
    })
  }
}

import { isIntegerInRange, MAX_COUNT } from "../validation/numbers.ts"
import type { Attributes } from "./attributes.ts"
import type { AttributeFindings, UnknownAttribute } from "./workload.ts"

/** The provider's default for an omitted attribute, and the highest value that it accepts. */
export interface DefaultOf {
  readonly attribute: string
  /** The field of a fleet that it sets. */
  readonly field: UnknownAttribute["field"]
  readonly defaultValue: number
  /** Undefined if the platform documents none. */
  readonly most: number | undefined
  /** As in "Scaleway's default". */
  readonly platform: string
}

/** Reads a number that may be omitted or unknown, and records the value assumed for it. */
export function readCountAttribute(
  attributes: Attributes,
  { attribute, field, defaultValue, most, platform }: DefaultOf,
  { assumptions, unknowns }: AttributeFindings,
): number {
  const value = attributes.get(attribute)
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (isIntegerInRange(number, { min: 0, max: MAX_COUNT })) return number
  if (value !== undefined) attributes.report(attribute)
  if (attributes.isUnknown(attribute)) {
    // A running job has at least one task.
    unknowns.push({ name: attribute, field, lowest: field === "replicas" ? 1 : 0, highest: most })
    return most ?? defaultValue
  }
  assumptions.push({
    name: attribute,
    field,
    assumed: `omitted: ${defaultValue}, ${platform}'s default`,
    remedy: `Set ${attribute}, or override ${field}`,
  })
  return defaultValue
}

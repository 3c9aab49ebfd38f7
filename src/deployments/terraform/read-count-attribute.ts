import { isIntegerInRange, MAX_COUNT } from "../../validation/numbers.ts"
import type { AttributeFindings, UnknownAttribute } from "../platform.ts"
import type { Attributes } from "./attributes.ts"

/** What the provider takes where an attribute is left out, and the most that it takes at all. */
export interface DefaultOf {
  readonly attribute: string
  /** The field of a fleet that it sets. */
  readonly field: UnknownAttribute["field"]
  readonly fallback: number
  /** Undefined where the platform says nothing of one. */
  readonly most: number | undefined
  /** As in "Scaleway's default". */
  readonly platform: string
}

/** Reads a number that may be left open, and adds what was taken for it to what is found. */
export function readCountAttribute(
  attributes: Attributes,
  { attribute, field, fallback, most, platform }: DefaultOf,
  { assumptions, unknowns }: AttributeFindings,
): number {
  const value = attributes.get(attribute)
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (isIntegerInRange(number, { min: 0, max: MAX_COUNT })) return number
  if (value !== undefined) attributes.report(attribute)
  if (attributes.isUnknown(attribute)) {
    // A job that runs has a task.
    unknowns.push({ name: attribute, field, lowest: field === "replicas" ? 1 : 0, highest: most })
    return most ?? fallback
  }
  assumptions.push({
    name: attribute,
    field,
    assumed: `omitted: ${fallback}, ${platform}'s default`,
    remedy: `Set ${attribute}, or override ${field}`,
  })
  return fallback
}

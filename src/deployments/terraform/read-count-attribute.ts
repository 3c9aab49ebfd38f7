import { isIntegerInRange, MAX_COUNT } from "../../validation/numbers.ts"
import { AFTER_APPLY } from "../environment.ts"
import type { AssumedAttribute } from "../platform.ts"
import type { Attributes } from "./attributes.ts"

/** What the provider takes where an attribute is left out. */
export interface DefaultOf {
  readonly attribute: string
  /** The field of a fleet that it sets. */
  readonly field: string
  readonly fallback: number
  /** As in "Scaleway's default". */
  readonly platform: string
}

/** Reads a number that may be left open, and adds what was taken for it to `assumptions`. */
export function readCountAttribute(
  attributes: Attributes,
  { attribute, field, fallback, platform }: DefaultOf,
  assumptions: AssumedAttribute[],
): number {
  const value = attributes.get(attribute)
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (isIntegerInRange(number, { min: 0, max: MAX_COUNT })) return number
  if (value !== undefined) attributes.report(attribute)
  const why = attributes.isUnknown(attribute) ? AFTER_APPLY : "omitted"
  assumptions.push({
    name: attribute,
    field,
    assumed: `${why}: ${fallback}, ${platform}'s default`,
    remedy: `Set ${attribute}, or override ${field}`,
  })
  return fallback
}

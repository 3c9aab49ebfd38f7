import { PoolConfigError, receivedArgument } from "../../error.ts"
import { check } from "../../sizing/check-fleet.ts"
import type { Fleet } from "../../sizing/index.ts"
import { byName } from "../../sizing/names.ts"
import { OWNER, ownersShape } from "../../sizing/owners.ts"
import { fleetShape, jobNames, parsedFleet, slotsRule } from "../../sizing/parse-fleet.ts"
import { poolerLinks } from "../../sizing/pooler-links.ts"
import { parse } from "../../validation/parse.ts"
import { isPlain, ownField } from "../../validation/plain-object.ts"
import { object, optional } from "../../validation/schema.ts"
import { stringField } from "../../validation/text-fields.ts"
import { type DeclaredFleet, namesWithoutOwner } from "../inspect/attribution.ts"

/** A fleet as `checkFleet` takes it: the content of `pool.config.json`, if every size is explicit. */
export interface ObservedFleet extends Fleet {
  /** For editors. */
  readonly $schema?: string
  /**
   * Owners by `application_name`, for applications that do not have the name of a consumer, a job, a pooler or a reserve.
   * `"job-*": "import"` matches every name with that prefix.
   */
  readonly applications?: Readonly<Record<string, string>>
  /** Owners by role, for connections whose application has none: `"rds*": "provider"`. */
  readonly roles?: Readonly<Record<string, string>>
}

/** The issue for an owner in `applications` or `roles` that is not declared. */
export const UNKNOWN_OWNER = { problem: "has an owner that is not in the fleet", remedy: OWNER }

/** The declared fleet with its ceiling. */
export type ParsedObservedFleet = DeclaredFleet & { readonly maxConnections: number }

const schema = object(
  {
    ...fleetShape,
    $schema: optional(stringField),
    applications: optional(ownersShape.applications),
    roles: optional(ownersShape.roles),
  } satisfies Record<keyof ObservedFleet, unknown>,
  slotsRule,
  poolerLinks,
)

/** @throws PoolConfigError naming everything that is wrong, by its dotted path in the fleet */
export function readObservedFleet(value: unknown): ParsedObservedFleet {
  // It may be a URL in the wrong place, so the value is not printed.
  if (typeof value === "string") {
    throw new PoolConfigError([
      { name: "fleet", problem: receivedArgument(value), remedy: "Give a plain object" },
    ])
  }
  if (isPlain(value) && ownField(value, "servers") !== undefined) {
    const remedy = "Observe each server with its own fleet"
    throw new PoolConfigError([{ name: "servers", problem: "has several entries", remedy }])
  }
  const { applications = [], roles = [], ...values } = parse(schema, value, "fleet")
  const fleet = parsedFleet(values, value as ObservedFleet, "fleet")
  const declared = {
    maxConnections: fleet.maxConnections,
    reserved: byName(fleet.reserved),
    check: check(fleet),
    ...jobNames(fleet),
    applications: byName(applications),
    roles: byName(roles),
  }
  const ownerless = namesWithoutOwner(declared)
  if (ownerless.length > 0) {
    throw new PoolConfigError(ownerless.map((name) => ({ name, ...UNKNOWN_OWNER })))
  }
  return declared
}

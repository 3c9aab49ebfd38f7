import { PoolConfigError, type PoolConfigIssue, receivedArgument } from "../../error.ts"
import { applicationsField, OWNER } from "../../sizing/applications.ts"
import { check } from "../../sizing/check-fleet.ts"
import type { Fleet } from "../../sizing/index.ts"
import { byName } from "../../sizing/names.ts"
import { fleetShape, parsedFleet, slotsRule } from "../../sizing/parse-fleet.ts"
import { parse } from "../../validation/parse.ts"
import { isPlain, ownField } from "../../validation/plain-object.ts"
import { object, optional } from "../../validation/schema.ts"
import { stringField } from "../../validation/text-fields.ts"
import { applicationsWithoutOwner, type DeclaredFleet } from "../inspect/attribution.ts"

/** A fleet as `checkFleet` takes it: what `pool.config.json` holds, where every size is stated. */
export interface ObservedFleet extends Fleet {
  /** For editors. */
  readonly $schema?: string
  /**
   * Whose connections an application's are, by its `application_name`, where that is not the name of a consumer, a job
   * or something reserved; `"job-*": "import"` is for all names that begin so.
   */
  readonly applications?: Readonly<Record<string, string>>
}

/** What is wrong where `applications` names an owner whom nobody declared. */
export const UNKNOWN_OWNER = { problem: "belongs to nobody in the fleet", remedy: OWNER }

/** What is declared, and its ceiling. */
export type ParsedObservedFleet = DeclaredFleet & { readonly maxConnections: number }

const schema = object(
  {
    ...fleetShape,
    $schema: optional(stringField),
    applications: optional(applicationsField),
  } satisfies Record<keyof ObservedFleet, unknown>,
  slotsRule,
)

/** @throws PoolConfigError naming everything that is wrong, by its dotted path in the fleet */
export function readObservedFleet(value: unknown): ParsedObservedFleet {
  // Perhaps a URL in the wrong place.
  if (typeof value === "string") {
    throw new PoolConfigError([
      { name: "fleet", problem: receivedArgument(value), remedy: "Give a plain object" },
    ])
  }
  if (isPlain(value) && ownField(value, "servers") !== undefined) {
    const remedy = "Observe each of them, with the fleet that is its own"
    throw new PoolConfigError([{ name: "servers", problem: "are several", remedy }])
  }
  const { applications = [], ...values } = parse(schema, value, "fleet")
  const fleet = parsedFleet(values, value as ObservedFleet, "fleet")
  const declared = {
    maxConnections: fleet.maxConnections,
    reserved: byName(fleet.reserved),
    check: check(fleet),
    jobs: fleet.jobs.map(({ single }) => single.name),
    applications: byName(applications),
  }
  const stray = applicationsWithoutOwner(declared)
  if (stray.length > 0) {
    throw new PoolConfigError(stray.map((name) => ({ name: `applications.${name}`, ...UNKNOWN_OWNER })))
  }
  return declared
}

/** What `read` returns, or undefined and its issues. */
export function attempt<Result>(
  issues: PoolConfigIssue[],
  read: () => Result,
  renamed = (name: string) => name,
): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    issues.push(...error.issues.map((issue) => ({ ...issue, name: renamed(issue.name) })))
    return undefined
  }
}

import { PoolConfigError, type PoolConfigIssue, receivedArgument } from "../../error.ts"
import { checkFleet, type Fleet } from "../../sizing/index.ts"
import { parseInput, readEntries } from "../../validation/object-reader.ts"
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

const OWNER = "Give the name of a consumer, a job or something reserved"

/** What is wrong where `applications` names an owner whom nobody declared. */
export const UNKNOWN_OWNER = { problem: "belongs to nobody in the fleet", remedy: OWNER }

/** What is declared, and its ceiling. */
export type ParsedObservedFleet = DeclaredFleet & { readonly maxConnections: number }

/** @throws PoolConfigError naming everything that is wrong, by its dotted path in the fleet */
export function readObservedFleet(value: unknown): ParsedObservedFleet {
  // Perhaps a URL in the wrong place.
  if (typeof value === "string") {
    throw new PoolConfigError([
      { name: "fleet", problem: receivedArgument(value), remedy: "Give a plain object" },
    ])
  }
  return parseInput(value, "fleet", (fields, issues) => {
    const { $schema: _, applications = {}, ...fleet } = value as ObservedFleet
    const owners = fields.get("applications") === undefined ? [] : readEntries(fields, "applications", issues)
    for (const [name, owner] of owners) {
      if (typeof owner === "string") continue
      issues.push({ name: `applications.${name}`, problem: receivedArgument(owner), remedy: OWNER })
    }
    if (fields.get("servers") !== undefined) {
      const remedy = "Observe each of them, with the fleet that is its own"
      throw new PoolConfigError([...issues, { name: "servers", problem: "are several", remedy }])
    }
    const check = attempt(issues, () => checkFleet(fleet))
    if (check === undefined || issues.length > 0) throw new PoolConfigError(issues)
    const { maxConnections, reserved = {}, jobs = [] } = fleet
    const declared = { maxConnections, reserved, check, jobs: jobs.map(({ name }) => name), applications }
    for (const name of applicationsWithoutOwner(declared)) {
      issues.push({ name: `applications.${name}`, ...UNKNOWN_OWNER })
    }
    return declared
  })
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

import { describeValue, PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { parseFleets } from "../sizing/parse-servers.ts"
import { MAX_COUNT } from "../validation/numbers.ts"
import type { FleetConfig } from "./fleet-config.ts"
import { fleetConfigSchema } from "./fleet-config-schema.ts"

/**
 * Reads a declaration, as it was parsed from JSON or imported.
 *
 * @throws PoolConfigError naming everything that is wrong, by its dotted path
 */
export function readFleetConfig(value: unknown): FleetConfig {
  const result = fleetConfigSchema.safeParse(value)
  // A fleet's own reader says best what is wrong in one; the schema knows of the rest.
  const issues = [
    ...fleetIssues(value),
    ...(result.success ? [] : result.error.issues.flatMap((issue) => schemaIssues(issue, value))),
  ]
  const names = new Set<string>()
  const first = issues.filter(({ name }) => !names.has(name) && names.add(name))
  if (first.length > 0) throw new PoolConfigError(first)
  return value as FleetConfig
}

/** What is wrong with the fleet, or the fleets, by the reader that checks and solves them. */
function fleetIssues(value: unknown): readonly PoolConfigIssue[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return []
  const { $schema: _, terraform: __, applications: ___, ...fleet } = value as FleetConfig
  try {
    parseFleets(
      fleet.servers === undefined ? filled(fleet) : { ...fleet, servers: filledAll(fleet.servers) },
      true,
    )
    return []
  } catch (error) {
    if (error instanceof PoolConfigError) return error.issues
    throw error
  }
}

/** The ceiling and the consumers may come from elsewhere. */
const filled = (fleet: object) => ({ maxConnections: MAX_COUNT, consumers: {}, ...fleet })

function filledAll(servers: unknown): unknown {
  if (typeof servers !== "object" || servers === null || Array.isArray(servers)) return servers
  return Object.fromEntries(
    Object.entries(servers).map(([name, fleet]) => [
      name,
      typeof fleet === "object" && fleet !== null ? filled(fleet) : fleet,
    ]),
  )
}

type SchemaIssue = NonNullable<ReturnType<typeof fleetConfigSchema.safeParse>["error"]>["issues"][number]

function schemaIssues(issue: SchemaIssue, config: unknown): PoolConfigIssue[] {
  const path = dotted(issue.path, config)
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      name: path === "" ? key : `${path}.${key}`,
      problem: "is not a known field",
      remedy: "Remove it, or mend its spelling",
    }))
  }
  const value = issue.path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | undefined)?.[key],
    config,
  )
  return [
    {
      name: path || "pool.config",
      problem: value === undefined ? "missing" : `received ${describeValue(value)}`,
      remedy: remedy(issue),
    },
  ]
}

function remedy(issue: SchemaIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `Give ${{ object: "an object", record: "an object", array: "a list", string: "a text", int: "a whole number" }[issue.expected as string] ?? `a ${issue.expected}`}`
    case "too_small":
      return `Give a number from ${issue.minimum} on`
    case "too_big":
      return `Give a number up to ${issue.maximum}`
    default:
      return "Give a text that is not blank"
  }
}

/** The path as the fleet's reader has it: jobs by their names. */
function dotted(path: readonly PropertyKey[], config: unknown): string {
  let within: unknown = config
  let text = ""
  for (const key of path) {
    within = (within as Record<PropertyKey, unknown> | undefined)?.[key]
    const name = typeof key === "number" ? (within as { name?: unknown } | undefined)?.name : undefined
    if (typeof name === "string" && name.trim() !== "") text += `.${name}`
    else text += typeof key === "number" ? `[${key}]` : `${text && "."}${String(key)}`
  }
  return text
}

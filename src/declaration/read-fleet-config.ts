import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { parseFleets } from "../sizing/parse-servers.ts"
import { MAX_COUNT } from "../validation/numbers.ts"
import type { FleetConfig, ServerFleet } from "./fleet-config.ts"
import { fleetConfigSchema } from "./fleet-config-schema.ts"
import { schemaIssues } from "./schema-issues.ts"

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
    ...(result.success
      ? []
      : result.error.issues.flatMap((issue) => schemaIssues(issue, value, "pool.config"))),
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

/** How to tell it in a plan is nothing of the fleet's. */
const withoutTie = ({ hosts: _, keys: __, server: ___, ...fleet }: ServerFleet) => fleet

function filledAll(servers: unknown): unknown {
  if (typeof servers !== "object" || servers === null || Array.isArray(servers)) return servers
  return Object.fromEntries(
    Object.entries(servers).map(([name, fleet]) => [
      name,
      typeof fleet === "object" && fleet !== null ? filled(withoutTie(fleet)) : fleet,
    ]),
  )
}

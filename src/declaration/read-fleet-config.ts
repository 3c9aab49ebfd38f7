import { parse } from "../validation/parse.ts"
import type { FleetConfig } from "./fleet-config.ts"
import { fleetConfigSchema } from "./fleet-config-schema.ts"

/**
 * Reads a declaration that was parsed from JSON or imported.
 *
 * @throws PoolConfigError naming everything that is wrong, by its dotted path
 */
export function readFleetConfig(value: unknown): FleetConfig {
  parse(fleetConfigSchema, value, "pool.config")
  return value as FleetConfig
}

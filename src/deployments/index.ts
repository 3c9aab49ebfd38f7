export { PoolConfigError, type PoolConfigIssue } from "../error.ts"
export type { Excluded, ExplicitOverride, Unknown } from "./findings.ts"
export type { FleetPart, OpenFleetPart } from "./fleet-part.ts"
export type { Override } from "./override.ts"
export type { TerraformServer } from "./terraform/ceiling.ts"
export {
  fleetFromTerraform,
  type TerraformFleet,
  type TerraformSource,
} from "./terraform/fleet-from-terraform.ts"
export type { TerraformOptions } from "./terraform/read-options.ts"

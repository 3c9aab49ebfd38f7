import { parseInto } from "../../validation/parse.ts"
import { type DeployedFleet, fleetOf } from "../deployed-fleet.ts"
import { type DeploymentOptions, optionsSchema } from "../deployment-options.ts"
import { noFindings } from "../findings.ts"
import { readTerraform } from "./terraform-reader.ts"

/**
 * Reads which resources connect to a PostgreSQL server, and how large their pools are. The input is the output of
 * `terraform show -json`: a plan or a state. OpenTofu's is the same.
 *
 * A consumer is a resource whose environment has the database's variable: set to a value, to a secret, or to a value
 * that is known only after apply. Its pool size is the one that {@link readPoolSettings} reads from that environment,
 * as the client in it will. Old and new instances run together during a deploy, so instances count twice then.
 * Resources that the plan deletes or replaces also count during the deploy.
 *
 * Supports Kubernetes (by the rules of {@link fleetFromKubernetes}), Scaleway (Serverless Containers, Jobs, Managed
 * Databases), Google Cloud (Cloud Run, Cloud SQL), AWS and Azure. A Helm release is reported as unknown, unless its chart
 * is of infrastructure. A resource of another type that has the variable is reported as unknown, so that nothing connects
 * unseen. Omitted attributes count at the provider's documented default, and are reported as assumed.
 *
 * A plan holds secrets in plain text. The result and the errors contain only addresses, types, counts, schedules, time
 * zones, timeouts, `max_connections`, node types and pool sizes. The time is proportional to the number of resources:
 * under a second for 10,000.
 *
 * @param plans the parsed JSON, or an array of them: several stacks with one server add up
 * @throws PoolConfigError naming every place in the JSON that is not in Terraform's format (`plans[1]: …` if there are
 * several), every bad option, and every `<address>.PRISMA_…` that the client in that resource would refuse
 * @see https://developer.hashicorp.com/terraform/internals/json-format
 * @example
 * ```ts
 * import { checkFleet } from "prisma-pool-config/sizing"
 * import { fleetFromTerraform } from "prisma-pool-config/deployments"
 *
 * declare const plan: unknown // JSON.parse of `terraform show -json tfplan`
 * const { maxConnections = 100, highest, unknowns } = fleetFromTerraform(plan)
 * const { fits } = checkFleet({ maxConnections, ...highest })
 * ```
 */
export function fleetFromTerraform(plans: unknown, options: DeploymentOptions = {}): DeployedFleet {
  const list = Array.isArray(plans) ? plans : [plans]
  const findings = noFindings()
  parseInto(findings.issues, optionsSchema, options, "options")
  const named = list.map((json, index) => ({ name: list.length > 1 ? `plans[${index}]` : "", json }))
  return fleetOf([readTerraform(named)], options, undefined, findings)
}

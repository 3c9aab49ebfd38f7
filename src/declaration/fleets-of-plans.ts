import { CORE, urlVariable } from "../config/database-variables.ts"
import type { TerraformFleet } from "../deployments/index.ts"
import { fleetOf, type NamedDocument } from "../deployments/terraform/fleet-from-terraform.ts"
import { PoolConfigError } from "../error.ts"
import type { FleetConfig } from "./fleet-config.ts"

/** The name of the server of replicas, where no declaration has one. */
export const REPLICA = "replica"

/**
 * A declaration in which the replica of a database that is counted has a server of its own, since it has a ceiling of its
 * own. What is declared beside the plan connects to the primary.
 */
export function withReplicas(config: FleetConfig): FleetConfig {
  const { servers, terraform: { keys = [], server, hosts, ...terraform } = {}, ...rest } = config
  const replicas = keys.filter((key) => keys.some((other) => key === `${other}_REPLICA`))
  if (servers !== undefined || replicas.length === 0) return config
  const { $schema: _, applications = {}, ...fleet } = rest
  const primary = {
    ...fleet,
    keys: keys.filter((key) => !replicas.includes(key)),
    ...(server === undefined ? {} : { server }),
    ...(hosts === undefined ? {} : { hosts }),
  }
  return { applications, terraform, servers: { primary, [REPLICA]: { keys: replicas } } }
}

/** What the plans say of each server; nothing where there are none. */
export function fleetsOfPlans(
  { servers, terraform = {}, maxConnections }: FleetConfig,
  documents: readonly NamedDocument[],
): readonly TerraformFleet[] {
  if (documents.length === 0) return []
  const ceiling = (stated: number | undefined) => (stated === undefined ? {} : { maxConnections: stated })
  if (servers === undefined) return [fleetOf(documents, { ...terraform, ...ceiling(maxConnections) })]
  refuseOneServers(terraform)
  const named = Object.entries(servers)
  const unclaimed = named.every(([, { keys = [] }]) => keys.length > 0) ? [] : [urlVariable(CORE)]
  const keys = [
    ...new Set([...(terraform.keys ?? unclaimed), ...named.flatMap(([, each]) => each.keys ?? [])]),
  ]
  return named.map(([name, own]) => {
    const others = named.filter(([other]) => other !== name).map(([, each]) => each)
    const otherKeys = others.flatMap((each) => each.keys ?? [])
    const ties = {
      hosts: own.hosts ?? [],
      otherHosts: others.flatMap((each) => each.hosts ?? []),
      others: others.map(({ hosts = [], server }) => ({
        hosts,
        ...(server === undefined ? {} : { server }),
      })),
      keys: own.keys ?? [],
      otherKeys,
      isOnly: others.length === 0,
    }
    const chosen = own.server === undefined ? {} : { server: own.server }
    const options = { ...terraform, keys, hosts: ties.hosts, ...chosen, ...ceiling(own.maxConnections) }
    return fleetOf(documents, options, ties)
  })
}

/** What is said of the one server is said of none where there are several. */
function refuseOneServers(terraform: NonNullable<FleetConfig["terraform"]>): void {
  const fields = (["server", "hosts"] as const).filter((field) => terraform[field] !== undefined)
  if (fields.length === 0) return
  throw new PoolConfigError(
    fields.map((field) => ({
      name: `terraform.${field}`,
      problem: "stands beside servers, and nobody can tell which of them it is",
      remedy: `Give ${field} to each of the servers`,
    })),
  )
}

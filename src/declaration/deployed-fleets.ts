import { CORE, urlVariable } from "../config/database-variables.ts"
import { fleetOf } from "../deployments/deployed-fleet.ts"
import type { DeployedFleet } from "../deployments/index.ts"
import type { Reader } from "../deployments/reader.ts"
import { PoolConfigError } from "../error.ts"
import type { FleetConfig, ServerFleet } from "./fleet-config.ts"

/** The name of the replicas' server, if no declaration names one. */
export const REPLICA = "replica"

/**
 * Gives the replica of a counted database a server of its own in the declaration, since it has its own ceiling.
 * Declared consumers connect to the primary.
 */
export function withReplicas(config: FleetConfig): FleetConfig {
  const { servers, deployments: { keys = [], server, hosts, ...reading } = {}, ...rest } = config
  const replicas = keys.filter((key) => keys.some((other) => key === `${other}_REPLICA`))
  if (servers !== undefined || replicas.length === 0) return config
  const { $schema: _, applications = {}, roles = {}, ...fleet } = rest
  const primary = {
    ...fleet,
    keys: keys.filter((key) => !replicas.includes(key)),
    ...(server === undefined ? {} : { server }),
    ...(hosts === undefined ? {} : { hosts }),
  }
  return { applications, roles, deployments: reading, servers: { primary, [REPLICA]: { keys: replicas } } }
}

/** Reads the deployed fleet of each server; empty if no document was read. */
export function deployedFleets(
  { servers, deployments = {}, maxConnections }: FleetConfig,
  readers: readonly Reader[],
): readonly DeployedFleet[] {
  if (readers.length === 0) return []
  const ceiling = (given: number | undefined) => (given === undefined ? {} : { maxConnections: given })
  if (servers === undefined) return [fleetOf(readers, { ...deployments, ...ceiling(maxConnections) })]
  refuseOneServers(deployments)
  const named = Object.entries(servers)
  const unclaimed = named.every(([, { keys = [] }]) => keys.length > 0) ? [] : [urlVariable(CORE)]
  const keys = [
    ...new Set([...(deployments.keys ?? unclaimed), ...named.flatMap(([, each]) => each.keys ?? [])]),
  ]
  const markers = [
    ...new Set([...(deployments.markers ?? []), ...named.flatMap(([, each]) => each.markers ?? [])]),
  ]
  return named.map(([name, own]) => {
    const others = named.filter(([other]) => other !== name).map(([, each]) => each)
    const namesOf = (each: ServerFleet) => [...(each.keys ?? []), ...(each.markers ?? [])]
    const ties = {
      hosts: own.hosts ?? [],
      otherHosts: others.flatMap((each) => each.hosts ?? []),
      others: others.map(({ hosts = [], server }) => ({
        hosts,
        ...(server === undefined ? {} : { server }),
      })),
      keys: namesOf(own),
      otherKeys: others.flatMap(namesOf),
      isOnly: others.length === 0,
    }
    const chosen = own.server === undefined ? {} : { server: own.server }
    const options = {
      ...deployments,
      keys,
      markers,
      hosts: ties.hosts,
      ...chosen,
      ...ceiling(own.maxConnections),
    }
    return fleetOf(readers, options, ties)
  })
}

/** Refuses options for one server beside several: it is unclear which one they are for. */
function refuseOneServers(deployments: NonNullable<FleetConfig["deployments"]>): void {
  const fields = (["server", "hosts"] as const).filter((field) => deployments[field] !== undefined)
  if (fields.length === 0) return
  throw new PoolConfigError(
    fields.map((field) => ({
      name: `deployments.${field}`,
      problem: "is given beside servers, and does not say which of them it is for",
      remedy: `Give ${field} to each of the servers`,
    })),
  )
}

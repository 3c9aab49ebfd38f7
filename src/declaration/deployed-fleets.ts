import { CORE, urlVariable } from "../config/database-variables.ts"
import { fleetOf } from "../deployments/deployed-fleet.ts"
import { noFindings } from "../deployments/findings.ts"
import type { FrontPoolers } from "../deployments/front-poolers.ts"
import type { DeployedFleet } from "../deployments/index.ts"
import type { ServerHosts } from "../deployments/pgbouncer/entry-servers.ts"
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

/** The declared hosts of one of the servers, and of the others. */
export function serverHosts({ servers, deployments = {} }: FleetConfig, name: string): ServerHosts {
  if (servers === undefined) return { hosts: deployments.hosts ?? [], otherHosts: [], isOnly: true }
  const others = Object.entries(servers).filter(([other]) => other !== name)
  return {
    hosts: servers[name]?.hosts ?? [],
    otherHosts: others.flatMap(([, each]) => each.hosts ?? []),
    isOnly: others.length === 0,
  }
}

/**
 * Reads the deployed fleet of each server; empty if no document was read.
 *
 * @param fronts the poolers in front of each server
 */
export function deployedFleets(
  config: FleetConfig,
  readers: readonly Reader[],
  fronts: readonly FrontPoolers[] = [],
): readonly DeployedFleet[] {
  const { servers, deployments = {}, maxConnections } = config
  if (readers.length === 0) return []
  const ceiling = (given: number | undefined) => (given === undefined ? {} : { maxConnections: given })
  if (servers === undefined) {
    const options = { ...deployments, ...ceiling(maxConnections) }
    return [fleetOf(readers, options, undefined, noFindings(), fronts[0])]
  }
  refuseOneServers(deployments)
  const named = Object.entries(servers)
  const unclaimed = named.every(([, { keys = [] }]) => keys.length > 0) ? [] : [urlVariable(CORE)]
  const keys = [
    ...new Set([...(deployments.keys ?? unclaimed), ...named.flatMap(([, each]) => each.keys ?? [])]),
  ]
  const markers = [
    ...new Set([...(deployments.markers ?? []), ...named.flatMap(([, each]) => each.markers ?? [])]),
  ]
  return named.map(([name, own], index) => {
    const others = named.filter(([other]) => other !== name).map(([, each]) => each)
    const namesOf = (each: ServerFleet) => [...(each.keys ?? []), ...(each.markers ?? [])]
    const ties = {
      ...serverHosts(config, name),
      others: others.map(({ hosts = [], server }) => ({
        hosts,
        ...(server === undefined ? {} : { server }),
      })),
      keys: namesOf(own),
      otherKeys: others.flatMap(namesOf),
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
    return fleetOf(readers, options, ties, noFindings(), fronts[index])
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

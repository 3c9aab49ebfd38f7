import { clusterHost, POOLER_PORT, PORT } from "../app-spec/app-databases.ts"
import { ceilingOfSize } from "../app-spec/cluster-ceiling.ts"
import type { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import { field, textsOf } from "../json-value.ts"
import type { Context, DatabaseServer } from "../platform.ts"
import { known } from "../postgres-container.ts"
import type { ProvidedPooler } from "../provided-pooler.ts"
import type { Resource } from "../terraform/resource.ts"

export const CLUSTER = "digitalocean_database_cluster"
export const REPLICA = "digitalocean_database_replica"

/** Engines of PostgreSQL; the second is the Advanced Edition. */
const ENGINES = ["pg", "advanced_pg"]

/** Reads a cluster of PostgreSQL, with its configuration and its connection pools. */
export function cluster(
  attributes: Attributes,
  resource: Resource,
  context: Context,
): DatabaseServer | undefined {
  if (isOther(attributes)) return undefined
  const size = attributes.text("size")
  const name = attributes.text("name")
  const hosts = hostsOf(attributes, name === undefined ? [] : [clusterHost(name)])
  return {
    ...ceilingOf(attributes, resource, context),
    hosts,
    port: PORT,
    poolerPort: POOLER_PORT,
    poolers: poolsOf(resource, hosts, context),
    ...(size === undefined ? {} : { nodeType: size }),
  }
}

/** True for a server of another engine. One whose engine is not known may be PostgreSQL. */
const isOther = (attributes: Attributes): boolean => {
  const engine = attributes.text("engine")
  return engine !== undefined && !ENGINES.includes(engine)
}

const hostsOf = (attributes: Attributes, further: readonly string[] = []): readonly string[] => [
  ...textsOf([attributes.get("host"), attributes.get("private_host")]),
  ...further,
]

type Ceiling = Pick<DatabaseServer, "maxConnections" | "reason" | "assumption">

const unseen = (reason: string): Ceiling => ({ maxConnections: undefined, reason })

/** The resources that configure a cluster, each with what the parameters of PostgreSQL are in. */
const CONFIGURATIONS: readonly (readonly [type: string, within: string | undefined])[] = [
  ["digitalocean_database_postgresql_config", undefined],
  ["digitalocean_database_advanced_postgresql_config", "pg_parameters"],
]

function ceilingOf(attributes: Attributes, resource: Resource, context: Context): Ceiling {
  for (const [type, within] of CONFIGURATIONS) {
    const { certain, possible } = context.referrers(resource, type, "cluster_id")
    for (const each of [...certain, ...possible]) {
      const value = field(
        within === undefined ? each.attributes.values : each.attributes.get(within),
        SETTING,
      )
      if (within === undefined ? each.attributes.isUnknown(SETTING) : each.attributes.hasUnknown(within))
        return unseen(`may be set by ${each.address} to a value that is ${AFTER_APPLY}`)
      if (value === undefined || value === null || value === 0) continue
      if (!certain.includes(each))
        return unseen(`may be set by ${each.address}, or that is of another cluster`)
      return read(known(String(value), each.address))
    }
  }
  if (attributes.isUnknown("size")) return unseen(`has a size that is ${AFTER_APPLY}`)
  if (attributes.get("engine") !== "pg")
    return unseen("is of the Advanced Edition, or may be, whose default is not documented")
  return read(ceilingOfSize(attributes.text("size")))
}

const SETTING = "max_connections"

const read = ({ maxConnections, reason, assumption }: ReturnType<typeof ceilingOfSize>): Ceiling => ({
  maxConnections,
  ...(reason === undefined ? {} : { reason }),
  ...(assumption === undefined ? {} : { assumption }),
})

/**
 * Finds the connection pools of a cluster: PgBouncer on its hosts, where the name of a pool stands for its database.
 */
function poolsOf(resource: Resource, hosts: readonly string[], context: Context): readonly ProvidedPooler[] {
  const pools = context.referrers(resource, "digitalocean_database_connection_pool", "cluster_id")
  return [...pools.certain, ...pools.possible].flatMap((pool): ProvidedPooler[] => {
    const { address, ownAddress, attributes } = pool
    const database = attributes.text("name")
    if (database === undefined) return []
    const size = attributes.get("size")
    const isOfEachUser = attributes.get("user") === undefined && !attributes.isUnknown("user")
    return [
      {
        address,
        ownAddress,
        isCertain: pools.certain.includes(pool),
        hosts: hostsOf(attributes, hosts),
        target: { port: POOLER_PORT, database },
        holds: { connections: typeof size === "number" && size > 0 ? size : undefined },
        setting: "size",
        ...(isOfEachUser ? { isOfEachUser } : {}),
      },
    ]
  })
}

/** Reads a read replica, which has a size and a ceiling of its own. */
export function replica(
  attributes: Attributes,
  resource: Resource,
  context: Context,
): DatabaseServer | undefined {
  const { resources, isCertain } = context.resolve(resource, "cluster_id", CLUSTER)
  const primary = isCertain ? resources[0] : undefined
  if (primary !== undefined && isOther(primary.attributes)) return undefined
  const size = attributes.text("size") ?? primary?.attributes.text("size")
  return {
    ...(attributes.isUnknown("size")
      ? unseen(`has a size that is ${AFTER_APPLY}`)
      : read(ceilingOfSize(size))),
    hosts: hostsOf(attributes),
    port: PORT,
    isReplica: true,
    ...(size === undefined ? {} : { nodeType: size }),
  }
}

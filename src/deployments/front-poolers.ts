import { describeValue } from "../error.ts"
import type { Destination } from "./destination.ts"
import type { Findings } from "./findings.ts"
import { type Addressed, forResource } from "./override.ts"
import type { ResourcePool } from "./resource-pool.ts"

/** A pooler in front of the checked server: declared, by its own file, or deployed. */
export interface FrontPooler {
  /** As under `poolers` of a declaration; the address of a deployed one. */
  readonly name: string
  /** That address without its namespace, or its document. */
  readonly ownName?: string
  /** Names and addresses that lead to it; empty if none is known. */
  readonly hosts: readonly string[]
  readonly port: number
  /** True if it runs on the server itself, whose hosts it has: its port tells it from the server. */
  readonly isBuiltIn?: true
  /** Tells whether a database of it is on the checked server; undefined if it has none of that name. An address in parts names none. */
  whereIs(database: string | undefined): "here" | "perhaps" | "elsewhere" | undefined
}

/** The poolers in front of a server, and what is said to connect through one. */
export interface FrontPoolers {
  readonly poolers: readonly FrontPooler[]
  /** The pooler by the address of a resource, as in `override`; false is none of them. */
  readonly stated: Readonly<Record<string, string | false>>
  /** The addresses of deployed poolers that are declared, or have a file, so that they count there. */
  readonly matched?: ReadonlySet<string>
  /** How many declared consumers and jobs connect through each. */
  readonly clients?: ReadonlyMap<string, number>
}

export const NO_FRONT: FrontPoolers = { poolers: [], stated: {} }

/** How a pool connects. */
type Way = { readonly through: FrontPooler; readonly isAssumed?: true } | "directly" | "perhaps"

/**
 * Returns the pools of a resource, each with the pooler that it connects through. A pool of which that cannot be told counts at the
 * highest as one that connects to the server itself, and leaves the verdict open, since it may also be a client too many.
 *
 * @param override what an override says: the pooler, or false for none
 * @param hosts of the checked server
 */
export function throughPoolers(
  pools: readonly ResourcePool[],
  resource: Addressed,
  override: string | false | undefined,
  { poolers, stated }: FrontPoolers,
  hosts: readonly string[],
  findings: Findings,
): ResourcePool[] {
  const said = override ?? forResource(stated, resource)?.value
  const named = poolers.find(({ name, ownName }) => said !== undefined && (name === said || ownName === said))
  if (typeof said === "string" && named === undefined) {
    findings.issues.push({
      name: `override.${resource.address}.pooler`,
      problem: `received ${describeValue(said)}, which is not under poolers`,
      remedy: "Declare it under poolers, or give its file with --pgbouncer",
    })
    return [...pools]
  }
  if (poolers.length === 0) return [...pools]
  return pools.flatMap((pool) => {
    const way: Way =
      named !== undefined
        ? { through: named }
        : said === false
          ? "directly"
          : wayOf(pool.destination ?? pool.leadsTo, poolers, hosts)
    if (way === "directly") return [pool]
    if (way === "perhaps") return [unknownWay(pool, poolers, findings)]
    return through(pool, way, findings)
  })
}

function wayOf(
  place: Destination | undefined,
  poolers: readonly FrontPooler[],
  hosts: readonly string[],
): Way {
  if (place === undefined) return "perhaps"
  const isServer = hosts.includes(place.host)
  const at = poolers.filter((pooler) => pooler.hosts.includes(place.host))
  const exact = at.find(({ port }) => port === place.port)
  // On a host of its own, a pooler may be reached by another port than it listens on.
  const found = exact ?? (isServer ? undefined : at[0])
  if (exact === undefined && at.length > 1 && !isServer) return "perhaps"
  if (found !== undefined) return { through: found }
  if (isServer && at.some(({ isBuiltIn }) => isBuiltIn)) return "directly"
  const [only, ...others] = poolers
  const isOnly = only !== undefined && others.length === 0 && only.hosts.length === 0
  if (place.isPooled) return isOnly ? { through: only, isAssumed: true } : "perhaps"
  return isServer || poolers.every((pooler) => pooler.hosts.length > 0) ? "directly" : "perhaps"
}

function through(
  pool: ResourcePool,
  { through: pooler, isAssumed }: Exclude<Way, string>,
  findings: Findings,
): ResourcePool[] {
  const { name, address = name, leadsTo, destination = leadsTo } = pool
  const where = pooler.whereIs(destination?.database)
  if (where === "elsewhere") return []
  if (pool.budget !== undefined) {
    findings.failures.push({
      name,
      problem: `has a pool size of auto, and connects through ${pooler.name}: behind a pooler the size cannot follow the instances`,
      remedy: "Set a number, or connect to the server itself",
    })
    return [pool]
  }
  if (isAssumed) {
    findings.assumptions.push({
      name,
      assumed: `connects through ${pooler.name}, since its URL has pgbouncer=true`,
      remedy: `If it does not, give the hosts of ${pooler.name}, in poolers.${pooler.name}.hosts`,
    })
  }
  if (where === "here") return [{ ...pool, pooler: pooler.name }]
  findings.unknowns.push({
    cause: "server",
    address,
    name,
    pools: [name],
    between: "0 or all of its connections",
    ...(where === undefined
      ? {
          problem: `connects through ${pooler.name} to a database that is no entry of its file, and PgBouncer refuses it`,
          remedy: "Add the entry to [databases], name another one in the URL, or exclude the client",
        }
      : {
          problem: `connects through ${pooler.name} to a database that may be on this server or on another`,
          remedy: "Give the hosts of each server, under servers",
        }),
  })
  return [{ ...pool, pooler: pooler.name, certain: false }]
}

function unknownWay(
  pool: ResourcePool,
  poolers: readonly FrontPooler[],
  { unknowns }: Findings,
): ResourcePool {
  const { name, address = name } = pool
  // The room for clients of a built-in one is counted without those that cannot be seen.
  const isBounded = poolers.every(({ isBuiltIn }) => isBuiltIn)
  unknowns.push({
    cause: "server",
    address,
    attribute: "pooler",
    field: "pooler",
    name: `${name}.pooler`,
    pools: [name],
    problem: "cannot be seen, so it may connect through a pooler or to the server itself",
    between: "its connections as clients of a pooler, or as the server's",
    remedy:
      "Name it with --behind; or override its pooler, false for none; or give the hosts of each pooler, in poolers.NAME.hosts",
    ...(isBounded ? {} : { isUnbounded: true as const }),
  })
  return { ...pool, certain: false }
}

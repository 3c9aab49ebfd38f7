import type { PoolConfigIssue } from "../../error.ts"
import type { Assumption, OpenPooler, PoolerPool } from "../../sizing/index.ts"
import { MAX_POOL_SIZE } from "../../validation/numbers.ts"
import type { Unknown } from "../findings.ts"
import type { Bounds } from "../resource-pool.ts"
import { placesOf, type ServerHosts } from "./entry-servers.ts"
import { clientsOf, hasSessions } from "./file-clients.ts"
import { declaredPools, type FilePools, pairedPools } from "./file-pools.ts"
import { processesOf } from "./file-processes.ts"
import type { PgBouncerFile } from "./read-pgbouncer.ts"
import type { ResolvedPool } from "./resolve-pools.ts"
import { DEFAULTS, numberOf, textOf } from "./settings.ts"
import { isUnlimited, noteUnlimited, unevenSizes } from "./unknown-sizes.ts"

/** What a declaration says of a pooler beside its file. */
export type BesideFile = Partial<
  Pick<OpenPooler, "instances" | "minInstances" | "surge" | "orphans" | "databases" | "users">
> & {
  readonly pools?: OpenPooler["pools"]
}

/** A pooler by its file, with the fewest and the most that it may come to on one server. */
export interface FilePooler {
  /** Undefined if none of its entries leads to the server. */
  readonly bounds: { readonly lowest: OpenPooler; readonly highest: OpenPooler } | undefined
  readonly unknowns: readonly Unknown[]
  readonly assumptions: readonly Assumption[]
  readonly failures: readonly PoolConfigIssue[]
  readonly issues: readonly PoolConfigIssue[]
}

/**
 * Works out the pooler that a file describes, on one of the servers that its entries lead to.
 *
 * @param declared what the declaration says of it
 * @param processes `--pgbouncer-instances`
 * @param path in the declaration: `poolers.pgbouncer`
 */
export function filePooler(
  file: PgBouncerFile,
  server: ServerHosts,
  declared: BesideFile,
  processes: number | undefined,
  path: string,
): FilePooler {
  const entries = [...file.databases.values()]
  const places = placesOf(entries, server)
  const issues: PoolConfigIssue[] = []
  const unknowns: Unknown[] = []
  const assumptions: Assumption[] = []
  const failures: PoolConfigIssue[] = []
  if ([...places.values()].every((where) => where === "elsewhere")) {
    return { bounds: undefined, unknowns, assumptions, failures, issues }
  }
  const found = Array.isArray(declared.pools)
    ? declaredPools(file, declared.pools, { places, path }, issues)
    : pairedPools(file, { places, path })
  const isCounted = typeof declared.pools === "number"
  const clients = clientsOf(file, !server.isOnly && [...places.values()].some((where) => where !== "here"))
  // Where there may be more pools, or larger ones, more clients have room.
  const isSpread = (!isCounted && found.unknowns.length > 0) || found.highest.some(isUnlimited)
  const mode = { ...clients.mode, ...(isSpread ? { lowest: "transaction" as const } : {}) }
  if (isCounted && hasSessions(file)) unknowns.push(...unevenSizes(file, found, path))
  const count = processesOf(file, declared.instances, processes, path)
  unknowns.push(...(isCounted ? [] : found.unknowns), ...clients.unknowns, ...count.unknowns)
  assumptions.push(...count.assumptions, ...sameServer(server, path))
  const undecided = [...places].filter(([, where]) => where === "perhaps").map(([name]) => name)
  if (undecided.length > 0) unknowns.push(unknownServer(file, undecided, server))
  noteUnlimited(file, found, unknowns, failures)
  const { instances: _, pools: __, ...others } = declared
  const at = (end: keyof Bounds): OpenPooler => ({
    ...others,
    ...(isCounted ? countedAt(file, found, declared, end) : listedAt(file, found, end)),
    instances: count.instances[end],
    maxClientConnections: clients.capacity[end],
    poolMode: mode[end],
  })
  return { bounds: { lowest: at("lowest"), highest: at("highest") }, unknowns, assumptions, failures, issues }
}

/** The settings of all pools, which a pool of a list has unless it has its own. */
function defaultsAt(file: PgBouncerFile, end: keyof Bounds) {
  const size = numberOf(file, "default_pool_size", DEFAULTS.default_pool_size)
  return {
    poolSize: size > 0 ? size : end === "highest" ? MAX_POOL_SIZE : 1,
    reservePoolSize: Math.max(0, numberOf(file, "reserve_pool_size", DEFAULTS.reserve_pool_size)),
    maxDbConnections: Math.max(0, numberOf(file, "max_db_connections", DEFAULTS.max_db_connections)),
    maxUserConnections: Math.max(0, numberOf(file, "max_user_connections", DEFAULTS.max_user_connections)),
  }
}

function listedAt(file: PgBouncerFile, found: FilePools, end: keyof Bounds): Omit<OpenPooler, "instances"> {
  const defaults = defaultsAt(file, end)
  const differing = (field: keyof typeof defaults, value: number) =>
    value === defaults[field] ? {} : { [field]: value }
  const pools = found[end].map(
    ({ database, user, size, reserve, databaseCap, userCap }): PoolerPool => ({
      database,
      user,
      ...differing("poolSize", size[end]),
      ...differing("reservePoolSize", reserve),
      ...differing("maxDbConnections", databaseCap),
      ...differing("maxUserConnections", userCap),
    }),
  )
  // One of its entries leads here, or the file were of no use.
  return pools.length > 0
    ? { ...defaults, ...lookupsIn(found[end]), pools }
    : { ...defaults, poolSize: 1, reservePoolSize: 0, pools: 1 }
}

/** The role whose pools take no clients, if there is one. */
function lookupsIn(pools: FilePools["highest"]): Pick<OpenPooler, "authUser" | "authDbname"> {
  const lookups = pools.filter(({ isLookup }) => isLookup)
  const [first, ...others] = lookups
  if (first === undefined || others.some(({ user }) => user !== first.user)) return {}
  return { authUser: first.user, ...(others.length === 0 ? { authDbname: first.database } : {}) }
}

/** A declared number of pools: of the sizes that the entries have, and with caps that all of them have. */
function countedAt(
  file: PgBouncerFile,
  found: FilePools,
  { pools, databases, users }: BesideFile,
  end: keyof Bounds,
): Omit<OpenPooler, "instances"> {
  const defaults = defaultsAt(file, end)
  const own = found.highest
  const choose = end === "lowest" ? Math.min : Math.max
  const of = (value: (pool: ResolvedPool) => number, standard: number) =>
    own.length === 0 ? standard : choose(...own.map(value))
  const cap = (value: (pool: ResolvedPool) => number, standard: number) => {
    const values = own.map(value)
    if (values.every((each) => each === values[0])) return values[0] ?? standard
    if (end === "highest") return values.includes(0) ? 0 : Math.max(...values)
    return Math.min(...values.filter((each) => each > 0))
  }
  const lookups = lookupFields(file)
  return {
    pools: pools ?? 1,
    ...(databases === undefined ? {} : { databases }),
    ...(users === undefined ? {} : { users }),
    ...lookups,
    poolSize: of(({ size }) => size[end], defaults.poolSize),
    reservePoolSize: of(({ reserve }) => reserve, defaults.reservePoolSize),
    maxDbConnections: cap(({ databaseCap }) => databaseCap, defaults.maxDbConnections),
    maxUserConnections: cap(({ userCap }) => userCap, defaults.maxUserConnections),
  }
}

function lookupFields(file: PgBouncerFile): Pick<OpenPooler, "authUser" | "authDbname"> {
  const authUser = textOf(file, "auth_user")
  const authDbname = textOf(file, "auth_dbname")
  if (authUser === undefined) return {}
  return { authUser, ...(authDbname === undefined ? {} : { authDbname }) }
}

const sameServer = ({ isOnly, hosts }: ServerHosts, path: string): Assumption[] =>
  isOnly && hosts.length === 0
    ? [
        {
          name: `${path}.databases`,
          assumed: "the server that the entries in [databases] lead to is the checked one",
          remedy: "Give its hosts, in deployments.hosts",
        },
      ]
    : []

const unknownServer = (
  { file }: PgBouncerFile,
  entries: readonly string[],
  { isOnly, hosts }: ServerHosts,
): Unknown => ({
  cause: "server",
  name: `${file}: ${entries.join(", ")}`,
  problem:
    isOnly && hosts.length === 0
      ? "leads to several servers, and it is not known which of them is checked"
      : "leads to a host or a port that no server declares, so it may be this server or another",
  between: "none or all of the pools of these entries",
  remedy: isOnly
    ? "Give the hosts of the server, in deployments.hosts, or declare each server under servers"
    : "Add the host to the hosts of its server, under servers",
})

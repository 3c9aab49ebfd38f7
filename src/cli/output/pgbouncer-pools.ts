import { isKnownParameter, parameterSince } from "../../deployments/pgbouncer/parameters.ts"
import { type PgBouncerVersion, versionText } from "../../deployments/pgbouncer/versions.ts"
import { describeValue, type PoolConfigIssue } from "../../error.ts"
import type { ParsedPooler } from "../../sizing/parse-poolers.ts"
import type { PoolerPool } from "../../sizing/pooler.ts"
import { type SizedPool, sizedPools } from "../../sizing/sized-pools.ts"

/** A line of `[databases]` or `[users]`. */
export interface IniEntry {
  readonly name: string
  readonly parameters: readonly (readonly [name: string, value: number])[]
}

/** The entries that give each pool of a pooler its size, and why there are none that would. */
export interface PoolEntries {
  readonly databases: readonly IniEntry[]
  readonly users: readonly IniEntry[]
  readonly issues: readonly PoolConfigIssue[]
}

/** The entry that stands for a database whose name is not declared. */
export const DATABASE = "DATABASE"

/** More entries without a name than this are no file that anybody would fill in. */
const MOST_PLACEHOLDERS = 100

/** Spreads the pools of a pooler over entries of `[databases]` and `[users]`. */
export function poolEntries(pooler: ParsedPooler, version: PgBouncerVersion, path: string): PoolEntries {
  const pools = sizedPools(pooler)
  return pools === undefined ? placeholders(pooler, path) : listed(pooler, pools, version, path)
}

function placeholders({ given, size }: ParsedPooler, path: string): PoolEntries {
  const { pools, databases = typeof pools === "number" ? pools : 1 } = given
  const count = Math.min(databases, MOST_PLACEHOLDERS)
  const names = Array.from({ length: count }, (_, index) =>
    count === 1 ? DATABASE : `${DATABASE}_${index + 1}`,
  )
  const entries = names.map((name): IniEntry => ({ name, parameters: [["pool_size", size.min]] }))
  if (databases === count) return { databases: entries, users: [], issues: [] }
  const issue = {
    name: `${path}.pools`,
    problem: `has ${databases} entries of [databases], and names none of them`,
    remedy: `Give a list of { "database", "user" }, or at most ${MOST_PLACEHOLDERS} databases`,
  }
  return { databases: [], users: [], issues: [issue] }
}

function listed(
  pooler: ParsedPooler,
  pools: readonly SizedPool[],
  version: PgBouncerVersion,
  path: string,
): PoolEntries {
  const knows = (name: string) => isKnownParameter("users", name, version)
  const sizes = spread(pools, "poolSize", knows("pool_size"))
  const reserves = spread(pools, "reservePoolSize", knows("reserve_pool_size"))
  const caps = (owner: "database" | "user", limit: "maxDbConnections" | "maxUserConnections") =>
    new Map(
      listOf(pooler).flatMap(({ [owner]: name, [limit]: cap }) =>
        cap === undefined ? [] : [[name, cap] as const],
      ),
    )
  const reserve = isKnownParameter("databases", "reserve_pool_size", version)
    ? "reserve_pool_size"
    : "reserve_pool"
  const usual = (values: ReadonlyMap<string, number>) =>
    new Map([...values].filter(([, value]) => value !== pooler.reservePoolSize))
  const databases = entriesOf([
    ["pool_size", sizes.byDatabase],
    [reserve, usual(reserves.byDatabase)],
    ["max_db_connections", caps("database", "maxDbConnections")],
  ])
  const users = entriesOf([
    ["pool_size", sizes.byUser],
    ["reserve_pool_size", reserves.byUser],
    ["max_user_connections", caps("user", "maxUserConnections")],
  ])
  const named = [...new Set(pools.map(({ database }) => database))]
  const issues = [
    ...named.flatMap((name) => nameIssues(name, "an entry of [databases]", path)),
    ...users.flatMap(({ name }) => nameIssues(name, "an entry of [users]", path)),
    ...sizes.mixed.map((name) => mixedIssue(name, "poolSize", "pool_size", version, path)),
    ...reserves.mixed.map((name) => mixedIssue(name, "reservePoolSize", "reserve_pool_size", version, path)),
  ]
  const byName = new Map(databases.map((entry) => [entry.name, entry]))
  return { databases: named.map((name) => byName.get(name) ?? { name, parameters: [] }), users, issues }
}

const listOf = ({ given: { pools } }: ParsedPooler): readonly PoolerPool[] =>
  Array.isArray(pools) ? (pools as readonly PoolerPool[]) : []

/** Values by entry and by user that give each pool its own: the user's takes precedence. */
interface Spread {
  readonly byDatabase: ReadonlyMap<string, number>
  readonly byUser: ReadonlyMap<string, number>
  /** The entries in which pools differ by more than their users. */
  readonly mixed: readonly string[]
}

function spread(
  pools: readonly SizedPool[],
  field: "poolSize" | "reservePoolSize",
  isByUser: boolean,
): Spread {
  const inDatabase = valuesBy(pools, "database", field)
  const differ = [...inDatabase].filter(([, values]) => values.size > 1).map(([name]) => name)
  const sought = new Set(isByUser ? differ : [])
  const concerned = new Set(pools.flatMap(({ database, user }) => (sought.has(database) ? [user] : [])))
  // A user whose pools differ has none of its own, which would be that of all of them.
  const byUser = single(new Map([...valuesBy(pools, "user", field)].filter(([user]) => concerned.has(user))))
  const left = valuesBy(
    pools.filter(({ user }) => !byUser.has(user)),
    "database",
    field,
  )
  return {
    byDatabase: single(left),
    byUser,
    mixed: [...left].filter(([, values]) => values.size > 1).map(([name]) => name),
  }
}

function valuesBy(
  pools: readonly SizedPool[],
  owner: "database" | "user",
  field: "poolSize" | "reservePoolSize",
): Map<string, Set<number>> {
  const values = new Map<string, Set<number>>()
  for (const { [owner]: name, [field]: value } of pools)
    values.set(name, (values.get(name) ?? new Set<number>()).add(value))
  return values
}

/** Keeps the owners that have one value. */
const single = (values: ReadonlyMap<string, ReadonlySet<number>>): Map<string, number> =>
  new Map(
    [...values].flatMap(([name, all]) =>
      all.size === 1 ? [...all].map((value) => [name, value] as const) : [],
    ),
  )

function entriesOf(columns: readonly (readonly [string, ReadonlyMap<string, number>])[]): IniEntry[] {
  const names = new Set(columns.flatMap(([, values]) => [...values.keys()]))
  return [...names].map((name) => ({
    name,
    parameters: columns.flatMap(([parameter, values]) => {
      const value = values.get(name)
      return value === undefined ? [] : [[parameter, value] as const]
    }),
  }))
}

/** PgBouncer reads these characters as a name, and has no quotes for others. */
const PLAIN_NAME = /^[\w.-]+$/

function nameIssues(name: string, what: string, path: string): PoolConfigIssue[] {
  const problem = `has ${describeValue(name)} as ${what}`
  if (name === "pgbouncer")
    return [
      {
        name: `${path}.pools`,
        problem: `${problem}, which is PgBouncer's own console`,
        remedy: "Give it another name",
      },
    ]
  if (PLAIN_NAME.test(name)) return []
  const why =
    name === "*"
      ? "which makes a pool of every database that a client names"
      : "which is no name in pgbouncer.ini"
  const remedy = "Give names of letters without accents, digits, _, - and . (dbname= may have another name)"
  return [{ name: `${path}.pools`, problem: `${problem}, ${why}`, remedy }]
}

function mixedIssue(
  database: string,
  field: string,
  parameter: string,
  version: PgBouncerVersion,
  path: string,
): PoolConfigIssue {
  const since = parameterSince("users", parameter) ?? 0
  const newer =
    since > version ? `, or PgBouncer ${versionText(since)} (--pgbouncer-version), which has it by user` : ""
  return {
    name: `${path}.pools`,
    problem: `has pools of several ${field} in entry ${describeValue(database)}, which PgBouncer ${versionText(version)} cannot tell apart`,
    remedy: `Give each of them an entry of its own${newer}`,
  }
}

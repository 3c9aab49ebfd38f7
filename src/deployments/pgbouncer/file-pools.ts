import type { PoolConfigIssue } from "../../error.ts"
import type { PoolerPool } from "../../sizing/index.ts"
import { MAX_POOL_SIZE } from "../../validation/numbers.ts"
import type { Unknown } from "../findings.ts"
import type { DatabaseEntry } from "./collect-lines.ts"
import { type Where, whereIs } from "./entry-servers.ts"
import { hasSessions } from "./file-clients.ts"
import { FALLBACK, type PgBouncerFile } from "./read-pgbouncer.ts"
import {
  cappedPool,
  entryFor,
  lookupOf,
  namedEntries,
  type ResolvedPool,
  resolvedPool,
  usersOf,
} from "./resolve-pools.ts"

/** The pools of one process to the checked server, with the fewest and the most that they may be. */
export interface FilePools {
  readonly lowest: readonly ResolvedPool[]
  readonly highest: readonly ResolvedPool[]
  readonly unknowns: readonly Unknown[]
}

/** Where the entries of a file lead, and the path of its pooler in a declaration: `poolers.pgbouncer`. */
export interface FilePlaces {
  readonly places: ReadonlyMap<string, Where>
  readonly path: string
}

/** Resolves pairs of an entry and a user that are declared. One whose entry leads to another server is not its own. */
export function declaredPools(
  file: PgBouncerFile,
  pairs: readonly Pick<PoolerPool, "database" | "user">[],
  { places, path }: FilePlaces,
  issues: PoolConfigIssue[],
): FilePools {
  const found = pairs.flatMap(({ database, user }, index) => {
    const entry = entryFor(file, database)
    if (entry === undefined) {
      issues.push({
        name: `${path}.pools[${index}].database`,
        problem: `is no entry of ${file.file}`,
        remedy: "Give the name of an entry in [databases]",
      })
      return []
    }
    const forced = entry.values.user
    const where = whereIs(places, database)
    return where === "elsewhere" ? [] : [{ entry, where, user: forced === undefined ? user : String(forced) }]
  })
  const of = (own: typeof found) =>
    withLookups(
      file,
      own.map(({ entry, user }) => ({ entry, pool: resolvedPool(file, entry, user) })),
      places,
    )
  return { lowest: of(found.filter(({ where }) => where === "here")), highest: of(found), unknowns: [] }
}

interface OfEntry {
  readonly entry: DatabaseEntry
  readonly pool: ResolvedPool
}

/** Finds the pools of every entry by the users that may connect to it. */
export function pairedPools(file: PgBouncerFile, { places, path }: FilePlaces): FilePools {
  const lowest: OfEntry[] = []
  const highest: OfEntry[] = []
  const unknowns: Unknown[] = []
  const named = namedEntries(file).filter(({ name }) => whereIs(places, name) !== "elsewhere")
  let least = 0
  let most = 0
  for (const entry of named) {
    const found = usersOf(file, entry)
    const isHere = whereIs(places, entry.name) === "here"
    if ("users" in found) {
      const pools = found.users.map((user) => ({ entry, pool: resolvedPool(file, entry, user) }))
      const [smallest] = pools.toSorted((one, other) => smallestOf(one.pool) - smallestOf(other.pool))
      if (isHere && smallest !== undefined) lowest.push(smallest)
      highest.push(...pools)
      if (pools.length > 1) {
        least += 1
        most += pools.length
      }
      continue
    }
    const pool = resolvedPool(file, entry, ANY_USER)
    // In session mode it also matters how many clients each of the pools below the cap has.
    const isCapped = pool.databaseCap > 0 && pool.databaseCap <= MAX_POOL_SIZE && !hasSessions(file)
    if (isHere) lowest.push({ entry, pool })
    highest.push({ entry, pool: isCapped ? cappedPool(pool) : pool })
    unknowns.push(unknownUsers(file, entry, found, pool, isCapped, path))
  }
  if (most > least) unknowns.push(severalUsers(path, least, most))
  unknowns.push(...fallbackPools(file, places, path, named.length === 0, lowest, highest))
  return {
    lowest: withLookups(file, lowest, places),
    highest: withLookups(file, highest, places),
    unknowns,
  }
}

/** A user of whom nothing is said. */
const ANY_USER = "any user"

const smallestOf = ({ size, reserve }: ResolvedPool): number => size.lowest + reserve

const DECLARE_PAIRS = (path: string) =>
  `Declare the pairs that are in use: ${path}.pools, their number or an array of { database, user }`

const severalUsers = (path: string, least: number, most: number): Unknown => ({
  cause: "count",
  name: `${path}.pools`,
  problem: "are one for each user of auth_file who connects to an entry, and it is not known who does",
  between: `${least} to ${most} pools in each process`,
  remedy: DECLARE_PAIRS(path),
})

function unknownUsers(
  file: PgBouncerFile,
  entry: DatabaseEntry,
  { setting, reason }: { readonly setting: string; readonly reason: string },
  pool: ResolvedPool,
  isCapped: boolean,
  path: string,
): Unknown {
  const most = pool.databaseCap
  return {
    cause: "count",
    name: `${entry.place}: ${entry.name}`,
    problem: `has a pool for each user, and their number is not known: ${setting} ${reason}`,
    between: isCapped
      ? `${Math.min(most, smallestOf(pool))} to ${most} connections in each process`
      : "1 or any number of pools in each process",
    remedy: `${DECLARE_PAIRS(path)}; or set max_db_connections${setting === "auth_file" && file.authUsers === undefined ? "; or give the auth_file beside the ini" : ""}`,
    ...(isCapped ? {} : { isUnbounded: true as const }),
  }
}

/** The entry for every other database has as many pools as clients name databases. */
function fallbackPools(
  file: PgBouncerFile,
  places: ReadonlyMap<string, Where>,
  path: string,
  isOnly: boolean,
  lowest: OfEntry[],
  highest: OfEntry[],
): Unknown[] {
  const entry = file.databases.get(FALLBACK)
  const where = places.get(FALLBACK)
  if (entry === undefined || where === "elsewhere") return []
  const found = usersOf(file, entry)
  const users = "users" in found ? found.users : [ANY_USER]
  const pools = users.map((user) => ({ entry, pool: resolvedPool(file, entry, user) }))
  const [first] = pools
  if (isOnly && where === "here" && first !== undefined) lowest.push(first)
  highest.push(...pools)
  return [
    {
      cause: "count",
      name: `${entry.place}: ${FALLBACK}`,
      problem: "has a pool for each database that a client names, and each of its users",
      between: "0 or any number of pools in each process",
      remedy: DECLARE_PAIRS(path),
      isUnbounded: true,
    },
  ]
}

/** Adds the pools of the role that looks up users, each once. */
function withLookups(
  file: PgBouncerFile,
  own: readonly OfEntry[],
  places: ReadonlyMap<string, Where>,
): readonly ResolvedPool[] {
  const pools = new Map<string, ResolvedPool>()
  const add = (pool: ResolvedPool) => {
    const pair = JSON.stringify([pool.database, pool.user])
    if (!pools.has(pair)) pools.set(pair, pool)
  }
  for (const { pool } of own) add(pool)
  for (const { entry } of own) {
    const lookup = lookupOf(file, entry)
    const target = lookup && entryFor(file, lookup.database)
    if (lookup === undefined || target === undefined || whereIs(places, target.name) === "elsewhere") continue
    // In an entry with a forced user it looks up as itself all the same.
    add({ ...resolvedPool(file, target, lookup.user), isLookup: true })
  }
  return [...pools.values()]
}

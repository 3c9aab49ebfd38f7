import { describeValue } from "../error.ts"
import type { Conflict } from "../validation/schema.ts"
import type { PoolerMode } from "./pooler.ts"
import type { PoolsValues, PoolValues } from "./pooler-pools.ts"

/** The fields of a pooler that may contradict each other. Values that could not be read have none of the types. */
export interface PoolerFields extends Partial<PoolsValues> {
  readonly instances?: number
  readonly minInstances?: number | undefined
  readonly poolMode?: PoolerMode
  readonly poolSize?: number | undefined
}

/** Finds what contradicts each other in a pooler. */
export const poolerConflicts = (values: PoolerFields): Conflict[] => [
  ...poolConflicts(values),
  ...openSessions(values),
  ...tooFewProcesses(values),
]

/** In session mode the pools decide how many clients there can be, so that neither is solved for first. */
const openSessions = ({ poolMode, poolSize }: PoolerFields): Conflict[] =>
  poolMode === "session" && poolSize === undefined
    ? [
        {
          path: ["poolSize"],
          problem: "missing, and cannot be planned in session mode",
          remedy: "Give it, or poolMode transaction",
        },
      ]
    : []

const tooFewProcesses = ({ instances, minInstances }: PoolerFields): Conflict[] =>
  typeof instances === "number" && typeof minInstances === "number" && minInstances > instances
    ? [
        {
          path: ["minInstances"],
          problem: `received ${minInstances}, but there are ${instances} processes (instances)`,
          remedy: `Give the most processes as instances, or at most ${instances} as minInstances`,
        },
      ]
    : []

function poolConflicts(values: PoolerFields): Conflict[] {
  const { pools, authUser, authDbname } = values
  const ofPools = Array.isArray(pools)
    ? listConflicts(values, pools as readonly PoolValues[])
    : typeof pools === "number"
      ? countConflicts(values, pools)
      : []
  if (authDbname === undefined || authUser !== undefined) return ofPools
  const problem = "has no effect without authUser"
  return [...ofPools, { path: ["authDbname"], problem, remedy: "Give both, or leave it out" }]
}

function countConflicts({ databases, users }: Partial<PoolsValues>, pools: number): Conflict[] {
  const counts = Object.entries({ databases, users }).flatMap(([name, count]) =>
    typeof count === "number" ? [{ name, count }] : [],
  )
  const tooMany = counts.filter(({ count }) => count > pools)
  if (tooMany.length > 0) {
    return tooMany.map(({ name, count }) => ({
      path: [name],
      problem: `received ${count}, but there are ${pools} pools (pools)`,
      remedy: `Give pools, the pairs of a database entry and a user, or at most ${pools} ${name}`,
    }))
  }
  const pairs = counts.reduce((product, { count }) => product * count, 1)
  if (counts.length < 2 || pairs >= pools) return []
  return [
    {
      path: ["pools"],
      problem: `received ${pools}, but ${databases} databases and ${users} users have ${pairs} pairs`,
      remedy: `Give at most ${pairs} pools, or more databases or users`,
    },
  ]
}

function listConflicts(values: Partial<PoolsValues>, pools: readonly PoolValues[]): Conflict[] {
  const besides = (["databases", "users"] as const).filter((name) => values[name] !== undefined)
  return [
    ...besides.map((name) => ({
      path: [name],
      problem: "cannot be combined with a list of pools, which says so itself",
      remedy: `Leave out ${name}, or give the number of pools`,
    })),
    ...twice(pools),
    ...disagreements(pools, "database", "maxDbConnections"),
    ...disagreements(pools, "user", "maxUserConnections"),
  ]
}

/** Finds pools of the same database entry and user: PgBouncer has one. */
function twice(pools: readonly PoolValues[]): Conflict[] {
  const places = new Map<string, number>()
  return pools.flatMap(({ database, user }, place) => {
    if (typeof database !== "string" || typeof user !== "string") return []
    const pair = JSON.stringify([database, user])
    const first = places.get(pair)
    places.set(pair, first ?? place)
    if (first === undefined) return []
    const problem = `has database ${describeValue(database)} and user ${describeValue(user)}, as pools[${first}]`
    return [{ path: ["pools", place], problem, remedy: "Give every pair once" }]
  })
}

/** Finds pools that give another cap than an earlier one of the same database entry, or user. */
function disagreements(
  pools: readonly PoolValues[],
  owner: "database" | "user",
  limit: "maxDbConnections" | "maxUserConnections",
): Conflict[] {
  const caps = new Map<string, number>()
  return pools.flatMap(({ [owner]: name, [limit]: cap }, place) => {
    if (typeof name !== "string" || typeof cap !== "number") return []
    const first = caps.get(name) ?? cap
    caps.set(name, first)
    if (first === cap) return []
    const problem = `received ${cap}, but ${owner} ${describeValue(name)} has ${first} in another pool`
    return [
      { path: ["pools", place, limit], problem, remedy: `Give the same for every pool of one ${owner}` },
    ]
  })
}

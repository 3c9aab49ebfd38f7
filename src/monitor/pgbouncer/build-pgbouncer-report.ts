import { mostInProcess } from "../../sizing/capped-pools.ts"
import { poolsInProcess } from "../../sizing/pooler-pools.ts"
import { splitName } from "../inspect/application-name.ts"
import { percentOf, sharesOf } from "../inspect/build-report.ts"
import { groupConnections, sum } from "../inspect/group-connections.ts"
import type { ClientRow, DatabaseRow, PoolRow, UserRow } from "./console-rows.ts"
import { CONSOLE_DATABASE } from "./console-rows.ts"
import type {
  PgBouncerApplication,
  PgBouncerClients,
  PgBouncerLimit,
  PgBouncerPool,
  PgBouncerProcess,
  PgBouncerReport,
  PgBouncerServers,
} from "./pgbouncer-report.ts"

/** What the console of one process has answered. */
export interface ConsoleAnswer {
  readonly version: string
  readonly state: string | undefined
  readonly sharesPort: boolean
  readonly queryWaitTimeoutSeconds: number
  readonly maxClients: number
  /** `max_user_connections`, of users who have none of their own. */
  readonly maxUserConnections: number
  /** What counts against `max_client_conn`, all consoles included. */
  readonly usedClients: number
  readonly loggingIn: number
  readonly pools: readonly PoolRow[]
  readonly databases: readonly DatabaseRow[]
  readonly users: readonly UserRow[]
  readonly clients: readonly ClientRow[]
  /** How many of the consoles were opened for the inspection alone. */
  readonly ownConsoles: number
}

/** A pool with the caps that it is within. */
interface SizedPool extends PoolRow {
  /** Its size and its reserve. */
  readonly size: number
  readonly maxDbConnections: number
  readonly maxUserConnections: number
}

/** Adds up what the consoles of one or several processes say. Pure, so that it can be tested without a PgBouncer. */
export function buildPgBouncerReport(answers: readonly [ConsoleAnswer, ...ConsoleAnswer[]]): PgBouncerReport {
  const [first, ...others] = answers
  const processes: PgBouncerReport["processes"] = [processOf(first), ...others.map(processOf)]
  const limits = limitsOf(answers)
  const pools = answers.flatMap(sizedPools)
  return {
    processes,
    mayHaveMore: processes.length === 1 && first.sharesPort,
    clients: addClients(processes.map(({ clients }) => clients)),
    servers: addServers(processes.map(({ servers }) => servers)),
    limits,
    percent: limits[0].percent,
    pools: poolsOf(pools),
    applications: applicationsOf(answers.flatMap(({ clients }) => clients)),
  }
}

function processOf(answer: ConsoleAnswer): PgBouncerProcess {
  const { version, state, sharesPort, queryWaitTimeoutSeconds, databases, maxClients, loggingIn } = answer
  const ofApplications = answer.clients.filter(isOfApplication)
  const used = answer.usedClients - answer.ownConsoles
  const namesOf = (rows: readonly DatabaseRow[]) => rows.map(({ name }) => name)
  const pools = sizedPools(answer)
  return {
    version,
    state,
    sharesPort,
    queryWaitTimeoutSeconds,
    clients: {
      used,
      limit: maxClients,
      free: Math.max(0, maxClients - used),
      active: ofApplications.filter(({ isActive }) => isActive).length,
      waiting: sum(pools, ({ waiting }) => waiting),
      longestWaitSeconds: longest(pools),
      loggingIn,
      consoles: answer.clients.length - ofApplications.length - answer.ownConsoles,
    },
    servers: {
      used: sum(pools, ({ serversUsed }) => serversUsed),
      idle: sum(pools, ({ serversIdle }) => serversIdle),
      limit: mostOf(pools),
    },
    paused: namesOf(databases.filter(({ isPaused }) => isPaused)),
    disabled: namesOf(databases.filter(({ isDisabled }) => isDisabled)),
  }
}

const isOfApplication = ({ database }: ClientRow): boolean => database !== CONSOLE_DATABASE

const longest = (waits: readonly { readonly longestWaitSeconds: number }[]): number =>
  Math.max(0, ...waits.map(({ longestWaitSeconds }) => longestWaitSeconds))

function sizedPools({ version, pools, databases, users, maxUserConnections }: ConsoleAnswer): SizedPool[] {
  return pools.map((pool) => {
    const entry = databases.find(({ name }) => name === pool.database)
    const user = users.find(({ name }) => name === pool.user)
    const size = user?.poolSize ?? entry?.poolSize ?? 0
    const isUnlimited = size === 0 && isSince(version, 24)
    return {
      ...pool,
      size: isUnlimited ? Number.POSITIVE_INFINITY : size + (user?.reserve ?? entry?.reserve ?? 0),
      maxDbConnections: entry?.maxConnections ?? 0,
      maxUserConnections: user?.maxConnections ?? maxUserConnections,
    }
  })
}

/** True from PgBouncer 1.`minor` on. */
export function isSince(version: string, minor: number): boolean {
  const [, major, own] = /^(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) > 1 || (Number(major) === 1 && Number(own) >= minor)
}

/** The most server connections of so many pools in one process, by the sum that a declared pooler has too. */
const mostOf = (pools: readonly SizedPool[]): number =>
  mostInProcess(
    poolsInProcess({
      pools: pools.map(({ database, user, size, maxDbConnections, maxUserConnections }) => ({
        ...{ database, user, maxDbConnections, maxUserConnections },
        poolSize: size,
        reservePoolSize: 0,
      })),
      ...{ reservePoolSize: 0, maxDbConnections: 0, maxUserConnections: 0 },
    }),
    0,
  )

function limitsOf(answers: readonly ConsoleAnswer[]): PgBouncerReport["limits"] {
  const all = answers.flatMap((answer, process) => limitsOfProcess(answer, process))
  // Sorting is stable: among equally used limits, that of the process comes first.
  const [first, ...rest] = all.sort((one, other) => other.percent - one.percent)
  if (first === undefined) throw new Error("There is no process, so there is no limit")
  return [first, ...rest]
}

function limitsOfProcess(answer: ConsoleAnswer, process: number): PgBouncerLimit[] {
  const pools = sizedPools(answer)
  const limitOf = (
    name: PgBouncerLimit["name"],
    limit: number,
    used: number,
    owner: Partial<Pick<PgBouncerLimit, "database" | "user">> = {},
  ): PgBouncerLimit => ({
    name,
    database: owner.database,
    user: owner.user,
    limit,
    used,
    free: Math.max(0, limit - used),
    percent: limit === Number.POSITIVE_INFINITY ? 0 : percentOf(used, limit),
    process,
  })
  const usedBy = (own: readonly PoolRow[]) => sum(own, ({ serversUsed }) => serversUsed)
  const { usedClients, ownConsoles, maxClients, databases, users } = answer
  const capped = (name: "maxDbConnections" | "maxUserConnections", owner: "database" | "user") =>
    [...groupConnections(pools, (pool) => pool[owner])].flatMap(([of, own]) => {
      const cap = own[0]?.[name] ?? 0
      return cap === 0 ? [] : [limitOf(name, cap, usedBy(own), { [owner]: of })]
    })
  const cappedClients = (
    name: "maxDbClientConnections" | "maxUserClientConnections",
    owner: "database" | "user",
    rows: readonly Pick<DatabaseRow, "name" | "maxClients" | "clients">[],
  ) =>
    rows.flatMap(({ name: of, maxClients: cap, clients }) =>
      cap === 0 ? [] : [limitOf(name, cap, clients, { [owner]: of })],
    )
  return [
    limitOf("maxClientConnections", maxClients, usedClients - ownConsoles),
    ...pools
      .filter(({ size }) => size !== Number.POSITIVE_INFINITY)
      .map((pool) => limitOf("poolSize", pool.size, pool.serversUsed, pool)),
    ...capped("maxDbConnections", "database"),
    ...capped("maxUserConnections", "user"),
    ...cappedClients("maxDbClientConnections", "database", databases),
    ...cappedClients("maxUserClientConnections", "user", users),
  ]
}

function poolsOf(pools: readonly SizedPool[]): PgBouncerPool[] {
  const byPair = groupConnections(pools, ({ database, user }) => JSON.stringify([database, user]))
  const merged = [...byPair.values()].flatMap((own) => {
    const [first] = own
    if (first === undefined) return []
    return [
      {
        ...{ database: first.database, user: first.user, mode: first.mode },
        clients: sum(own, ({ clients }) => clients),
        waiting: sum(own, ({ waiting }) => waiting),
        longestWaitSeconds: longest(own),
        servers: {
          used: sum(own, ({ serversUsed }) => serversUsed),
          idle: sum(own, ({ serversIdle }) => serversIdle),
          limit: sum(own, (pool) => mostOf([pool])),
        },
      },
    ]
  })
  const use = ({ servers: { used, limit } }: PgBouncerPool) => percentOf(used, limit)
  return merged.sort((one, other) => other.waiting - one.waiting || use(other) - use(one))
}

function applicationsOf(clients: readonly ClientRow[]): PgBouncerApplication[] {
  const named = clients.filter(isOfApplication).map((client) => ({
    ...client,
    name: client.application === undefined ? null : splitName(client.application).application,
  }))
  return [...groupConnections(named, ({ name }) => name)]
    .map(([name, own]) => ({
      name,
      clients: own.length,
      active: own.filter(({ isActive }) => isActive).length,
      waiting: own.filter(({ isWaiting }) => isWaiting).length,
      longestWaitSeconds: Math.max(0, ...own.map(({ waitSeconds }) => waitSeconds)),
      shares: sharesOf(own.map((client) => ({ ...client, connections: 1 }))),
    }))
    .sort((one, other) => other.clients - one.clients || ((one.name ?? "") < (other.name ?? "") ? -1 : 1))
}

function addClients(all: readonly PgBouncerClients[]): PgBouncerClients {
  const added = (field: Exclude<keyof PgBouncerClients, "longestWaitSeconds">) =>
    sum(all, (each) => each[field])
  return {
    used: added("used"),
    limit: added("limit"),
    free: added("free"),
    active: added("active"),
    waiting: added("waiting"),
    longestWaitSeconds: longest(all),
    loggingIn: added("loggingIn"),
    consoles: added("consoles"),
  }
}

const addServers = (all: readonly PgBouncerServers[]): PgBouncerServers => ({
  used: sum(all, ({ used }) => used),
  idle: sum(all, ({ idle }) => idle),
  limit: sum(all, ({ limit }) => limit),
})

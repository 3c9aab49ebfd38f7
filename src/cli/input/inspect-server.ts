import { type DatabaseUrl, withParameters } from "../../config/database-url.ts"
import { urlVariable } from "../../config/database-variables.ts"
import { defaultDatabase, missingUrl } from "../../config/environment.ts"
import { OPTIONS } from "../../config/options.ts"
import { parseDatabaseUrl } from "../../config/parse-database-url.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../error.ts"
import type { DatabaseReport } from "../../monitor/inspect/database-report.ts"
import type { RoleRights } from "../../monitor/inspect/limit-rights.ts"
import { OWN_APPLICATION_NAME } from "../../monitor/inspect/own-name.ts"
import { CONSOLE_DATABASE } from "../../monitor/pgbouncer/console-rows.ts"
import type { LimitName } from "../../pool/refusal-texts.ts"
import type { Io } from "../io.ts"
import { NoVerdictError } from "../no-verdict-error.ts"
import type { RefusingServer } from "../output/way-in.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { type ConsoleFlag, type PoolerAnswer, preparePoolers } from "./inspect-poolers.ts"
import { loadMonitor } from "./load-monitor.ts"
import { environmentWith, inVariable } from "./read-environment.ts"
import { unanswered } from "./unanswered.ts"

/** The flags that select the server to connect to. */
export interface ConnectFlags {
  /** The variable that holds the URL. */
  readonly connect?: string
  /** The variables that hold the URLs of the plan's databases. Without `connect`, the first is used to connect. */
  readonly database?: readonly string[]
  readonly envFile?: string
  /** The consoles of poolers. */
  readonly console?: readonly ConsoleFlag[]
}

/** The flags of `inspect`. */
export interface InspectFlags extends FleetFlags, ConnectFlags {
  readonly format: "text" | "json" | "markdown"
  /** The percentage above which to fail. */
  readonly failAbove?: number
  /** Also fail for undeclared connections. */
  readonly strict?: boolean
  /** Seconds between two checks; true for the default. */
  readonly watch?: number | true
  /** Seconds to watch for. */
  readonly for?: number
  /** The number of checks of a watch that may get no answer. */
  readonly tolerate?: number
}

/** A server's answer: its report or, which is an answer too, that it has no slot left. */
export type Answer =
  | {
      readonly report: DatabaseReport
      /** Who may set the limits of the roles that were asked for. */
      readonly rights?: readonly RoleRights[]
    }
  | {
      readonly fullBy: LimitName | "pooler" | undefined
      readonly message: string
      readonly server: RefusingServer
    }

/** Finds roles in a report. */
export type RolesOf = (report: DatabaseReport) => readonly string[]

/** The answers of all tiers. */
export interface Answers {
  /** Undefined if the URL leads to a pooler's console. */
  readonly server: Answer | undefined
  readonly poolers: readonly PoolerAnswer[]
}

/**
 * Reads the URLs of the environment once, and returns a function that asks the server at each call, under an application
 * name of its own, and the poolers beside it. The function takes another one, which returns the roles of whose limits the server is asked
 * too. A URL that leads to PgBouncer's console asks that alone.
 *
 * @param declared the names of the declared poolers
 * @throws NoVerdictError from the returned function, if the server cannot be asked for any other reason than being full
 * @throws PoolConfigError if there is no URL, or a wrong one; mostly before any connection is made. And what the other
 * function throws
 */
export async function prepareToAsk(
  flags: ConnectFlags,
  io: Io,
  declared: readonly string[] = [],
): Promise<(rolesOf?: RolesOf) => Promise<Answers>> {
  const environment = await environmentWith(flags.envFile, io)
  const { connect, url } = readUrl(flags, environment)
  const { console: consoles = [] } = flags
  if (url.server.database !== CONSOLE_DATABASE) {
    const askServer = await prepareServer(connect, url)
    const askPoolers = await preparePoolers(consoles, declared, environment)
    return async (rolesOf) => {
      const [server, poolers] = await Promise.all([askServer(rolesOf), askPoolers()])
      return { server, poolers }
    }
  }
  const own = { pooler: undefined, variable: connect }
  const askPoolers = await preparePoolers([own, ...consoles], declared, environment)
  return async (rolesOf) => {
    const poolers = await askPoolers()
    const [first] = poolers
    if (first === undefined || "report" in first) return { server: undefined, poolers }
    // A database of PostgreSQL may have that name too.
    if (first.isElsewhere) {
      const askServer = await prepareServer(connect, url)
      return { server: await askServer(rolesOf), poolers: poolers.slice(1) }
    }
    throw new NoVerdictError([first.failure])
  }
}

function readUrl({ connect: named, database: [first] = [] }: ConnectFlags, environment: Io["env"]) {
  const connect = named ?? first ?? urlVariable(defaultDatabase(environment))
  const value = Object.hasOwn(environment, connect) ? environment[connect] : undefined
  if (!value) throw new PoolConfigError([missingUrl(connect, environment, "command")])
  const issues: PoolConfigIssue[] = []
  const url = parseDatabaseUrl(value, connect, issues)
  if (url === undefined) throw new PoolConfigError(issues)
  return { connect, url }
}

async function prepareServer(
  connect: string,
  url: DatabaseUrl,
): Promise<(rolesOf?: RolesOf) => Promise<Answer>> {
  const { inspectWithRights, isTooManyConnections, pgOptions, refusedLimit } = await loadMonitor()
  const { pool } = inVariableOf(connect, () => pgOptions(underOwnName(url)))
  const { host, user, database } = url.server
  return async (rolesOf = () => []) => {
    try {
      return await inspectWithRights(pool, rolesOf)
    } catch (error) {
      // What is declared may be wrong for the server that has answered.
      if (error instanceof PoolConfigError) throw error
      const message = error instanceof Error ? error.message : String(error)
      if (isTooManyConnections(error))
        return { fullBy: refusedLimit(error), message, server: { host, user, database } }
      throw new NoVerdictError([unanswered(connect, error)])
    }
  }
}

function inVariableOf<Result>(variable: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw inVariable(variable, error)
  }
}

/** Replaces the URL's application name: the inspection is not that application. */
const underOwnName = (url: DatabaseUrl): DatabaseUrl =>
  withParameters(url, { [OPTIONS.applicationName.parameter]: OWN_APPLICATION_NAME })

import { type DatabaseUrl, withParameters } from "../../config/database-url.ts"
import { urlVariable } from "../../config/database-variables.ts"
import { defaultDatabase, missingUrl } from "../../config/environment.ts"
import { OPTIONS } from "../../config/options.ts"
import { parseDatabaseUrl } from "../../config/parse-database-url.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../error.ts"
import type { DatabaseReport } from "../../monitor/inspect/database-report.ts"
import type { RoleRights } from "../../monitor/inspect/limit-rights.ts"
import { OWN_APPLICATION_NAME } from "../../monitor/inspect/own-name.ts"
import type { LimitName } from "../../pool/refusal-texts.ts"
import type { Io } from "../io.ts"
import { NoVerdictError } from "../no-verdict-error.ts"
import type { RefusingServer } from "../output/way-in.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { environmentWith, inVariable } from "./read-files.ts"
import { unanswered } from "./unanswered.ts"

/** The flags that select the server to connect to. */
export interface ConnectFlags {
  /** The variable that holds the URL. */
  readonly connect?: string
  /** The variables that hold the URLs of the plan's databases. Without `connect`, the first is used to connect. */
  readonly database?: readonly string[]
  readonly envFile?: string
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

/**
 * Reads the environment's URL once, and returns a function that inspects the server at each call, under an application
 * name of its own. The function takes another one, which returns the roles of whose limits the server is asked too.
 *
 * @throws NoVerdictError from the returned function, if the server cannot be asked for any other reason than being full
 * @throws PoolConfigError if there is no URL, or a wrong one; mostly before any connection is made. And what the other
 * function throws
 */
export async function prepareToAsk(
  { connect: named, database: [first] = [], envFile }: ConnectFlags,
  io: Io,
): Promise<(rolesOf?: RolesOf) => Promise<Answer>> {
  const environment = await environmentWith(envFile, io)
  const connect = named ?? first ?? urlVariable(defaultDatabase(environment))
  const value = Object.hasOwn(environment, connect) ? environment[connect] : undefined
  if (!value) throw new PoolConfigError([missingUrl(connect, environment, "command")])
  const issues: PoolConfigIssue[] = []
  const url = parseDatabaseUrl(value, connect, issues)
  if (url === undefined) throw new PoolConfigError(issues)
  const { inspectWithRights, isTooManyConnections, pgOptions, refusedLimit } = await monitor()
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
      throw new NoVerdictError([unanswered(connect, database, error)])
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

/** Loads the parts that talk to PostgreSQL: node-postgres is a peer, which the other commands do not need. */
async function monitor() {
  try {
    const [{ inspectWithRights }, { isTooManyConnections, refusedLimit }, { pgOptions }] = await Promise.all([
      import("../../monitor/inspect/inspect-database.ts"),
      import("../../pool/classify-error.ts"),
      import("../../pool/pool-config-from-url.ts"),
    ])
    return { inspectWithRights, isTooManyConnections, pgOptions, refusedLimit }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error
    throw new PoolConfigError([
      { name: "pg", problem: "is not installed, and this command needs it", remedy: "Run npm install pg" },
    ])
  }
}

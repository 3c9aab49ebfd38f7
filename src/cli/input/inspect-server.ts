import { type DatabaseUrl, withParameters } from "../../config/database-url.ts"
import { urlVariable } from "../../config/database-variables.ts"
import { defaultDatabase, missingUrl } from "../../config/environment.ts"
import { OPTIONS } from "../../config/options.ts"
import { parseDatabaseUrl } from "../../config/parse-database-url.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../error.ts"
import type { DatabaseReport } from "../../monitor/inspect/database-report.ts"
import { OWN_APPLICATION_NAME } from "../../monitor/inspect/own-name.ts"
import type { LimitName } from "../../pool/classify-error.ts"
import type { Io } from "../io.ts"
import { NoVerdictError } from "../no-verdict-error.ts"
import type { RefusingServer } from "../output/way-in.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { environmentWith, inVariable } from "./read-files.ts"
import { unanswered } from "./unanswered.ts"

/** Where to connect to. */
export interface ConnectFlags {
  /** The variable that holds the URL. */
  readonly connect?: string
  /** The variables that hold the URLs of the plan's databases: the first is connected with where no other is named. */
  readonly database?: readonly string[]
  readonly envFile?: string
}

/** The flags of `inspect`. */
export interface InspectFlags extends FleetFlags, ConnectFlags {
  readonly format: "text" | "json"
  /** Fail above so many per cent. */
  readonly failAbove?: number
  /** Fail for what nobody declared, too. */
  readonly strict?: boolean
  /** Seconds between two looks. */
  readonly watch?: number
  /** Seconds to watch for. */
  readonly for?: number
  /** Looks of a watch that may get no answer. */
  readonly tolerate?: number
}

/** What a server answers: its report, or that it has no slot left, which is an answer too. */
export type Answer =
  | { readonly report: DatabaseReport }
  | {
      readonly fullBy: LimitName | "pooler" | undefined
      readonly message: string
      readonly server: RefusingServer
    }

/**
 * Reads once where to connect to, and returns what asks the server of the environment who has its connections, as often as it
 * is called and under a name of its own.
 *
 * @throws NoVerdictError, when it asks, where the server cannot be asked for any other reason than that it is full
 * @throws PoolConfigError where there is no URL to ask, or a wrong one: most of it before anything is asked
 */
export async function prepareToAsk(
  { connect: named, database: [first] = [], envFile }: ConnectFlags,
  io: Io,
): Promise<() => Promise<Answer>> {
  const environment = await environmentWith(envFile, io)
  const connect = named ?? first ?? urlVariable(defaultDatabase(environment))
  const value = Object.hasOwn(environment, connect) ? environment[connect] : undefined
  if (!value) throw new PoolConfigError([missingUrl(connect, environment, "command")])
  const issues: PoolConfigIssue[] = []
  const url = parseDatabaseUrl(value, connect, issues)
  if (url === undefined) throw new PoolConfigError(issues)
  const { inspectThrough, isTooManyConnections, pgOptions, refusedLimit } = await monitor()
  const { pool } = inVariableOf(connect, () => pgOptions(underOwnName(url)))
  const { host, user, database } = url.server
  return async () => {
    try {
      return { report: await inspectThrough(pool) }
    } catch (error) {
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

/** Whatever the application is called that the URL is for: it is not the one that looks. */
const underOwnName = (url: DatabaseUrl): DatabaseUrl =>
  withParameters(url, { [OPTIONS.applicationName.parameter]: OWN_APPLICATION_NAME })

/** What talks to PostgreSQL: node-postgres is a peer, which the other commands do without. */
async function monitor() {
  try {
    const [{ inspectThrough }, { isTooManyConnections, refusedLimit }, { pgOptions }] = await Promise.all([
      import("../../monitor/inspect/inspect-database.ts"),
      import("../../pool/classify-error.ts"),
      import("../../pool/pool-config-from-url.ts"),
    ])
    return { inspectThrough, isTooManyConnections, pgOptions, refusedLimit }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error
    throw new PoolConfigError([
      { name: "pg", problem: "is not installed, and this command needs it", remedy: "Run npm install pg" },
    ])
  }
}

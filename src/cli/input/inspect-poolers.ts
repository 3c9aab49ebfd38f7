import { parseDatabaseUrl } from "../../config/parse-database-url.ts"
import { describeValue, label, PoolConfigError, type PoolConfigIssue } from "../../error.ts"
import { groupConnections } from "../../monitor/inspect/group-connections.ts"
import { CONSOLE_DATABASE } from "../../monitor/pgbouncer/console-rows.ts"
import type { PgBouncerReport } from "../../monitor/pgbouncer/pgbouncer-report.ts"
import type { Io } from "../io.ts"
import { FlagError } from "./flag.ts"
import { variableName } from "./flag-values.ts"
import { loadMonitor } from "./load-monitor.ts"
import { inVariable } from "./read-environment.ts"
import { unanswered } from "./unanswered.ts"

/** One `--console`: a variable that holds the URL of a process's console, and the pooler whose process it is. */
export interface ConsoleFlag {
  /** Undefined for the only pooler. */
  readonly pooler: string | undefined
  readonly variable: string
}

/** The answer of one pooler, or why there is none. */
export type PoolerAnswer = { readonly name: string } & (
  | { readonly report: PgBouncerReport }
  | { readonly failure: PoolConfigIssue; readonly isElsewhere: boolean }
)

/** A pooler without a name in a declaration. */
const UNNAMED = "pgbouncer"

/** Reads `VARIABLE` or `NAME=VARIABLE`. */
export function consoleOf(text: string, before: readonly ConsoleFlag[] = []): readonly ConsoleFlag[] {
  const at = text.lastIndexOf("=")
  const pooler = at < 0 ? undefined : text.slice(0, at).trim()
  if (pooler === "") throw new FlagError("Give VARIABLE, or NAME=VARIABLE for a pooler called NAME.")
  return [...before, { pooler, variable: variableName(text.slice(at + 1)) }]
}

/**
 * Reads the URLs of consoles once, and returns a function that asks each pooler at each call. A pooler that cannot be asked is
 * an answer too.
 *
 * @param declared the names of the declared poolers
 * @throws PoolConfigError naming everything that is wrong
 */
export async function preparePoolers(
  flags: readonly ConsoleFlag[],
  declared: readonly string[],
  environment: Io["env"],
): Promise<() => Promise<readonly PoolerAnswer[]>> {
  if (flags.length === 0) return async () => []
  const issues: PoolConfigIssue[] = []
  const { ConsoleError, inspectConsoles, pgOptions } = await loadMonitor()
  const consoles = flags.flatMap((flag) => {
    const name = nameOf(flag, declared, issues)
    const url = urlOf(flag.variable, environment, issues)
    if (name === undefined || url === undefined) return []
    try {
      return [{ name, variable: flag.variable, way: { pool: pgOptions(url).pool } }]
    } catch (error) {
      const named = inVariable(flag.variable, error)
      if (!(named instanceof PoolConfigError)) throw named
      issues.push(...named.issues)
      return []
    }
  })
  if (issues.length > 0) throw new PoolConfigError(issues)
  const poolers = groupConnections(consoles, ({ name }) => name)
  return () =>
    Promise.all(
      [...poolers].map(async ([name, own]): Promise<PoolerAnswer> => {
        try {
          return { name, report: await inspectConsoles(own.map(({ way }) => way)) }
        } catch (error) {
          const variables = own.map(({ variable }) => variable).join(", ")
          if (!(error instanceof ConsoleError))
            return { name, failure: unanswered(variables, error), isElsewhere: false }
          const { problem, remedy, isElsewhere } = error
          return { name, failure: { name: variables, problem, remedy }, isElsewhere }
        }
      }),
    )
}

function nameOf(
  { pooler, variable }: ConsoleFlag,
  declared: readonly string[],
  issues: PoolConfigIssue[],
): string | undefined {
  const [first = UNNAMED, ...others] = declared
  if (pooler === undefined && others.length === 0) return first
  if (pooler !== undefined && (declared.length === 0 || declared.includes(pooler))) return pooler
  const problem =
    pooler === undefined
      ? `does not say whose console ${label(variable)} is, and several poolers are declared`
      : `received ${describeValue(pooler)}, which is not under poolers`
  const remedy = `Give NAME=${label(variable)}, where NAME is one of ${declared.map(describeValue).join(", ")}`
  issues.push({ name: "--console", problem, remedy })
  return undefined
}

function urlOf(variable: string, environment: Io["env"], issues: PoolConfigIssue[]) {
  const value = Object.hasOwn(environment, variable) ? environment[variable] : undefined
  if (!value) {
    const remedy = `Set it to postgresql://USER:PASSWORD@HOST:6432/${CONSOLE_DATABASE}; with a .env file, give --env-file .env`
    issues.push({ name: variable, problem: "is not set", remedy })
    return undefined
  }
  const url = parseDatabaseUrl(value, variable, issues)
  if (url === undefined || url.server.database === CONSOLE_DATABASE) return url
  issues.push({
    name: variable,
    problem: `leads to the database ${label(url.server.database)}, and PgBouncer's console is the database ${CONSOLE_DATABASE}`,
    remedy: `Put ${CONSOLE_DATABASE} in place of it, with host and port of PgBouncer`,
  })
  return undefined
}

import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { connectionLimitBySlots } from "../sizing/connection-limit.ts"
import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import { type Environment, environmentIssues, missingUrl, nonEmpty } from "./environment.ts"
import type { Option } from "./option.ts"
import { type OptionValue, optionValue } from "./option-value.ts"
import { defaultPoolTimeout, OPTIONS } from "./options.ts"
import { parseDatabaseUrl } from "./parse-database-url.ts"

/** What environment and URL say of a pool. Durations are in seconds. */
export interface PoolValues {
  /** Connections that this process may hold: 1 to 10,000. */
  readonly connectionLimit: number
  /** Seconds that a query waits for a connection; 0 waits for ever. Unset, longer than `connectTimeout`. */
  readonly poolTimeout: number
  /** Seconds that opening one connection may take; 0 sets no limit. */
  readonly connectTimeout: number
  /** The connection's name in `pg_stat_activity`; undefined leaves it unnamed. */
  readonly applicationName: string | undefined
  /** What is allowed but will hurt, such as a fleet that does not fit its server. Empty when all is well. */
  readonly warnings: readonly string[]
}

/** Environment and URL, read once: what a pool and the text of a URL are made of. */
export interface Settings extends PoolValues {
  readonly url: DatabaseUrl
}

/** Reads the settings of the Core pool, or throws every issue that stands against them. */
export function readSettings(env: Environment): Settings {
  const { settings, issues } = trySettings(env)
  if (settings === undefined) throw new PoolConfigError(issues)
  return settings
}

/** The same without throwing: settings, or the issues that stand against them. */
export function trySettings(env: Environment): {
  readonly settings: Settings | undefined
  readonly issues: readonly PoolConfigIssue[]
} {
  const unreadable = environmentIssues(env)
  if (unreadable.length > 0) return { settings: undefined, issues: unreadable }
  const issues: PoolConfigIssue[] = []
  const url = readUrl(env, issues)
  const values = readPoolValues(env, url, OPTIONS.url.variable, issues)
  if (url === undefined || issues.length > 0) return { settings: undefined, issues }
  return { settings: { url, ...values }, issues }
}

function readUrl(env: Environment, issues: PoolConfigIssue[]): DatabaseUrl | undefined {
  const name = OPTIONS.url.variable
  const value = nonEmpty(env, name)
  if (value !== undefined) return parseDatabaseUrl(value, name, issues)
  issues.push(missingUrl(name))
  return undefined
}

/**
 * Reads the pool's own variables and parameters; each that is wrong adds an issue.
 *
 * @param url undefined where it cannot be seen: the variables are read all the same
 * @param urlName the variable that holds the URL, for messages
 */
export function readPoolValues(
  env: Environment,
  url: DatabaseUrl | undefined,
  urlName: string,
  issues: PoolConfigIssue[],
): PoolValues {
  function setting<const O extends Option>(option: O): OptionValue<O> | undefined {
    const inUrl =
      option.parameter === undefined || url === undefined ? undefined : parameterOf(url, option.parameter)
    // Both are read, so that a wrong one is reported even where the other one counts.
    const fromUrl =
      inUrl === undefined
        ? undefined
        : optionValue(option, `${option.parameter} in ${urlName}`, inUrl, issues)
    const variable = option.variable === undefined ? undefined : nonEmpty(env, option.variable)
    return variable === undefined ? fromUrl : optionValue(option, option.variable as string, variable, issues)
  }

  const size = setting(OPTIONS.connectionLimit)
  const ownPoolTimeout = setting(OPTIONS.poolTimeout)
  const connectTimeout = setting(OPTIONS.connectTimeout) ?? OPTIONS.connectTimeout.default
  const poolTimeout = ownPoolTimeout ?? defaultPoolTimeout(connectTimeout)
  // `application_name=` in the URL leaves the connection unnamed, as no parameter at all does.
  const applicationName = setting(OPTIONS.applicationName) || undefined
  const fleet = {
    maxConnections: setting(OPTIONS.maxConnections),
    apiInstances: setting(OPTIONS.apiInstances),
    concurrentJobs: setting(OPTIONS.concurrentJobs),
    reserved: setting(OPTIONS.reservedConnections) ?? OPTIONS.reservedConnections.default,
  }
  checkFleetIsWhole(env, issues)
  const { connectionLimit, warnings } = resolveConnectionLimit(size, fleet)
  return { connectionLimit, poolTimeout, connectTimeout, applicationName, warnings }
}

/** The variables of the fleet: the formula needs all of them. */
const FLEET = [OPTIONS.maxConnections, OPTIONS.apiInstances, OPTIONS.concurrentJobs].map(
  ({ variable }) => variable,
)

function checkFleetIsWhole(env: Environment, issues: PoolConfigIssue[]): void {
  const missing = FLEET.filter((variable) => nonEmpty(env, variable) === undefined)
  if (missing.length === 0 || missing.length === FLEET.length) return
  for (const name of missing) {
    const given = FLEET.filter((variable) => !missing.includes(variable)).join(" and ")
    issues.push({
      name,
      problem: `is not set, but ${given} is`,
      remedy: `Set all of ${FLEET.join(", ")}, or none`,
    })
  }
}

function resolveConnectionLimit(
  size: number | undefined,
  fleet: {
    readonly maxConnections: number | undefined
    readonly apiInstances: number | undefined
    readonly concurrentJobs: number | undefined
    readonly reserved: number
  },
): { connectionLimit: number; warnings: string[] } {
  const { maxConnections, apiInstances, concurrentJobs, reserved } = fleet
  if (maxConnections === undefined || apiInstances === undefined || concurrentJobs === undefined) {
    return { connectionLimit: size ?? OPTIONS.connectionLimit.default, warnings: [] }
  }
  const bySlots =
    reserved < maxConnections
      ? connectionLimitBySlots({ maxConnections, apiInstances, concurrentJobs, reserved })
      : 0
  const connectionLimit = Math.min(size ?? Math.max(1, bySlots), OPTIONS.connectionLimit.max)
  // One connection each is what the formula gave up on; a given size says nothing of the jobs, which have their own.
  const [pools, total] =
    size === undefined && bySlots < 1
      ? [`(${apiInstances} API instances + ${concurrentJobs} jobs)`, apiInstances + concurrentJobs + reserved]
      : [`${apiInstances} API instances`, connectionLimit * apiInstances + reserved]
  if (total <= maxConnections) return { connectionLimit, warnings: [] }
  const sum = `${connectionLimit} × ${pools} + ${reserved} reserved = ${total} connections`
  const remedy =
    bySlots < 1
      ? "Run fewer instances, raise max_connections, or put PgBouncer in between"
      : `Lower ${OPTIONS.connectionLimit.variable} to ${bySlots}, or run fewer instances`
  const warning = `${sum}, more than the server's ${maxConnections}: it will refuse connections ("remaining connection slots are reserved"). ${remedy}.`
  return { connectionLimit, warnings: [warning] }
}

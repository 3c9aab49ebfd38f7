import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { connectionLimitBySlots } from "../sizing/connection-limit.ts"
import { autoBounds } from "./auto-size.ts"
import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import { type DatabaseName, sizeVariable, urlVariable, variablesOf } from "./database-variables.ts"
import { type Environment, environmentIssues, missingUrl, nonEmpty, type Place } from "./environment.ts"
import type { Option } from "./option.ts"
import { type OptionValue, optionValue, variableValue } from "./option-value.ts"
import { defaultConnectTimeout, defaultPoolTimeout, OPTIONS } from "./options.ts"
import { parseDatabaseUrl } from "./parse-database-url.ts"
import { checkMinIdle, POOL_ONLY, type PoolOnlyValues, poolOnlyNumbers } from "./pool-only-values.ts"
import { sizeWarnings } from "./size-warnings.ts"

/** The settings of a pool, read from environment and URL. Durations are in seconds. */
export interface PoolValues extends PoolOnlyValues {
  /** Connections that this process may hold: 1 to 10,000. With `auto` it is the most that its share may come to. */
  readonly connectionLimit: number
  /** Seconds that a query waits for a connection; 0 waits forever. The default is longer than `connectTimeout`. */
  readonly poolTimeout: number
  /** Seconds that opening one connection may take; 0 sets no limit. Unset, shorter than a `poolTimeout` of 2 or more. */
  readonly connectTimeout: number
  /** The connection's name in `pg_stat_activity`; undefined leaves it unnamed. */
  readonly applicationName: string | undefined
  /** Problems that are allowed but will cause trouble, such as a fleet that does not fit its server. Empty if there are none. */
  readonly warnings: readonly string[]
}

/** Environment and URL, read once. A pool is made from them, and so is the string of a URL. */
export interface Settings extends PoolValues {
  readonly url: DatabaseUrl
}

/** Reads the settings of a database's pool, or throws every issue found in them. */
export function readSettings(env: Environment, database: DatabaseName, place: Place = "code"): Settings {
  const { settings, issues } = trySettings(env, database, place)
  if (settings === undefined) throw new PoolConfigError(issues)
  return settings
}

/** {@link readSettings} without throwing: returns the settings, or the issues found in them. */
export function trySettings(
  env: Environment,
  database: DatabaseName,
  place: Place = "code",
): {
  readonly settings: Settings | undefined
  readonly issues: readonly PoolConfigIssue[]
} {
  const unreadable = environmentIssues(env)
  if (unreadable.length > 0) return { settings: undefined, issues: unreadable }
  const issues: PoolConfigIssue[] = []
  const name = urlVariable(database)
  const url = readUrl(env, name, place, issues)
  const values = readPoolValues(env, url, { database, url: name }, issues)
  const { variable: minIdle } = OPTIONS.minIdle
  // A size that could not be read is not what was meant.
  if (issues.length === 0)
    checkMinIdle(values, setVariable(env, OPTIONS.minIdle, database) ?? minIdle, issues)
  if (url === undefined || issues.length > 0) return { settings: undefined, issues }
  return { settings: { url, ...values }, issues }
}

function readUrl(
  env: Environment,
  name: string,
  place: Place,
  issues: PoolConfigIssue[],
): DatabaseUrl | undefined {
  const value = nonEmpty(env, name)
  if (value !== undefined) return parseDatabaseUrl(value, name, issues)
  issues.push(missingUrl(name, env, place))
  return undefined
}

/** The first of the variables of an option that is set. */
const setVariable = (env: Environment, option: Option, database: DatabaseName): string | undefined =>
  variablesOf(option, database).find((name) => nonEmpty(env, name) !== undefined)

/** A database, and the variable that holds its URL, for messages. */
export interface NamedDatabase {
  readonly database: DatabaseName
  readonly url: string
}

/**
 * Reads the pool's own variables and parameters; each invalid one adds an issue.
 *
 * @param url undefined where it is not available: the variables are still read
 */
export function readPoolValues(
  env: Environment,
  url: DatabaseUrl | undefined,
  { database, url: urlName }: NamedDatabase,
  issues: PoolConfigIssue[],
): PoolValues {
  function urlSetting<const O extends Option>(option: O): OptionValue<O> | undefined {
    const inUrl =
      option.parameter === undefined || url === undefined ? undefined : parameterOf(url, option.parameter)
    return inUrl === undefined
      ? undefined
      : optionValue(option, `${option.parameter} in ${urlName}`, inUrl, issues)
  }

  /** Both are read, so that an invalid one is reported even where the other takes precedence. */
  function variableOr<const O extends Option>(option: O, fromUrl: OptionValue<O> | undefined) {
    const variable = setVariable(env, option, database)
    return variable === undefined ? fromUrl : variableValue(option, variable, nonEmpty(env, variable), issues)
  }

  const setting = <const O extends Option>(option: O) => variableOr(option, urlSetting(option))
  const urlLimit = urlSetting(OPTIONS.connectionLimit)
  const size = variableOr(OPTIONS.connectionLimit, urlLimit)
  const autoSize = { maxSize: setting(OPTIONS.maxSize), budget: setting(OPTIONS.budget) }
  const ownPoolTimeout = setting(OPTIONS.poolTimeout)
  const connectTimeout = setting(OPTIONS.connectTimeout) ?? defaultConnectTimeout(ownPoolTimeout)
  const poolTimeout = ownPoolTimeout ?? defaultPoolTimeout(connectTimeout)
  const own = poolOnlyNumbers((name) => setting(POOL_ONLY[name]))
  // `application_name=` in the URL leaves the connection unnamed, as no parameter at all does.
  const applicationName = setting(OPTIONS.applicationName) || undefined
  const fleet = {
    maxConnections: setting(OPTIONS.maxConnections),
    apiInstances: setting(OPTIONS.apiInstances),
    concurrentJobs: setting(OPTIONS.concurrentJobs),
    reserved: setting(OPTIONS.reservedConnections) ?? OPTIONS.reservedConnections.default,
  }
  checkFleetIsWhole(env, database, issues)
  const { reserved } = fleet
  const auto = size === "auto" ? { ...autoSize, reserved } : undefined
  const { connectionLimit, warnings } =
    size === "auto"
      ? {
          connectionLimit: autoBounds(urlLimit ?? OPTIONS.connectionLimit.default, autoSize).cap,
          warnings: [],
        }
      : resolveConnectionLimit(size, fleet, sizeVariable(database))
  return {
    connectionLimit,
    poolTimeout,
    connectTimeout,
    ...own,
    applicationName,
    auto,
    warnings: [...warnings, ...sizeWarnings(env, database, auto !== undefined)],
  }
}

/** The options of the fleet. The formula needs all of them. */
const FLEET = [OPTIONS.maxConnections, OPTIONS.apiInstances, OPTIONS.concurrentJobs]

function checkFleetIsWhole(env: Environment, database: DatabaseName, issues: PoolConfigIssue[]): void {
  const names = FLEET.map((option) => {
    const set = setVariable(env, option, database)
    return { name: set ?? option.variable, isSet: set !== undefined }
  })
  const missing = names.filter(({ isSet }) => !isSet)
  if (missing.length === 0 || missing.length === names.length) return
  const given = names.filter(({ isSet }) => isSet).map(({ name }) => name)
  for (const { name } of missing) {
    issues.push({
      name,
      problem: `is not set, but ${given.join(" and ")} is`,
      remedy: `Set all of ${names.map((each) => each.name).join(", ")}, or none`,
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
  sizeName: string,
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
  // When the formula finds no size that fits, one connection each is assumed. A given size does not apply to jobs: each has its own.
  const [pools, total] =
    size === undefined && bySlots < 1
      ? [`(${apiInstances} API instances + ${concurrentJobs} jobs)`, apiInstances + concurrentJobs + reserved]
      : [`${apiInstances} API instances`, connectionLimit * apiInstances + reserved]
  if (total <= maxConnections) return { connectionLimit, warnings: [] }
  const sum = `${connectionLimit} × ${pools} + ${reserved} reserved = ${total} connections`
  const remedy =
    bySlots < 1
      ? "Run fewer instances, raise max_connections, or put PgBouncer in between"
      : `Lower ${sizeName} to ${bySlots}, or run fewer instances`
  const warning = `${sum}, more than the server's ${maxConnections}: it will refuse connections ("remaining connection slots are reserved"). ${remedy}.`
  return { connectionLimit, warnings: [warning] }
}

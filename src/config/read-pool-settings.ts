import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { connectionLimitBySlots } from "../sizing/connection-limit.ts"
import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import type { Option } from "./option.ts"
import { type OptionValue, optionValue } from "./option-value.ts"
import { defaultPoolTimeout, OPTIONS, URL_SHAPE } from "./options.ts"
import { parseDatabaseUrl } from "./parse-database-url.ts"
import { redactUrl } from "./redact-url.ts"

/** Where settings are read from: `process.env`, or any object of the same shape. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says of the Core pool, validated. Durations are in seconds. */
export interface PoolSettings {
  /** `DATABASE_URL_CORE`, byte for byte. `util.inspect` and the console show it without its password. */
  readonly url: string
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

/**
 * Reads and validates the settings of the Core pool.
 *
 * A setting is its variable, else the parameter of `DATABASE_URL_CORE`, else the default. The pool size is the
 * first that is present of `PRISMA_POOL_SIZE_CORE`, `connection_limit` in the URL, the formula by slots on
 * `PRISMA_MAX_CONNECTIONS`, `PRISMA_API_INSTANCES` and `PRISMA_CONCURRENT_JOBS` (see
 * {@link connectionLimitBySlots}), and 15. An empty variable is unset. The variables, their ranges and what 0
 * means: the README's environment table.
 *
 * @param env default `process.env`
 * @throws {PoolConfigError} naming every variable and parameter that is wrong, all at once
 * @example
 * ```ts
 * readPoolSettings({ DATABASE_URL_CORE: "postgresql://app@db/core?pool_timeout=5", PRISMA_POOL_SIZE_CORE: "30" })
 * // { url: "postgresql://app@db/core?pool_timeout=5", connectionLimit: 30, poolTimeout: 5, connectTimeout: 10, … }
 * ```
 */
export function readPoolSettings(env: Environment = process.env): PoolSettings {
  const { settings, issues } = tryPoolSettings(env)
  if (settings === undefined) throw new PoolConfigError(issues)
  return settings
}

/** The same without throwing: settings, or the issues that stand against them. */
export function tryPoolSettings(env: Environment): {
  readonly settings: PoolSettings | undefined
  readonly issues: readonly PoolConfigIssue[]
} {
  const unreadable = environmentIssues(env)
  if (unreadable.length > 0) return { settings: undefined, issues: unreadable }
  const issues: PoolConfigIssue[] = []
  const url = databaseUrl(env, issues)

  function setting<const O extends Option>(option: O): OptionValue<O> | undefined {
    const inUrl =
      option.parameter === undefined || url === undefined ? undefined : parameterOf(url, option.parameter)
    // Both are read, so that a wrong one is reported even where the other one counts.
    const fromUrl =
      inUrl === undefined
        ? undefined
        : optionValue(option, `${option.parameter} in ${OPTIONS.url.variable}`, inUrl, issues)
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

  if (issues.length > 0 || url === undefined) return { settings: undefined, issues }
  const { connectionLimit, warnings } = resolveConnectionLimit(size, fleet)
  const settings: PoolSettings = {
    url: env[OPTIONS.url.variable] as string,
    connectionLimit,
    poolTimeout,
    connectTimeout,
    applicationName,
    warnings,
  }
  return { settings: inspectable(settings), issues }
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

function databaseUrl(env: Environment, issues: PoolConfigIssue[]): DatabaseUrl | undefined {
  const name = OPTIONS.url.variable
  const value = nonEmpty(env, name)
  if (value !== undefined) return parseDatabaseUrl(value, name, issues)
  issues.push(missingUrl(name))
  return undefined
}

/** For callers without TypeScript. */
export function environmentIssues(env: unknown): PoolConfigIssue[] {
  if (typeof env === "object" && env !== null) return []
  const remedy = "Pass process.env or an object of the same shape"
  return [{ name: "env", problem: "is not an object", remedy }]
}

/** The one problem that may go away by itself, when dotenv or the platform sets the variable later. */
export function missingUrl(name: string): PoolConfigIssue {
  return {
    name,
    problem: "is not set",
    remedy: `Set it to ${URL_SHAPE}; with a .env file, import "dotenv/config" first`,
  }
}

/** A variable's value; an empty one is unset. */
export function nonEmpty(env: Environment, variable: string): unknown {
  const value: unknown = env[variable]
  return value === "" ? undefined : value
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

/** Settings end up in logs, and no log may print the password: `console.dir` asks no object how to show itself. */
function inspectable(settings: PoolSettings): PoolSettings {
  const { url } = settings
  return Object.defineProperties(settings, {
    url: { get: () => url, enumerable: true },
    [Symbol.for("nodejs.util.inspect.custom")]: { value: () => ({ ...settings, url: redactUrl(url) }) },
  })
}

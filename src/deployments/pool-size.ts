import { parameterOf } from "../config/database-url.ts"
import {
  CORE,
  type DatabaseName,
  databaseOf,
  sizeVariable,
  variablesOf,
} from "../config/database-variables.ts"
import type { Option } from "../config/option.ts"
import { OPTIONS } from "../config/options.ts"
import { namedProblems, type ParsedUrl } from "../config/parse-database-url.ts"
import { checkMinIdle } from "../config/pool-only-values.ts"
import { readPoolValues } from "../config/settings.ts"
import type { PoolConfigIssue } from "../error.ts"
import type { ResourceEnvironment } from "./environment.ts"
import type { ParseUrl } from "./plan-urls.ts"

/** The pool size that the client will read from a container's environment. */
export type PoolSize = {
  /** The seconds of `pool_timeout`, 0 for no limit; undefined if they cannot be seen. */
  readonly poolTimeout?: number | undefined
} & (
  | { readonly size: number }
  | { readonly auto: AutoPoolSize }
  /** The variable that decides, and the reason why it cannot be seen. */
  | { readonly decidedBy: string; readonly reason: string }
  /** The reasons why the client will refuse to start. */
  | { readonly issues: readonly PoolConfigIssue[] }
)

/** A pool size of `auto`, with what else the environment says of it. */
export interface AutoPoolSize {
  /** What the pools of all instances may hold together; undefined if that cannot be seen. */
  readonly budget: number | undefined
  /** The variable that is `auto`. */
  readonly sizeVariable: string
  /** The variable that sets the budget. */
  readonly variable: string
  /** The reason why the budget cannot be seen. */
  readonly reason: string
  /** The most that one process may hold, if its URL has no other limit. */
  readonly cap: number
  /** True if the URL leads to a pooler, where the size cannot follow the instances. */
  readonly isPooled: boolean
}

/** The database of a variable's URL. A variable of another name counts as Core's. */
const databaseBy = (key: string): DatabaseName => {
  const found = databaseOf(key)
  return found === undefined ? CORE : found.database
}

/** The variable that sets the size of the pool whose URL is in `key`. */
export const sizeVariableBy = (key: string): string => sizeVariable(databaseBy(key))

/** The variable that sets the budget which such a pool shares, where its size is `auto`. */
export const budgetVariableBy = (key: string): string => namesOf([OPTIONS.budget], key)[0] ?? ""

const FLEET = [
  OPTIONS.maxConnections,
  OPTIONS.apiInstances,
  OPTIONS.concurrentJobs,
  OPTIONS.reservedConnections,
]

const namesOf = (options: readonly Option[], key: string): readonly string[] =>
  options.flatMap((option) => variablesOf(option, databaseBy(key)))

/** All variables that can decide the size of a pool, except for the URL. */
export const poolVariables = (key: string): readonly string[] =>
  namesOf([OPTIONS.connectionLimit, ...FLEET], key)

const OWN = Object.values<Option>(OPTIONS).filter(
  (option) => option.variable !== undefined && option !== OPTIONS.url,
)

/** All variables that the client reads, except for the URL. */
export const clientVariables = (key: string): readonly string[] => namesOf(OWN, key)

/** Returns a function that computes a container's pool size, once for equal environments. */
export function poolSizes(parseUrl: ParseUrl): (variables: ResourceEnvironment, key: string) => PoolSize {
  const known = new Map<string, PoolSize>()
  return (variables, key) => {
    const read = [key, ...clientVariables(key)].map((name) => [
      variables.values.get(name),
      variables.hidden.get(name),
    ])
    const fingerprint = JSON.stringify([key, variables.mayHaveMore, read])
    const size = known.get(fingerprint) ?? poolSizeOf(variables, key, parseUrl)
    known.set(fingerprint, size)
    return size
  }
}

/**
 * Computes the pool size of a container with the function that the client itself runs, so that the two cannot differ.
 *
 * @param key the variable that holds the URL of this pool's database
 */
function poolSizeOf(
  { values, hidden, mayHaveMore }: ResourceEnvironment,
  key: string,
  parseUrl: ParseUrl,
): PoolSize {
  const whyHidden = (name: string) => hidden.get(name) ?? (values.has(name) ? undefined : mayHaveMore)
  const fleet = namesOf(FLEET, key)
  const undecided = fleet.find((name) => whyHidden(name) !== undefined)
  const env = Object.fromEntries(values)
  // Only some of the fleet's variables would be refused, and none of them counts if the size is explicit.
  if (undecided !== undefined) for (const name of fleet) delete env[name]
  const text = values.get(key)
  const { url, problems } = text ? parseUrl(text) : UNSEEN
  const issues = namedProblems(problems, key)
  const named = { database: databaseBy(key), url: key }
  const read = readPoolValues(env, url, named, issues)
  const { connectionLimit: size, auto } = read
  if (issues.length > 0) return { issues: issues.map(withoutValue) }
  const minIdle = namesOf([OPTIONS.minIdle], key).find((name) => env[name] || whyHidden(name))
  if (minIdle !== undefined && whyHidden(minIdle) === undefined) checkMinIdle(read, minIdle, issues)
  const poolTimeout = timeoutIn(read, key, env, whyHidden)
  const sized = (known: PoolSize): PoolSize =>
    issues.length > 0 ? { issues: issues.map(withoutValue) } : { ...known, poolTimeout }

  for (const name of variablesOf(OPTIONS.connectionLimit, databaseBy(key))) {
    const unstated = whyHidden(name)
    if (unstated !== undefined) return { decidedBy: name, reason: unstated, poolTimeout }
    if (env[name] && auto !== undefined) {
      const isPooled = url !== undefined && parameterOf(url, OPTIONS.pgbouncer.parameter) === "true"
      return sized({ auto: { ...budgetIn(key, env, whyHidden), sizeVariable: name, cap: size, isPooled } })
    }
    if (env[name]) return sized({ size })
  }
  const urlReason = whyHidden(key)
  if (urlReason !== undefined) return { decidedBy: key, reason: urlReason, poolTimeout }
  const statesLimit = url && parameterOf(url, OPTIONS.connectionLimit.parameter) !== undefined
  if (undecided !== undefined && !statesLimit) {
    return { decidedBy: undecided, reason: whyHidden(undecided) ?? "", poolTimeout }
  }
  return sized({ size })
}

/** Returns the timeout of a pool, unless what is hidden may set it. Its default depends on `connect_timeout`. */
function timeoutIn(
  { poolTimeout }: { readonly poolTimeout: number },
  key: string,
  env: Readonly<Record<string, string>>,
  whyHidden: (name: string) => string | undefined,
): number | undefined {
  for (const name of namesOf([OPTIONS.poolTimeout], key)) {
    if (whyHidden(name) !== undefined) return undefined
    if (env[name]) return poolTimeout
  }
  const others = [key, ...namesOf([OPTIONS.connectTimeout], key)]
  return others.some((name) => whyHidden(name) !== undefined) ? undefined : poolTimeout
}

/** Reads the budget of a pool whose size is `auto`. */
function budgetIn(
  key: string,
  env: Readonly<Record<string, string>>,
  whyHidden: (name: string) => string | undefined,
): Pick<AutoPoolSize, "budget" | "variable" | "reason"> {
  const variables = namesOf([OPTIONS.budget], key)
  const [variable = ""] = variables
  for (const name of variables) {
    const reason = whyHidden(name)
    if (reason !== undefined) return { budget: undefined, variable: name, reason }
    // Its value is valid: the client's own function has read it.
    if (env[name]) return { budget: Number(env[name]), variable: name, reason: "" }
  }
  return { budget: undefined, variable, reason: "not set" }
}

/** A URL that cannot be seen may be any URL. The settings that do not depend on it are still read. */
const UNSEEN: ParsedUrl = { url: undefined, problems: [] }

/** Removes the received value: a plan holds secrets, and a string in place of a number may be one. */
const withoutValue = (issue: PoolConfigIssue): PoolConfigIssue =>
  issue.problem.startsWith("received") ? { ...issue, problem: "has a value that the client refuses" } : issue

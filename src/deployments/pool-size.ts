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
import { readPoolValues } from "../config/settings.ts"
import type { PoolConfigIssue } from "../error.ts"
import type { ResourceEnvironment } from "./environment.ts"
import type { ParseUrl } from "./plan-urls.ts"

/** What the client will make of a container's environment. */
export type PoolSize =
  | { readonly size: number }
  /** The variable that decides, and why it cannot be seen. */
  | { readonly decidedBy: string; readonly reason: string }
  /** Why the client will refuse to start. */
  | { readonly issues: readonly PoolConfigIssue[] }

/** The database whose pool a variable's URL is for; a variable of another name is taken for Core's. */
const databaseBy = (key: string): DatabaseName => {
  const found = databaseOf(key)
  return found === undefined ? CORE : found.database
}

/** The variable that sets the size of the pool whose URL another one holds. */
export const sizeVariableBy = (key: string): string => sizeVariable(databaseBy(key))

const FLEET = [
  OPTIONS.maxConnections,
  OPTIONS.apiInstances,
  OPTIONS.concurrentJobs,
  OPTIONS.reservedConnections,
]

const namesOf = (options: readonly Option[], key: string): readonly string[] =>
  options.flatMap((option) => variablesOf(option, databaseBy(key)))

/** All that the size of a pool can follow from, beside the URL. */
export const poolVariables = (key: string): readonly string[] =>
  namesOf([OPTIONS.connectionLimit, ...FLEET], key)

const OWN = Object.values<Option>(OPTIONS).filter(
  (option) => option.variable !== undefined && option !== OPTIONS.url,
)

/** What the client reads of its environment, beside the URL. */
export const clientVariables = (key: string): readonly string[] => namesOf(OWN, key)

/** A function that tells the pool size of a container, and does not ask the client twice of what is alike. */
export function poolSizes(parseUrl: ParseUrl): (variables: ResourceEnvironment, key: string) => PoolSize {
  const known = new Map<string, PoolSize>()
  return (variables, key) => {
    const read = [key, ...clientVariables(key)].map((name) => [
      variables.values.get(name),
      variables.hidden.get(name),
    ])
    const likeness = JSON.stringify([key, variables.mayHaveMore, read])
    const size = known.get(likeness) ?? poolSizeOf(variables, key, parseUrl)
    known.set(likeness, size)
    return size
  }
}

/**
 * The pool size of a container, by the function that the client itself runs, so that the two cannot differ.
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
  // Half of the fleet's variables would be refused, and they do not count where the size is stated.
  if (undecided !== undefined) for (const name of fleet) delete env[name]
  const text = values.get(key)
  const { url, problems } = text ? parseUrl(text) : UNSEEN
  const issues = namedProblems(problems, key)
  const { connectionLimit: size } = readPoolValues(env, url, { database: databaseBy(key), url: key }, issues)
  if (issues.length > 0) return { issues: issues.map(withoutValue) }

  for (const name of variablesOf(OPTIONS.connectionLimit, databaseBy(key))) {
    const unstated = whyHidden(name)
    if (unstated !== undefined) return { decidedBy: name, reason: unstated }
    if (env[name]) return { size }
  }
  const urlReason = whyHidden(key)
  if (urlReason !== undefined) return { decidedBy: key, reason: urlReason }
  const statesLimit = url && parameterOf(url, OPTIONS.connectionLimit.parameter) !== undefined
  if (undecided !== undefined && !statesLimit) {
    return { decidedBy: undecided, reason: whyHidden(undecided) ?? "" }
  }
  return { size }
}

/** A URL that cannot be seen may be any: the settings that do not depend on it are read all the same. */
const UNSEEN: ParsedUrl = { url: undefined, problems: [] }

/** A plan holds secrets, and whatever stands where a number belongs may be one. */
const withoutValue = (issue: PoolConfigIssue): PoolConfigIssue =>
  issue.problem.startsWith("received") ? { ...issue, problem: "has a value that the client refuses" } : issue

import { parameterOf } from "../config/database-url.ts"
import { OPTIONS } from "../config/options.ts"
import { parseDatabaseUrl } from "../config/parse-database-url.ts"
import { trySettings } from "../config/settings.ts"
import type { PoolConfigIssue } from "../error.ts"
import type { ResourceEnvironment } from "./environment.ts"

/** What the client will make of a container's environment. */
export type PoolSize =
  | { readonly size: number }
  /** The variable that decides, and why it cannot be seen. */
  | { readonly decidedBy: string; readonly reason: string }
  /** Why the client will refuse to start. */
  | { readonly issues: readonly PoolConfigIssue[] }

const SIZE = OPTIONS.connectionLimit.variable

/** In place of a URL that cannot be seen, for the settings that do not depend on it. */
const UNSEEN_URL = "postgresql://unseen.invalid/unseen"

/** All that the size of a pool can follow from, beside the URL. */
export const POOL_VARIABLES: readonly string[] = [
  OPTIONS.connectionLimit,
  OPTIONS.maxConnections,
  OPTIONS.apiInstances,
  OPTIONS.concurrentJobs,
  OPTIONS.reservedConnections,
].map(({ variable }) => variable)

const FLEET = POOL_VARIABLES.filter((name) => name !== SIZE)

/** What the client reads of its environment, beside the URL. */
export const CLIENT_VARIABLES: readonly string[] = Object.values(OPTIONS).flatMap((option) =>
  "variable" in option && option.variable !== OPTIONS.url.variable ? [option.variable] : [],
)

/** A function that tells the pool size of a container, and does not ask the client twice of what is alike. */
export function poolSizes(): (variables: ResourceEnvironment, key: string) => PoolSize {
  const known = new Map<string, PoolSize>()
  return (variables, key) => {
    const read = [key, ...CLIENT_VARIABLES].map((name) => [
      variables.values.get(name),
      variables.hidden.get(name),
    ])
    const likeness = JSON.stringify([key, variables.mayHaveMore, read])
    const size = known.get(likeness) ?? poolSizeOf(variables, key)
    known.set(likeness, size)
    return size
  }
}

/**
 * The pool size of a container, by the function that the client itself runs, so that the two cannot differ.
 *
 * @param key the variable that holds the URL of this pool's database
 */
function poolSizeOf({ values, hidden, mayHaveMore }: ResourceEnvironment, key: string): PoolSize {
  const whyHidden = (name: string) => hidden.get(name) ?? (values.has(name) ? undefined : mayHaveMore)
  const undecided = FLEET.find((name) => whyHidden(name) !== undefined)
  const url = values.get(key)
  const env = Object.fromEntries(values)
  // Half of the fleet's variables would be refused, and they do not count where the size is stated.
  if (undecided !== undefined) for (const name of FLEET) delete env[name]
  const { settings, issues } = trySettings({ ...env, [OPTIONS.url.variable]: url || UNSEEN_URL })
  if (settings === undefined) return { issues: issues.map((issue) => withoutValue(issue, key)) }

  const unstated = whyHidden(SIZE)
  if (unstated !== undefined) return { decidedBy: SIZE, reason: unstated }
  if (env[SIZE]) return { size: settings.connectionLimit }
  const urlReason = whyHidden(key)
  if (urlReason !== undefined) return { decidedBy: key, reason: urlReason }
  if (undecided !== undefined && !statesLimit(url)) {
    return { decidedBy: undecided, reason: whyHidden(undecided) ?? "" }
  }
  return { size: settings.connectionLimit }
}

function statesLimit(url: string | undefined): boolean {
  const parsed = parseDatabaseUrl(url, "", [])
  return parsed !== undefined && parameterOf(parsed, OPTIONS.connectionLimit.parameter) !== undefined
}

/** A plan holds secrets, and whatever stands where a number belongs may be one. */
function withoutValue({ name, problem, remedy }: PoolConfigIssue, key: string): PoolConfigIssue {
  return {
    name: name.replace(OPTIONS.url.variable, key),
    problem: problem.startsWith("received") ? "has a value that the client refuses" : problem,
    remedy,
  }
}

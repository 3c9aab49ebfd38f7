import type { PoolConfigIssue } from "../error.ts"
import { CORE, type DatabaseName, urlVariable } from "./database-variables.ts"
import { URL_SHAPE } from "./options.ts"

/** The source of settings: `process.env`, or any object of the same shape. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Rejects an `env` that is not an object, for callers without TypeScript. */
export function environmentIssues(env: unknown): PoolConfigIssue[] {
  if (typeof env === "object" && env !== null) return []
  const remedy = "Pass process.env or an object of the same shape"
  return [{ name: "env", problem: "is not an object", remedy }]
}

/** The caller to whom a missing variable is reported: the user's code, or the command. */
export type Place = "code" | "command"

/** The issue of a missing URL: the one problem that can go away by itself, when dotenv or the platform sets the variable later. */
export function missingUrl(name: string, env: Environment = {}, place: Place = "code"): PoolConfigIssue {
  const near = Object.keys(env).filter((other) => URL_NAME.test(other) && nonEmpty(env, other))
  const [first] = near
  if (first === undefined) {
    const file = place === "code" ? 'import "dotenv/config" first' : "give --env-file .env"
    return { name, problem: "is not set", remedy: `Set it to ${URL_SHAPE}; with a .env file, ${file}` }
  }
  const use = place === "code" ? `Use ${clientOf(first)} for it` : `Give --connect ${first}`
  return {
    name,
    problem: `is not set, and ${near.slice(0, SHOWN).join(", ")} is`,
    remedy: `${use}, or rename it`,
  }
}

/** The most variables with similar names that a message lists. */
const SHOWN = 3

const URL_NAME = /^DATABASE_URL(_[A-Z0-9_]+)?$/

/** The function that reads the URL of a variable. */
function clientOf(variable: string): string {
  const database = variable.slice("DATABASE_URL_".length)
  if (database === "CORE") return "createCoreClient"
  if (database === "ANALYTICS") return "createAnalyticsClient"
  return database === "" ? "createPrismaClient" : `createPrismaClient with database: "${database}"`
}

/** A variable's value; an empty one counts as unset. */
export function nonEmpty(env: Environment, variable: string): unknown {
  const value: unknown = env[variable]
  return value === "" ? undefined : value
}

/** The database to use when none is given: Core, if its URL is set. */
export function defaultDatabase(env: Environment): DatabaseName {
  if (environmentIssues(env).length > 0) return CORE
  const has = (name: DatabaseName) => nonEmpty(env, urlVariable(name)) !== undefined
  return !has(CORE) && has(undefined) ? undefined : CORE
}

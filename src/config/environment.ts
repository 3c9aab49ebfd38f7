import type { PoolConfigIssue } from "../error.ts"
import { URL_SHAPE } from "./options.ts"

/** Where settings are read from: `process.env`, or any object of the same shape. */
export type Environment = Readonly<Record<string, string | undefined>>

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

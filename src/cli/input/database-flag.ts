import { urlVariable } from "../../config/database-variables.ts"
import { type Flag, FlagError } from "./flag.ts"

const ALL = urlVariable(undefined)

/** The flag that selects a database by the suffix of its variables. */
export const databaseFlag = (description: string, read: NonNullable<Flag["read"]>): Flag => ({
  usage: "--database <name>",
  description: `${description}: the suffix of its variables (CORE, BILLING), or ${ALL}`,
  read,
})

/** Returns the variable that holds the URL of a database, by the database's name. */
export function variableOf(name: string): string {
  if (name === ALL || name.startsWith(`${ALL}_`)) return name
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return urlVariable(name)
  throw new FlagError(`Give a suffix, such as CORE for ${urlVariable("CORE")}, or ${ALL}.`)
}

/** Reads a flag that may be repeated. */
export const variablesListed = (name: string, before: readonly string[] = []): readonly string[] => [
  ...new Set([...before, variableOf(name)]),
]

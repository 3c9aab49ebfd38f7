import { OPTIONS } from "../../config/options.ts"
import { type PoolConfigIssue, shown } from "../../error.ts"
import {
  MOST,
  MOST_IN_INSTANCE,
  maxConnectionsRule,
  type WholeNumber,
  wholeNumber,
} from "../../validation/numbers.ts"
import { plainObject, refuseUnknown } from "../../validation/object-reader.ts"
import { JOB_FIELDS, POOL_FIELDS, SERVICE_FIELDS } from "../override.ts"
import type { TerraformOptions } from "./fleet-from-terraform.ts"

const KNOWN = ["keys", "maxConnections", "server", "exclude", "override"]

/** What the sums here need of an override; the times and bounds of jobs are for `maxConcurrentRuns` to check. */
const NUMBERS: readonly [field: string, rule: WholeNumber][] = [
  ["instances", { meaning: "the most instances", min: 0, max: MOST }],
  ["surge", { meaning: "the extra instances while a deploy rolls", min: 0, max: MOST }],
  ["poolSize", { meaning: "the connections in each pool", min: 1, max: MOST_IN_INSTANCE }],
  ["poolsPerInstance", { meaning: "the pools to this server", min: 1, max: MOST_IN_INSTANCE }],
]

/** For callers without TypeScript; what is wrong with the options becomes issues. */
export function readOptions(
  options: TerraformOptions,
  issues: PoolConfigIssue[],
): TerraformOptions & { readonly keys: readonly string[] } {
  const fields = plainObject(options, "options", issues)
  if (fields === undefined) return { keys: [] }
  refuseUnknown(fields, KNOWN, issues, "options.")
  const { keys = [OPTIONS.url.variable], maxConnections, server, exclude, override } = options
  const isVariable = (key: unknown) => typeof key === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isVariable)) {
    const remedy = "Give a list of the variables that hold the database's URL, or leave it out"
    issues.push({ name: "keys", problem: `received ${shown(keys)}`, remedy })
  }
  if (maxConnections !== undefined) wholeNumber(maxConnections, "maxConnections", maxConnectionsRule, issues)
  if (server !== undefined && (typeof server !== "string" || server === "")) {
    issues.push({ name: "server", problem: `received ${shown(server)}`, remedy: "Give the server's address" })
  }
  for (const [address, reason] of entriesOf(exclude, "exclude", issues)) {
    readReason(reason, `exclude.${address}`, issues)
  }
  for (const [address, value] of entriesOf(override, "override", issues)) {
    readOverride(value, `override.${address}`, issues)
  }
  return { ...options, keys: Array.isArray(keys) ? [...new Set(keys)] : [] }
}

const entriesOf = (table: unknown, name: string, issues: PoolConfigIssue[]) =>
  table === undefined ? [] : (plainObject(table, name, issues)?.entries() ?? [])

function readOverride(value: unknown, name: string, issues: PoolConfigIssue[]): void {
  const fields = plainObject(value, name, issues)
  if (fields === undefined) return
  refuseUnknown(fields, ["reason", ...POOL_FIELDS, ...SERVICE_FIELDS, ...JOB_FIELDS], issues, `${name}.`)
  readReason(fields.get("reason"), `${name}.reason`, issues)
  for (const [field, rule] of NUMBERS) {
    const number = fields.get(field)
    if (number !== undefined) wholeNumber(number, `${name}.${field}`, rule, issues)
  }
}

function readReason(reason: unknown, name: string, issues: PoolConfigIssue[]): void {
  if (typeof reason === "string" && reason.trim() !== "") return
  const problem = reason === undefined ? "missing" : `received ${shown(reason)}`
  issues.push({ name, problem, remedy: "Say why, in a text: it is shown with the verdict" })
}

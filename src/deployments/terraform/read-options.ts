import { CORE, urlVariable } from "../../config/database-variables.ts"
import { describeValue, type PoolConfigIssue } from "../../error.ts"
import { readSchedule } from "../../schedule/read-schedule.ts"
import {
  type IntegerRule,
  MAX_COUNT,
  MAX_POOL_SIZE,
  maxConnectionsRule,
  readInteger,
} from "../../validation/numbers.ts"
import { readObject, rejectUnknownFields } from "../../validation/object-reader.ts"
import { DEPLOY_FIELDS, JOB_FIELDS, type Override, POOL_FIELDS, SERVICE_FIELDS } from "../override.ts"

/** How to read a plan. */
export interface TerraformOptions {
  /**
   * The variables that hold the database's URL. By default `DATABASE_URL_CORE` where anything in the plans has it, else
   * `DATABASE_URL`.
   */
  readonly keys?: readonly string[]
  /** The server's ceiling, where it is known from elsewhere: it counts before what the plan says. */
  readonly maxConnections?: number
  /** The address of the PostgreSQL server, where the plans have several. */
  readonly server?: string
  /** Other names and addresses of that server: private DNS, a proxy in front of it. */
  readonly hosts?: readonly string[]
  /**
   * Resources that do not connect, by address, each with the reason. An address without its last index is for all of
   * the resource's instances. Where there are several plans, an address with the plan's name before it
   * (`plans[0]: scaleway_container.api`) is for that plan, and one without is for all.
   */
  readonly exclude?: Readonly<Record<string, string>>
  /** What counts in place of what a resource says, by address as in `exclude`, each with a reason. */
  readonly override?: Readonly<Record<string, Override>>
}

const KNOWN = ["keys", "maxConnections", "server", "hosts", "exclude", "override"]

export const startedByDeployRule: IntegerRule = {
  description: "the runs of a job that a deploy starts; by default those that the actions of the plan start",
  min: 0,
  max: MAX_COUNT,
}

/** What the sums here need of an override; the times and bounds of jobs are for `maxConcurrentRuns` to check. */
const NUMBERS: readonly [field: string, rule: IntegerRule][] = [
  ["instances", { description: "the most instances", min: 0, max: MAX_COUNT }],
  ["surge", { description: "the extra instances while a deploy rolls", min: 0, max: MAX_COUNT }],
  ["poolSize", { description: "the connections in each pool", min: 1, max: MAX_POOL_SIZE }],
  ["startedByDeploy", startedByDeployRule],
  ["poolsPerInstance", { description: "the pools to this server", min: 1, max: MAX_POOL_SIZE }],
]

/** For callers without TypeScript; what is wrong with the options becomes issues. */
export function readOptions(
  options: TerraformOptions,
  issues: PoolConfigIssue[],
): TerraformOptions & { readonly keys: readonly string[] } {
  const fields = readObject(options, "options", issues)
  if (fields === undefined) return { keys: [] }
  rejectUnknownFields(fields, KNOWN, issues, "options.")
  const { keys = [urlVariable(CORE)], maxConnections, server, hosts, exclude, override } = options
  const isVariable = (key: unknown) => typeof key === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isVariable)) {
    const remedy = "Give a list of the variables that hold the database's URL, or leave it out"
    issues.push({ name: "keys", problem: `received ${describeValue(keys)}`, remedy })
  }
  if (maxConnections !== undefined) readInteger(maxConnections, "maxConnections", maxConnectionsRule, issues)
  if (server !== undefined && (typeof server !== "string" || server === "")) {
    issues.push({
      name: "server",
      problem: `received ${describeValue(server)}`,
      remedy: "Give the server's address",
    })
  }
  const isHost = (host: unknown) => typeof host === "string" && HOST.test(host)
  if (hosts !== undefined && (!Array.isArray(hosts) || !hosts.every(isHost))) {
    const remedy = "Give a list of names and addresses, without a port"
    issues.push({ name: "hosts", problem: `received ${describeValue(hosts)}`, remedy })
  }
  for (const [address, reason] of entriesOf(exclude, "exclude", issues)) {
    readReason(reason, `exclude.${address}`, issues)
  }
  for (const [address, value] of entriesOf(override, "override", issues)) {
    readOverride(value, `override.${address}`, issues)
  }
  return { ...options, keys: Array.isArray(keys) ? [...new Set(keys)] : [] }
}

/** A name, an address of version 4, or one of version 6. */
const HOST = /^(?:[^\s/@:]+|\[?[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*\]?)$/i

const entriesOf = (table: unknown, name: string, issues: PoolConfigIssue[]) =>
  table === undefined ? [] : (readObject(table, name, issues)?.entries() ?? [])

function readOverride(value: unknown, name: string, issues: PoolConfigIssue[]): void {
  const fields = readObject(value, name, issues)
  if (fields === undefined) return
  rejectUnknownFields(
    fields,
    ["reason", ...POOL_FIELDS, ...SERVICE_FIELDS, ...JOB_FIELDS, ...DEPLOY_FIELDS],
    issues,
    `${name}.`,
  )
  readReason(fields.get("reason"), `${name}.reason`, issues)
  readSchedules(fields.get("schedule"), `${name}.schedule`, issues)
  for (const [field, rule] of NUMBERS) {
    const number = fields.get(field)
    if (number !== undefined) readInteger(number, `${name}.${field}`, rule, issues)
  }
}

/** One schedule, or a list of them. */
function readSchedules(value: unknown, name: string, issues: PoolConfigIssue[]): void {
  if (value === undefined) return
  if (Array.isArray(value) && value.length === 0) {
    issues.push({ name, problem: "is an empty list", remedy: "Give a schedule, or leave it out" })
  }
  const schedules = Array.isArray(value)
    ? Array.from(value, (each: unknown, index) => [`${name}[${index}]`, each] as const)
    : [[name, value] as const]
  for (const [place, each] of schedules) {
    const schedule = readSchedule(each)
    if ("problem" in schedule) issues.push({ name: place, ...schedule })
  }
}

function readReason(reason: unknown, name: string, issues: PoolConfigIssue[]): void {
  if (typeof reason === "string" && reason.trim() !== "") return
  const problem = reason === undefined ? "missing" : `received ${describeValue(reason)}`
  issues.push({ name, problem, remedy: "Say why, in a text: it is shown with the verdict" })
}

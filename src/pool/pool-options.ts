import { numberValue } from "../config/option-value.ts"
import { OPTIONS } from "../config/options.ts"
import type { PoolOnlyValues } from "../config/settings.ts"
import type { PoolConfigIssue } from "../error.ts"
import { isPlain, notPlain, ownField, rejectUnknownFields } from "../validation/plain-object.ts"

/** Options of {@link createPool}: the settings that no parameter of a URL sets. */
export interface PoolOptions {
  /**
   * Seconds that callers wait out a server that cannot be reached, or is starting, before they fail at once: what
   * `PRISMA_RECONNECT_TIMEOUT` is to a client. A whole number from 0 to 2,147,483; 0 fails at once. Default: 5.
   */
  readonly reconnectTimeout?: number | undefined
}

/** The rows of the option table that {@link PoolOptions} sets, each under the name that it has there. */
const ROWS = { reconnectTimeout: OPTIONS.reconnectTimeout } as const satisfies Record<
  keyof PoolOptions,
  unknown
>

const NAMES = Object.keys(ROWS) as (keyof PoolOptions)[]

/** Reads the options that are given, by their rows in the option table; each that is wrong adds an issue. */
export function readPoolOptions(options: unknown, issues: PoolConfigIssue[]): Partial<PoolOnlyValues> {
  if (!isPlain(options)) {
    issues.push({ name: "options", ...notPlain(options) })
    return {}
  }
  rejectUnknownFields(options, NAMES, issues)
  const values: { -readonly [Name in keyof PoolOnlyValues]?: PoolOnlyValues[Name] } = {}
  for (const name of NAMES) {
    const given = ownField(options, name)
    const value = given === undefined ? undefined : numberValue(ROWS[name], name, given, issues)
    if (value !== undefined) values[name] = value
  }
  return values
}

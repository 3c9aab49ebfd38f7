import { numberValue } from "../config/option-value.ts"
import { OPTIONS } from "../config/options.ts"
import { POOL_ONLY, type PoolOnlyNumber, type PoolOnlyValues } from "../config/pool-only-values.ts"
import { describeValue, type PoolConfigIssue } from "../error.ts"
import { isPlain, notPlain, ownField, rejectUnknownFields } from "../validation/plain-object.ts"

/** Options of {@link createPool}: the settings that no parameter of a URL sets. */
export interface PoolOptions {
  /**
   * `"auto"` is what `PRISMA_POOL_SIZE=auto` is to a client: the pool holds its share among the living pools of its service
   * on this server, those with the same `application_name`. Without it the size is `connection_limit` of the URL.
   */
  readonly poolSize?: "auto" | undefined
  /** With `poolSize: "auto"`: never more connections than this, 1 to 10,000. Default: `connection_limit` of the URL, else 15. */
  readonly maxSize?: number | undefined
  /**
   * With `poolSize: "auto"`: the connections that all pools of the service may hold together, 1 to 262,143. Default: what the
   * server's limits for the role and the database allow.
   */
  readonly budget?: number | undefined
  /**
   * With `poolSize: "auto"`: slots of the server kept for everything else, the superuser's three included, 0 to 262,143. It
   * counts only where neither the role nor the database has a limit. Default: 10.
   */
  readonly reserved?: number | undefined
  /**
   * Seconds that callers wait out a server that cannot be reached, or is starting, before they fail at once: what
   * `PRISMA_RECONNECT_TIMEOUT` is to a client. A whole number from 0 to 2,147,483; 0 fails at once. Default: 5.
   */
  readonly reconnectTimeout?: number | undefined
  /**
   * Connections kept idle and ready from the first connection on, inside the size: what `PRISMA_POOL_MIN_IDLE` is to a client.
   * A whole number from 0 to the size; 0 keeps none. Default: 0.
   */
  readonly minIdle?: number | undefined
  /**
   * Callers that may wait for a connection at a time, 0 to 1,000,000: what `PRISMA_POOL_MAX_WAITING` is to a client. One more
   * fails at once with `P2024`. 0 sets no limit. Default: 0.
   */
  readonly maxWaiting?: number | undefined
  /**
   * Seconds after which a connection that a caller still holds is reported, 0 to 2,147,483: what `PRISMA_POOL_LEAK_THRESHOLD`
   * is to a client. 0 reports none. Default: 0.
   */
  readonly leakThreshold?: number | undefined
}

/** The rows of the option table by which the numbers of {@link PoolOptions} are read. */
const ROWS = {
  maxSize: OPTIONS.maxSize,
  budget: OPTIONS.budget,
  reserved: OPTIONS.reservedConnections,
  ...POOL_ONLY,
} as const satisfies Record<Exclude<keyof PoolOptions, "poolSize">, unknown>

type NumberName = keyof typeof ROWS

const AUTO_ONLY = ["maxSize", "budget", "reserved"] as const satisfies readonly NumberName[]

/** Reads the options that are given, by their rows in the option table; each that is wrong adds an issue. */
export function readPoolOptions(options: unknown, issues: PoolConfigIssue[]): Partial<PoolOnlyValues> {
  if (!isPlain(options)) {
    issues.push({ name: "options", ...notPlain(options) })
    return {}
  }
  rejectUnknownFields(options, ["poolSize", ...Object.keys(ROWS)], issues)
  const isAuto = readPoolSize(options, issues)
  const number = (name: NumberName): number | undefined => {
    const given = ownField(options, name)
    return given === undefined ? undefined : numberValue(ROWS[name], name, given, issues)
  }
  const [maxSize, budget, reserved = ROWS.reserved.default] = AUTO_ONLY.map(number)
  const others = (Object.keys(POOL_ONLY) as PoolOnlyNumber[]).map((name) => [name, number(name)] as const)
  return {
    ...(isAuto ? { auto: { maxSize, budget, reserved } } : {}),
    ...Object.fromEntries(others.filter(([, value]) => value !== undefined)),
  }
}

/** True if the size is `auto`. What counts only then must not be there without it. */
function readPoolSize(options: object, issues: PoolConfigIssue[]): boolean {
  const size = ownField(options, "poolSize")
  if (size === "auto") return true
  if (size !== undefined) {
    const remedy = 'Use "auto", or leave it out and write a number into the URL as connection_limit'
    issues.push({ name: "poolSize", problem: `received ${describeValue(size)}`, remedy })
    return false
  }
  for (const name of AUTO_ONLY) {
    if (ownField(options, name) === undefined) continue
    issues.push({
      name,
      problem: 'has no effect without poolSize: "auto"',
      remedy: "Give both, or leave it out",
    })
  }
  return false
}

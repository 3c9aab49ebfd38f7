/** One thing that is wrong with the input. */
export interface PoolConfigIssue {
  /** The environment variable, URL parameter, option or dotted path (`consumers.api.instances`) at fault. */
  readonly name: string
  /** What is wrong, with the value received. Never contains a URL or a password. */
  readonly problem: string
  /** What to do about it, with what is allowed; empty where the problem says it. */
  readonly remedy: string
}

/** Shared by every copy of this class: each format of the package has its own. */
const BRAND = Symbol.for("prisma-pool-config.PoolConfigError")

/**
 * What every refusal of bad input throws: all problems at once, each with its remedy.
 *
 * `instanceof` holds between `prisma-pool-config`, its subpaths, and their ESM and CommonJS builds.
 *
 * @example
 * ```ts
 * import { PoolConfigError, readPoolSettings } from "prisma-pool-config/config"
 *
 * try {
 *   readPoolSettings({ PRISMA_POOL_SIZE_CORE: "15abc" })
 * } catch (error) {
 *   if (error instanceof PoolConfigError) for (const issue of error.issues) console.error(issue.name, issue.remedy)
 * }
 * ```
 */
export class PoolConfigError extends Error {
  static {
    // biome-ignore lint/complexity/noThisInStatic: the bundler renames a class that names itself here
    Object.defineProperty(this.prototype, BRAND, { value: true })
    // The bundler renames it all the same, and `util.inspect` shows what it is called.
    // biome-ignore lint/complexity/noThisInStatic: as above
    Object.defineProperty(this, "name", { value: "PoolConfigError" })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && BRAND in value
  }

  override readonly name = "PoolConfigError"
  /** Stable: match on this, not on the message. */
  readonly code = "POOL_CONFIG"
  /** Every problem that was found, in the order of the input. */
  readonly issues: readonly PoolConfigIssue[]

  constructor(issues: readonly PoolConfigIssue[]) {
    super(issues.map(lineOf).join("\n"))
    this.issues = issues
  }
}

/** Names and texts of others are in it, and one problem is one line all the same. */
const lineOf = ({ name, problem, remedy }: PoolConfigIssue) =>
  printable(`${shortened(name, LONGEST_NAME)}: ${problem}.${remedy === "" ? "" : ` ${remedy}.`}`)

/** Longer names are cut for display; as data every name is whole. */
const LONGEST_NAME = 200

/** A name as text shows it: printable, and cut before it becomes a page. */
export const label = (name: string): string => printable(shortened(name, LONGEST_NAME))

/** What would break a line, turn it round or order a terminal about, and what GitHub's runner takes for a command. */
const ORDERS = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]|(?<=^\s*):(?=:)|(?<=#)#(?=\[)/gu

/**
 * Makes one harmless line of a text of others, with the escapes of JSON: in JSON they give back the same text.
 *
 * GitHub's runner reads commands in whatever a step prints: `::` where a line begins, `##[` anywhere.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function printable(text: string): string {
  return text.replace(ORDERS, (order) => `\\u${order.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

/** Cuts a text in its middle: what tells names apart is often at their end. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text
  const end = Math.floor(most / 4)
  return `${text.slice(0, most - end - 1)}…${text.slice(-end)}`
}

/** A received value as an error message shows it: quoted, and cut before it becomes a page. Never a URL. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return value.includes("://") ? "a URL" : JSON.stringify(cut(value))
  if (typeof value === "function") return "a function"
  if (Array.isArray(value)) return "an array"
  if (typeof value === "object" && value !== null) return "an object"
  return cut(String(value))
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** What was passed in the wrong place. A text may be a URL with a password in it, and is not shown. */
export const receivedArgument = (value: unknown) =>
  `received ${typeof value === "string" ? "a text" : describeValue(value)}`

/** Gives Node's AggregateError, which has one error for each address of a host and no text, the texts of all of them. */
export function flattenAggregateError<E>(error: E): E {
  const { errors } = (error ?? {}) as { errors?: unknown }
  if (!(error instanceof Error) || error.message !== "" || !Array.isArray(errors)) return error
  error.message = errors.map((each) => (each as Error).message).join("; ")
  return error
}

/** One thing that is wrong with the input. */
export interface PoolConfigIssue {
  /** The environment variable, URL parameter, option or dotted path (`consumers.api.instances`) at fault. */
  readonly name: string
  /** The problem, with the value received. Never contains a URL or a password. */
  readonly problem: string
  /** The fix, with the values that are allowed; empty where the problem says it. */
  readonly remedy: string
}

/** Shared by every copy of this class: each format of the package has its own. */
const BRAND = Symbol.for("prisma-pool-config.PoolConfigError")

/**
 * Thrown for any bad input: all problems at once, each with its remedy.
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
    // The bundler renames it all the same, and `util.inspect` shows the class name.
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

/** Formats one problem as one line, even where names and values come from outside and contain line breaks. */
const lineOf = ({ name, problem, remedy }: PoolConfigIssue) =>
  printable(`${shortened(name, LONGEST_NAME)}: ${problem}.${remedy === "" ? "" : ` ${remedy}.`}`)

/** Longer names are cut for display only: data keeps the whole name. */
const LONGEST_NAME = 200

/** Formats a name for display: printable, and cut to a readable length. */
export const label = (name: string): string => printable(shortened(name, LONGEST_NAME))

/** Characters that break a line, reverse its direction or control a terminal, and markers that a CI service takes for a command. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]|(?<=^\s*):(?=:)|(?<=#)#(?=\w{0,20}\[)/gu

/**
 * Makes one harmless line of a string from outside, with the escapes of the language that the line is in.
 *
 * CI services read commands in everything that a step prints: GitHub `::` where a line begins and `##[` anywhere, Azure
 * `##vso[`, TeamCity `##teamcity[`.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export const escapeUnsafe = (text: string, escapeOf: (character: string) => string): string =>
  text.replace(UNSAFE, escapeOf)

/** Makes one harmless line of a string from outside. It uses JSON's escapes, which JSON decodes to the same string. */
export const printable = (text: string): string =>
  escapeUnsafe(text, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Cuts the middle out of a string that is too long: names often differ only at their end. */
export function shortened(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const end = Math.floor(maxLength / 4)
  return `${text.slice(0, maxLength - end - 1)}…${text.slice(-end)}`
}

/** Formats a received value for an error message: quoted, and cut to a readable length. Never shows a URL. */
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

/** Describes an argument of the wrong type. A string may be a URL with a password in it, and is not shown. */
export const receivedArgument = (value: unknown) =>
  `received ${typeof value === "string" ? "a string" : describeValue(value)}`

/** The message of Node's AggregateError: it has one error for each address of a host, and no message of its own. */
export const messageOfAll = (errors: readonly unknown[]): string =>
  errors
    .map((each) => (each as Partial<Error> | null)?.message ?? "")
    .filter(Boolean)
    .join("; ")

/** Fills in the message of an AggregateError. */
export function flattenAggregateError<E>(error: E): E {
  const { errors } = (error ?? {}) as { errors?: unknown }
  if (!(error instanceof Error) || error.message !== "" || !Array.isArray(errors)) return error
  error.message = messageOfAll(errors)
  return error
}

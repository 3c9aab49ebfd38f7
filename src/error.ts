/** One thing that is wrong with the input. */
export interface PoolConfigIssue {
  /** The environment variable, URL parameter, option or dotted path (`consumers.api.instances`) at fault. */
  readonly name: string
  /** What is wrong, with the value received. Never contains a URL or a password. */
  readonly problem: string
  /** What to do about it, with what is allowed. */
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
    super(issues.map(({ name, problem, remedy }) => `${name}: ${problem}. ${remedy}.`).join("\n"))
    this.issues = issues
  }
}

/** A received value as an error message shows it: quoted, and cut before it becomes a page. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value))
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

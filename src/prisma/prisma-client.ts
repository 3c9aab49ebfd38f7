import { PoolConfigError, type PoolConfigIssue } from "../error.ts"

/** A level of Prisma's log. */
export type LogLevel = "info" | "query" | "warn" | "error"

/**
 * The options of `PrismaClient`, written out rather than taken from the generated class. TypeScript then keeps the
 * literal types from which it types `$on` and `omit`.
 */
export interface ClientLiterals {
  log?: (LogLevel | { level: LogLevel; emit: "stdout" | "event" })[]
  errorFormat?: "pretty" | "colorless" | "minimal"
  transactionOptions?: {
    maxWait?: number
    timeout?: number
    isolationLevel?: "ReadUncommitted" | "ReadCommitted" | "RepeatableRead" | "Serializable"
  }
  omit?: Record<string, Record<string, boolean> | undefined>
  /** Prisma 7: SQL commenter plugins. */
  // biome-ignore lint/suspicious/noExplicitAny: Prisma 6 has no name for the context
  comments?: ((context: any) => Record<string, string | undefined>)[]
  /** Prisma 7: the number of query plans that are kept. */
  queryPlanCacheMaxSize?: number
}

/** The type of the options when none are given. */
export type NoOptions = Record<never, never>

/**
 * A generated `PrismaClient` class. It is always passed in: Prisma 7 generates it into the application's own source
 * tree, and each database has its own.
 */
// biome-ignore lint/suspicious/noExplicitAny: the generated class types its adapter more narrowly in each version
export type PrismaClientClass<Options, Client> = new (options: Options & { adapter: any }) => Client

/** Options of `PrismaClient` that would bypass the environment, each with its alternative. */
const REFUSED = {
  adapter: "Use coreAdapter() where you construct the client yourself",
  accelerateUrl: "Use Accelerate without this package: Prisma hosts its pool",
  datasources: "Set the database's variable, or pass another value for it in env",
  datasourceUrl: "Set the database's variable, or pass another value for it in env",
} as const

/**
 * Rejects a class that is not one, and options that would bypass the environment.
 *
 * It is for callers without TypeScript. They may have passed a URL, so no value is printed.
 */
export function checkArguments(PrismaClient: unknown, options: unknown): void {
  const issues: PoolConfigIssue[] = []
  if (typeof PrismaClient !== "function") {
    const remedy = "Pass the class that prisma generate made"
    issues.push({ name: "PrismaClient", problem: "is not a class", remedy })
  }
  if (options !== undefined && (typeof options !== "object" || options === null || Array.isArray(options))) {
    issues.push({
      name: "options",
      problem: "is not an object",
      remedy: "Pass an object, or leave it out",
    })
  } else {
    for (const [name, remedy] of Object.entries(REFUSED)) {
      if ((options as Record<string, unknown> | undefined)?.[name] === undefined) continue
      issues.push({ name, problem: "cannot be set here; this package makes the connection", remedy })
    }
  }
  if (issues.length > 0) throw new PoolConfigError(issues)
}

import { PoolConfigError } from "../error.ts"

/**
 * Brings a {@link PoolConfigError} to the caller of a query as it is.
 *
 * Prisma replaces every error that has a `code` by a PrismaClientKnownRequestError, and reads `meta` from it for
 * that; the issues would be lost. A `meta` that throws the error itself ends that attempt, and Prisma passes on
 * what was thrown. To anybody else there is no `meta`; and were Prisma to rename its handler, its replacement
 * would still have the code and the message.
 */
export function throughPrisma(error: unknown): unknown {
  if (!(error instanceof PoolConfigError)) return error
  return Object.defineProperty(error, "meta", {
    configurable: true,
    get() {
      if (new Error().stack?.includes("handleRequestError")) throw error
      return undefined
    },
  })
}

import { PoolConfigError } from "../error.ts"

/**
 * Brings a {@link PoolConfigError} to the caller of a query as it is.
 *
 * Prisma replaces every error that has a `code` by a PrismaClientKnownRequestError, and reads `code` and `meta`
 * from it for that; the issues would be lost. A `meta` that throws the error itself ends that attempt, and Prisma
 * passes on what was thrown. The property is on this one object, not enumerable, and only Prisma looks for it.
 */
export function throughPrisma(error: unknown): unknown {
  if (!(error instanceof PoolConfigError)) return error
  return Object.defineProperty(error, "meta", {
    configurable: true,
    get(): never {
      throw error
    },
  })
}

import { PoolConfigError } from "../error.ts"

/** The fields by which Prisma 6, Prisma 7, its driver adapters and node-postgres tell what went wrong. */
export interface ErrorFields {
  readonly code?: unknown
  readonly errorCode?: unknown
  readonly originalCode?: unknown
  readonly kind?: unknown
  readonly message?: unknown
}

/** Deeper than any library wraps: a cycle ends here. */
const DEEPEST = 8

/** Whether an error, or one that it wraps (`cause`, `meta`, `meta.driverAdapterError`, `errors`), fits. */
export function anyError(error: unknown, fits: (fields: ErrorFields) => boolean, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > DEEPEST) return false
  if (error instanceof PoolConfigError) return false
  if (fits(error)) return true
  const { cause, meta, errors } = error as { cause?: unknown; meta?: unknown; errors?: unknown }
  const { driverAdapterError } = (meta ?? {}) as { driverAdapterError?: unknown }
  const wrapped = [cause, meta, driverAdapterError, ...(Array.isArray(errors) ? errors : [])]
  return wrapped.some((inner) => anyError(inner, fits, depth + 1))
}

import { isPoolTimeout, isTooManyConnections } from "prisma-pool-config"

/** What became of a request that was not served: the server had no slot, the pool no connection, or a code. */
export function kindOfFailure(error: unknown): string {
  if (isTooManyConnections(error)) return "refused"
  if (isPoolTimeout(error)) return "pool timeout"
  const { code, name } = error as { code?: unknown; name?: unknown }
  return String(code ?? name)
}

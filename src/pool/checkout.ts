import type { PostgresClient } from "./postgres-client.ts"

/** A connection that somebody holds, or that is on its way to somebody. */
export interface Checkout {
  /** Undefined while there is none yet. */
  connection: PostgresClient | undefined
  /** Takes the connection from its holder, and closes it. */
  revoke: (() => void) | undefined
  /** Undefined until a caller has the connection. */
  acquiredAt: number | undefined
}

export const newCheckout = (): Checkout => ({
  connection: undefined,
  revoke: undefined,
  acquiredAt: undefined,
})

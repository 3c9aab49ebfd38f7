import type { PostgresClient } from "./postgres-client.ts"

/** A connection that a caller holds, or that is on its way to a caller. */
export interface Checkout {
  /** Undefined until there is one. */
  connection: PostgresClient | undefined
  /** Takes the connection away from its caller, and closes it. */
  revoke: (() => void) | undefined
  /** Undefined until a caller has the connection. */
  acquiredAt: number | undefined
}

export const newCheckout = (): Checkout => ({
  connection: undefined,
  revoke: undefined,
  acquiredAt: undefined,
})

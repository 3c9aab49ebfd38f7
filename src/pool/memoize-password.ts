import { markPasswordError } from "./connect-error.ts"
import type { PostgresConnectionConfig } from "./postgres-connection.ts"

/** Calls a password function once: a server that asks several times gets the same password, not a new token each time. */
export function memoizePassword(
  password: PostgresConnectionConfig["password"],
): PostgresConnectionConfig["password"] {
  if (typeof password !== "function") return password
  let answer: Promise<string> | undefined
  // node-postgres passes the connection's parameters, which its types leave out.
  return (async (...parameters: unknown[]) => {
    try {
      answer ??= Promise.resolve(
        (password as (...parameters: unknown[]) => string | Promise<string>)(...parameters),
      )
      return await answer
    } catch (thrown) {
      // node-postgres takes nothing (null, undefined) for a login that has succeeded.
      const error =
        typeof thrown === "object" && thrown !== null
          ? thrown
          : new Error("The password function failed, and not with an Error", { cause: thrown })
      markPasswordError(error)
      throw error
    }
  }) as typeof password
}

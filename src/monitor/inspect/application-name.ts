import { memberIdOf } from "../../pool/auto/member-name.ts"

/** Removes the version: the first `@` and everything after it. */
export const withoutVersion = (application: string) => application.replace(/(.)@.*$/su, "$1")

/** An application's name in two parts: what is common to all of its pools, and the id of one of them. */
export interface NameParts {
  readonly application: string
  /** Undefined for a connection of no pool whose size is `auto`. */
  readonly pool: string | undefined
}

/** Splits off the id that a pool whose size is `auto` has at the end of its name: `api@1.4.2#k3f9ab`. */
export function splitName(name: string): NameParts {
  const pool = memberIdOf(name)
  const application = pool === undefined ? "" : name.slice(0, -pool.length - 1)
  // A pool's name is never the id alone.
  return application === "" ? { application: name, pool: undefined } : { application, pool }
}

import { label } from "../../error.ts"
import { identifier, literal } from "./sql-identifier.ts"

/** A role in a script of psql. */
export interface RoleName {
  /** Its name as SQL, or a variable for one: a syntax error until that has a value. */
  readonly sql: string
  /** The same as an SQL string. */
  readonly text: string
  /** The variable; undefined if the role is declared. */
  readonly variable: string | undefined
  /** Why there is a variable; empty if there is none. */
  readonly why: string
}

/** The name of one of the consumers, or of all jobs, and the roles that are declared for it. */
export interface RoleOwner {
  readonly name: string
  readonly roles: readonly string[]
}

/** Longer variables are no help to a reader. */
const LONGEST_VARIABLE = 40

/** Names the role of each owner. One that has no role, or more than one, gets a variable: which of them to change is not known. */
export function roleNames<Owner extends RoleOwner>(owners: readonly Owner[]): Map<Owner, RoleName> {
  const taken = new Set<string>()
  return new Map(
    owners.map((owner) => {
      const declared = declaredName(owner)
      if (typeof declared !== "string") return [owner, declared] as const
      const variable = freeVariable(owner.name, taken)
      return [owner, { sql: `:"${variable}"`, text: `:'${variable}'`, variable, why: declared }] as const
    }),
  )
}

/** The role of an owner, or why it has none. */
function declaredName({ name, roles }: RoleOwner): RoleName | string {
  const whole = roles.filter((role) => !role.endsWith("*"))
  const owner = label(name)
  if (roles.length === 0) return `the role of ${owner}, which "roles" of the declaration does not name`
  if (whole.length < roles.length)
    return `the role of ${owner}: "roles" of the declaration has only the beginning of its name`
  if (whole.length > 1)
    return `the one role of ${owner}: "roles" of the declaration has ${whole.length}, and the limit of each would allow that much again`
  const [role = ""] = whole
  const sql = identifier(role)
  const text = literal(role)
  if (sql === undefined || text === undefined)
    return `the role of ${owner}: what "roles" of the declaration has cannot be a name in SQL`
  return { sql, text, variable: undefined, why: "" }
}

/** `role_scaleway_container_api`, and with a number where another consumer has that already. */
function freeVariable(name: string, taken: Set<string>): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
  const base = `role_${plain.slice(-LONGEST_VARIABLE).replace(/^_+/, "") || "of"}`
  let variable = base
  for (let number = 2; taken.has(variable); number += 1) variable = `${base}_${number}`
  taken.add(variable)
  return variable
}

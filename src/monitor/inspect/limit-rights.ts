import * as z from "zod/mini"
import { parsedJson } from "./inspection-row.ts"

/** A client that is connected. */
interface Client {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

const roleRights = z.object({
  role: z.string(),
  isSuperuser: z.boolean(),
  /** Its CONNECTION LIMIT; −1 for none. */
  limit: z.int(),
  /** True if the role that asks may set the limit. */
  mayLimit: z.boolean(),
  /** True if the role that asks has CREATEROLE, which from PostgreSQL 16 on is not enough. */
  hasCreateRole: z.boolean(),
  /** Other roles that may, without superusers; the first ten by name. */
  others: z.array(z.string()),
})

/** A role, and who may set its CONNECTION LIMIT. */
export type RoleRights = Readonly<z.infer<typeof roleRights>>

/**
 * Who may run ALTER ROLE … CONNECTION LIMIT: for a superuser only superusers. For others, from PostgreSQL 16 on, who has
 * CREATEROLE and ADMIN OPTION on the role; before, who has CREATEROLE, unless the role replicates.
 *
 * https://www.postgresql.org/docs/current/sql-alterrole.html
 */
const MAY_LIMIT = (who: string) => `(${who}.rolsuper OR (${who}.rolcreaterole AND NOT target.rolsuper AND CASE
  WHEN pg_catalog.current_setting('server_version_num')::int >= 160000
  THEN pg_catalog.pg_has_role(${who}.oid, target.oid, 'MEMBER WITH ADMIN OPTION') ELSE NOT target.rolreplication END))`

/** $1 is an array of roles. */
const RIGHTS = `SELECT pg_catalog.json_build_object(
  'role', target.rolname,
  'isSuperuser', target.rolsuper,
  'limit', target.rolconnlimit,
  'mayLimit', ${MAY_LIMIT("own")},
  'hasCreateRole', own.rolcreaterole,
  'others', (SELECT coalesce(pg_catalog.json_agg(rolname ORDER BY rolname), '[]') FROM (
    SELECT other.rolname FROM pg_catalog.pg_roles AS other
    WHERE NOT other.rolsuper AND other.oid <> own.oid AND ${MAY_LIMIT("other")} ORDER BY 1 LIMIT 10) AS able)
)::pg_catalog.text AS rights
FROM pg_catalog.pg_roles AS target JOIN pg_catalog.pg_roles AS own ON own.rolname = session_user
WHERE target.rolname = ANY($1::pg_catalog.text[]) ORDER BY target.rolname`

/** Asks who may set the limits of these roles. One that does not exist has no answer. */
export async function readLimitRights(client: Client, roles: readonly string[]): Promise<RoleRights[]> {
  if (roles.length === 0) return []
  const { rows } = await client.query(RIGHTS, [roles])
  return (rows as readonly { readonly rights?: unknown }[]).map(({ rights }) => {
    const result = roleRights.safeParse(parsedJson(rights))
    if (!result.success) throw new Error("The server's answer about its roles has an unexpected shape")
    return result.data
  })
}

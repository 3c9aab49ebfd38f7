import { CollectedLines } from "./collect-lines.ts"
import { FALLBACK, type PgBouncerFile } from "./read-pgbouncer.ts"

/** A PgBouncer whose settings a document has, of which its operator or its provider writes the file. */
export interface StatedPgBouncer {
  /** The address of its resource, which names it in messages. */
  readonly name: string
  /** The setting, its value as a text, and the place that it is from. */
  readonly settings: readonly (readonly [key: string, value: string, place: string])[]
  /** The host that its only entry leads to, whichever database a client names. */
  readonly host: string
  /** The oldest minor version that it may be. */
  readonly since: number
}

/** Reads settings as PgBouncer does that file. */
export function statedPgBouncer({ name, settings, host, since }: StatedPgBouncer): PgBouncerFile {
  const lines = new CollectedLines(undefined)
  const take = (section: string, key: string, value: string, place: string) =>
    lines.take({ section, key, value, place })
  take("databases", FALLBACK, `host=${host}`, name)
  for (const [key, value, place] of settings) take("pgbouncer", key, value, place)
  const { least, most } = lines.versions()
  return {
    name,
    file: name,
    versions: { least: Math.max(least, since), most },
    settings: lines.settings,
    databases: lines.databases,
    users: lines.users,
    otherPeers: 0,
    authUsers: new Set(),
    issues: lines.issues,
    failures: lines.failures,
    warnings: lines.warnings,
    incomplete: [],
  }
}

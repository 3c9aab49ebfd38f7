import type { PoolConfigIssue } from "../../error.ts"
import { usersIn } from "./auth-file.ts"
import { CollectedLines, type DatabaseEntry, type Placed, type UserEntry } from "./collect-lines.ts"
import { type FindFile, iniLines, type NamedText } from "./ini.ts"
import type { ParameterOf } from "./parameters.ts"
import type { Versions } from "./versions.ts"

/** The entry for every database that has none of its own. */
export const FALLBACK = "*"

/** A `pgbouncer.ini` with all that it includes, as PgBouncer reads it. */
export interface PgBouncerFile {
  /** The name under which its pooler is declared. */
  readonly name: string
  readonly file: string
  readonly versions: Versions
  readonly settings: ReadonlyMap<ParameterOf<"pgbouncer">, Placed>
  readonly databases: ReadonlyMap<string, DatabaseEntry>
  readonly users: ReadonlyMap<string, UserEntry>
  /** The number of entries in `[peers]`, without its own. */
  readonly otherPeers: number
  /** The users of `auth_file`; undefined if it is not there. */
  readonly authUsers: ReadonlySet<string> | undefined
  readonly issues: readonly PoolConfigIssue[]
  /** What its version does not know, so that PgBouncer does not start. */
  readonly failures: readonly PoolConfigIssue[]
  readonly warnings: readonly string[]
  /** The reasons why not everything of it is known. */
  readonly incomplete: readonly string[]
}

/**
 * Reads a `pgbouncer.ini`.
 *
 * @param name of the pooler
 * @param version the minor version, where it is known
 * @param findFile reads what it includes, and its `auth_file`
 */
export function readPgBouncer(
  name: string,
  file: NamedText,
  version: number | undefined,
  findFile: FindFile,
): PgBouncerFile {
  const { lines, issues: broken, missing } = iniLines(file, findFile)
  const reading = new CollectedLines(version)
  for (const line of lines) reading.take(line)
  const { settings, databases, users, peers, issues, failures, warnings } = reading
  if (!lines.some(({ section, isHeader }) => isHeader && section === "pgbouncer") && broken.length === 0) {
    issues.push({
      name: file.name,
      problem: "has no section [pgbouncer]",
      remedy: "Give the pgbouncer.ini: PgBouncer does not start without one",
    })
  }
  return {
    name,
    file: file.name,
    versions: reading.versions(),
    settings,
    databases,
    users,
    otherPeers: [...peers].filter((id) => id !== String(settings.get("peer_id")?.value)).length,
    authUsers: authUsersOf(settings, file.name, findFile, warnings),
    issues: [...broken, ...issues],
    failures,
    warnings,
    incomplete: missing.map(
      (place) =>
        `${place}: includes a file that is not there, which may change any setting. Give it where this line names it, or beside ${file.name}`,
    ),
  }
}

function authUsersOf(
  settings: PgBouncerFile["settings"],
  from: string,
  findFile: FindFile,
  warnings: string[],
): ReadonlySet<string> | undefined {
  const path = settings.get("auth_file")
  // Without a file there are no users but those that are looked up.
  if (path === undefined || path.value === "") return new Set()
  const found = findFile(String(path.value), from)
  if (found === undefined) return undefined
  const users = usersIn(found.text)
  if (users === undefined) warnings.push(`${found.name}: has lines that are not "user" "password"`)
  return users
}

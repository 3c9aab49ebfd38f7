import type { PoolConfigIssue } from "../../error.ts"
import { isProblem } from "../../validation/problem.ts"
import { usersIn } from "./auth-file.ts"
import { connectString } from "./connect-string.ts"
import { type FindFile, type IniLine, iniLines, type NamedText } from "./ini.ts"
import {
  DATABASE_KEYS,
  NEWEST_VERSION,
  type Parameter,
  PEER_KEYS,
  SETTINGS,
  USER_KEYS,
} from "./parameters.ts"
import { readValue, type Value } from "./read-value.ts"
import { ANY_VERSION, type Versions, versionText } from "./version.ts"

/** A value with the file and line that it is from. */
export interface Placed<Of = Value> {
  readonly value: Of
  readonly place: string
}

export type Entry<Key extends string> = {
  readonly name: string
  readonly place: string
  readonly values: Readonly<Partial<Record<Key, Value>>>
}
export type DatabaseEntry = Entry<keyof typeof DATABASE_KEYS>
export type UserEntry = Entry<keyof typeof USER_KEYS>

/** The entry for every database that has none of its own. */
export const FALLBACK = "*"

/** A `pgbouncer.ini` with all that it includes, as PgBouncer reads it. */
export interface PgBouncerFile {
  /** The name under which its pooler is declared. */
  readonly name: string
  readonly file: string
  readonly versions: Versions
  readonly settings: ReadonlyMap<keyof typeof SETTINGS, Placed>
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
  const reading = new Reading(version)
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

const SECTIONS = ["pgbouncer", "databases", "users", "peers"]

/** Collects lines into settings and entries. */
class Reading {
  readonly settings = new Map<keyof typeof SETTINGS, Placed>()
  readonly databases = new Map<string, DatabaseEntry>()
  readonly users = new Map<string, UserEntry>()
  readonly peers = new Set<string>()
  readonly issues: PoolConfigIssue[] = []
  readonly failures: PoolConfigIssue[] = []
  readonly warnings: string[] = []
  readonly #version: number | undefined
  #least = ANY_VERSION.least
  #most = ANY_VERSION.most

  constructor(version: number | undefined) {
    this.#version = version
  }

  /** The version that was given, or those that have all of the parameters. */
  versions(): Versions {
    return this.#version === undefined
      ? { least: this.#least, most: Math.max(this.#least, this.#most) }
      : { least: this.#version, most: this.#version }
  }

  take(line: IniLine): void {
    if (line.isHeader) this.#begin(line.section, line.place)
    else if (line.section === "pgbouncer") this.#set(line.key, line.value, line.place)
    else if (line.section === "databases") this.#addDatabase(line.key, line.value, line.place)
    else if (line.section === "users")
      this.users.set(line.key, this.#entry(line.key, line.value, line.place, USER_KEYS))
    else if (line.section === "peers") {
      this.#entry(line.key, line.value, line.place, PEER_KEYS)
      this.peers.add(line.key)
    }
  }

  #begin(section: string, place: string): void {
    if (!SECTIONS.includes(section)) {
      this.issues.push({
        name: place,
        problem: "begins a section that PgBouncer does not have",
        remedy: `Give one of ${SECTIONS.map((each) => `[${each}]`).join(", ")}`,
      })
    }
    if (section === "peers") this.#needs({ kind: "text", since: 19 }, `${place}: [peers]`)
    if (section !== "pgbouncer") return
    if (this.settings.size > 0) {
      this.warnings.push(
        `${place}: a further [pgbouncer] takes every setting before it back to its default, as PgBouncer reads it. Keep one`,
      )
    }
    this.settings.clear()
  }

  #set(key: string, text: string, place: string): void {
    const value = this.#value(SETTINGS, key, text, `${place}: ${key}`)
    if (value !== undefined) this.settings.set(key as keyof typeof SETTINGS, { value, place })
  }

  #addDatabase(name: string, text: string, place: string): void {
    if (name === "pgbouncer") {
      this.issues.push({
        name: `${place}: pgbouncer`,
        problem: "is the name of PgBouncer's own console",
        remedy: "Give the entry another name, and its database as dbname",
      })
    }
    this.databases.set(name, this.#entry(name, text, place, DATABASE_KEYS))
  }

  #entry<Key extends string>(
    name: string,
    text: string,
    place: string,
    keys: Readonly<Record<Key, Parameter>>,
  ): Entry<Key> {
    const values: Partial<Record<Key, Value>> = {}
    const pairs = connectString(text, `${place}: ${name}`)
    if ("problem" in pairs) this.issues.push(pairs)
    else {
      for (const [key, own] of pairs) {
        const value = this.#value(keys, key, own, `${place}: ${name}.${key}`)
        if (value !== undefined) values[key as Key] = value
      }
    }
    return { name, place, values }
  }

  #value(
    known: Readonly<Record<string, Parameter>>,
    key: string,
    text: string,
    name: string,
  ): Value | undefined {
    const parameter = Object.hasOwn(known, key) ? known[key] : undefined
    if (parameter === undefined) {
      this.#refuseUnknown(name, key, Object.keys(known))
      return undefined
    }
    this.#needs(parameter, name)
    const value = readValue(text, parameter)
    if (!isProblem(value)) return value
    this.issues.push({ name, ...value })
    return undefined
  }

  #refuseUnknown(name: string, key: string, known: readonly string[]): void {
    // A later version may have more than the tables.
    if (this.#version !== undefined && this.#version > NEWEST_VERSION) {
      this.warnings.push(`${name}: is no parameter up to ${versionText(NEWEST_VERSION)}, and is not read`)
      return
    }
    const near = known.find((each) => each.replaceAll("_", "") === key.toLowerCase().replaceAll(/[_-]/g, ""))
    this.issues.push({
      name,
      problem: `is no parameter of any version up to ${versionText(NEWEST_VERSION)}: PgBouncer does not start with it`,
      remedy: near === undefined ? "Leave it out" : `Write ${near}`,
    })
  }

  /** Records that a parameter is not in the given version, or which versions have it. */
  #needs({ since = 0, until = NEWEST_VERSION }: Parameter, name: string): void {
    this.#least = Math.max(this.#least, since)
    this.#most = Math.min(this.#most, until)
    const version = this.#version
    const isGone = until < NEWEST_VERSION && (version ?? this.#least) > until
    if ((version ?? NEWEST_VERSION) >= since && !isGone) return
    this.failures.push({
      name,
      problem: isGone
        ? `is in no version after ${versionText(until)}: PgBouncer ${versionText(version ?? this.#least)} does not start with it`
        : `is a parameter since ${versionText(since)}: PgBouncer ${versionText(version ?? 0)} does not start with it`,
      remedy: "Leave it out, or run another version",
    })
  }
}

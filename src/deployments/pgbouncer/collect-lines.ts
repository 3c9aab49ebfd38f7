import type { PoolConfigIssue } from "../../error.ts"
import { isProblem } from "../../validation/problem.ts"
import { connectString } from "./connect-string.ts"
import type { IniLine } from "./ini.ts"
import {
  isKnownParameter,
  PARAMETERS,
  type ParameterOf,
  type PgBouncerSection,
  parameterOf,
  parameterSince,
} from "./parameters.ts"
import { readValue, type Value } from "./read-value.ts"
import { ANY_VERSION, PGBOUNCER_VERSIONS, type Versions, versionText } from "./versions.ts"

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
export type DatabaseEntry = Entry<ParameterOf<"databases">>
export type UserEntry = Entry<ParameterOf<"users">>

const SECTIONS = Object.keys(PARAMETERS)

/** The release that has brought the section `[peers]`. */
const PEERS = "host"

/** Collects lines into settings and entries. */
export class CollectedLines {
  readonly settings = new Map<ParameterOf<"pgbouncer">, Placed>()
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
    if (line.isHeader) {
      this.#begin(line.section, line.place)
      return
    }
    const { section, key, value, place } = line
    if (section === "pgbouncer") this.#set(key, value, place)
    else if (section === "databases") this.#addDatabase(key, value, place)
    else if (section === "users") this.users.set(key, this.#entry(section, key, value, place))
    else if (section === "peers") {
      this.#entry(section, key, value, place)
      this.peers.add(key)
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
    if (section === "peers") this.#needs(section, PEERS, `${place}: [peers]`)
    if (section !== "pgbouncer") return
    if (this.settings.size > 0) {
      this.warnings.push(
        `${place}: a further [pgbouncer] takes every setting before it back to its default, as PgBouncer reads it. Keep one`,
      )
    }
    this.settings.clear()
  }

  #set(key: string, text: string, place: string): void {
    const value = this.#value("pgbouncer", key, text, `${place}: ${key}`)
    if (value !== undefined) this.settings.set(key as ParameterOf<"pgbouncer">, { value, place })
  }

  #addDatabase(name: string, text: string, place: string): void {
    if (name === "pgbouncer") {
      this.issues.push({
        name: `${place}: pgbouncer`,
        problem: "is the name of PgBouncer's own console",
        remedy: "Give the entry another name, and its database as dbname",
      })
    }
    this.databases.set(name, this.#entry("databases", name, text, place))
  }

  #entry<Section extends PgBouncerSection>(
    section: Section,
    name: string,
    text: string,
    place: string,
  ): Entry<ParameterOf<Section>> {
    const values: Partial<Record<ParameterOf<Section>, Value>> = {}
    const pairs = connectString(text, `${place}: ${name}`)
    if ("problem" in pairs) this.issues.push(pairs)
    else {
      for (const [key, own] of pairs) {
        const value = this.#value(section, key, own, `${place}: ${name}.${key}`)
        if (value !== undefined) values[key as ParameterOf<Section>] = value
      }
    }
    return { name, place, values }
  }

  #value(section: PgBouncerSection, key: string, text: string, name: string): Value | undefined {
    const parameter = parameterOf(section, key)
    if (parameter === undefined) {
      this.issues.push(unknownParameter(section, key, name))
      return undefined
    }
    this.#needs(section, key, name)
    const value = readValue(text, parameter)
    if (!isProblem(value)) return value
    this.issues.push({ name, ...value })
    return undefined
  }

  /** Records that a parameter is not in the given version, or which versions have it. */
  #needs(section: PgBouncerSection, key: string, name: string): void {
    const { since = 0, until = PGBOUNCER_VERSIONS.newest } = parameterOf(section, key) ?? {}
    this.#least = Math.max(this.#least, since)
    this.#most = Math.min(this.#most, until)
    const version = this.#version ?? Math.max(this.#least, PGBOUNCER_VERSIONS.oldest)
    if (isKnownParameter(section, key, version)) return
    const first = versionText(parameterSince(section, key) ?? 0)
    this.failures.push({
      name,
      problem:
        version > until
          ? `is in no version after ${versionText(until)}: PgBouncer ${versionText(version)} does not start with it`
          : `is a parameter since ${first}: PgBouncer ${versionText(version)} does not start with it`,
      remedy: "Leave it out, or run another version",
    })
  }
}

function unknownParameter(section: PgBouncerSection, key: string, name: string): PoolConfigIssue {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[_-]/g, "")
  const near = Object.keys(PARAMETERS[section]).find((each) => plain(each) === plain(key))
  return {
    name,
    problem: `is no parameter of any version up to ${versionText(PGBOUNCER_VERSIONS.newest)}: PgBouncer does not start with it`,
    remedy: near === undefined ? "Leave it out" : `Write ${near}`,
  }
}

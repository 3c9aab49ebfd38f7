import type { PoolConfigIssue } from "../../error.ts"

/** A text with the name that its lines are found by. */
export interface NamedText {
  readonly name: string
  readonly text: string
}

/** A line of a file: a header of a section, or a key with its value. */
export type IniLine = {
  readonly section: string
  /** The file and line, `pgbouncer.ini:12`. */
  readonly place: string
} & (
  | { readonly isHeader: true }
  | { readonly isHeader?: never; readonly key: string; readonly value: string }
)

export interface IniLines {
  readonly lines: readonly IniLine[]
  readonly issues: readonly PoolConfigIssue[]
  /** The places of `%include` whose file is not there. */
  readonly missing: readonly string[]
}

/** Returns a file that another one names; undefined if it is not there. */
export type FindFile = (path: string, from: string) => NamedText | undefined

/** PgBouncer's own limit. */
const MOST_INCLUDES = 10

/** `key = value`, whose key may be quoted. A comment after a value is part of it. */
const PAIR = /^(?:"((?:[^"]|"")+)"|'([^']+)'|([A-Za-z0-9_.*-]*))[ \t]*=[ \t]*(.*)$/s

/**
 * Reads lines as PgBouncer does: comments only at the start of a line, `%include file` anywhere, and the section goes on
 * into an included file and out of it again. No text of a line is quoted in an issue: it may be a password.
 */
export function iniLines(file: NamedText, findFile: FindFile): IniLines {
  const lines: IniLine[] = []
  const issues: PoolConfigIssue[] = []
  const missing: string[] = []
  let section: string | undefined
  read(file, 0)
  return { lines, issues, missing }

  function read({ name, text }: NamedText, depth: number): void {
    text.split("\n").forEach((whole, index) => {
      const line = whole.trim()
      const place = `${name}:${index + 1}`
      const [, path] = /^%include[ \t]+(.+)$/.exec(line) ?? []
      if (line === "" || /^[#;]/.test(line)) return
      if (path !== undefined) include(path, name, place, depth)
      else if (line.startsWith("[")) header(line, place)
      else pair(line, place)
    })
  }

  function include(path: string, from: string, place: string, depth: number): void {
    if (depth >= MOST_INCLUDES) {
      issues.push({
        name: place,
        problem: `includes files more than ${MOST_INCLUDES} deep, where PgBouncer stops`,
        remedy: "Include fewer, and no file in itself",
      })
      return
    }
    const found = findFile(path, from)
    if (found === undefined) missing.push(place)
    else read(found, depth + 1)
  }

  function header(line: string, place: string): void {
    const end = line.indexOf("]")
    if (end < 0) {
      issues.push({ name: place, ...BROKEN })
      return
    }
    section = line.slice(1, end)
    lines.push({ section, place, isHeader: true })
    // What follows on the same line is a line of its own.
    const rest = line.slice(end + 1).trim()
    if (rest !== "" && !/^[#;]/.test(rest)) pair(rest, place)
  }

  function pair(line: string, place: string): void {
    const [isPair, quoted, single, plain = "", value = ""] = PAIR.exec(line) ?? []
    if (isPair === undefined) issues.push({ name: place, ...BROKEN })
    else if (section === undefined) {
      issues.push({
        name: place,
        problem: "is before any section",
        remedy: "Begin with [databases] or [pgbouncer]",
      })
    } else lines.push({ section, place, key: quoted?.replaceAll('""', '"') ?? single ?? plain, value })
  }
}

const BROKEN = {
  problem: "is neither a section, a comment, nor `name = value`",
  remedy: "Mend it: PgBouncer does not start with it. Comments are lines of their own",
}

import { type Reader, refused } from "../validation/problem.ts"

/** Cache by lower-case name: a lookup takes as long as parsing a whole job, and fleets have few zones. */
const canonicalNames = new Map<string, string>()

/** ASCII, so that names are equal if only their case differs. No offset (`+02:00`), which needs a newer Node. */
const NAME = /^[A-Za-z][\w+/-]*$/

/**
 * Returns the canonical name of a time zone, however it is spelled (`europe/paris`, `Asia/Calcutta`), so that its
 * days are computed once. Undefined if there is no such zone.
 */
export function canonicalTimezone(name: string): string | undefined {
  if (!NAME.test(name)) return undefined
  const spelling = name.toLowerCase()
  const canonical = canonicalNames.get(spelling) ?? lookUp(name)
  if (canonical !== undefined) canonicalNames.set(spelling, canonical)
  return canonical
}

/** Reads the name of a time zone, and returns its canonical name. */
export const readTimezone: Reader<string> = (value) =>
  (typeof value === "string" ? canonicalTimezone(value) : undefined) ??
  refused(value, "Give the IANA name of a time zone, such as Europe/Paris or UTC")

function lookUp(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

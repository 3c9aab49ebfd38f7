import { type Reader, refused } from "../validation/problem.ts"

/** By name in lower case: to ask takes as long as to read a whole job, and fleets have few zones. */
const known = new Map<string, string>()

/** ASCII, where names that differ in case alone are one. No offset (`+02:00`), which only newer versions of Node take. */
const NAME = /^[A-Za-z][\w+/-]*$/

/**
 * The one name that a time zone has, however it is spelled (`europe/paris`, `Asia/Calcutta`), so that its days are
 * looked at once; undefined when there is no such zone.
 */
export function canonicalTimezone(name: string): string | undefined {
  if (!NAME.test(name)) return undefined
  const spelling = name.toLowerCase()
  const canonical = known.get(spelling) ?? ask(name)
  if (canonical !== undefined) known.set(spelling, canonical)
  return canonical
}

/** Reads the name of a time zone, as its one name. */
export const readTimezone: Reader<string> = (value) =>
  (typeof value === "string" ? canonicalTimezone(value) : undefined) ??
  refused(value, "Give the IANA name of a time zone, such as Europe/Paris or UTC")

function ask(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

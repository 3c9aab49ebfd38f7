import type { PoolConfigIssue } from "../error.ts"
import {
  type DatabaseUrl,
  decode,
  parametersIn,
  type UrlParameter,
  type UrlProblem,
  type UrlServer,
} from "./database-url.ts"
import { URL_SHAPE } from "./options.ts"
import { ESCAPE, readServer } from "./url-server.ts"

/** A parsed URL, or its problems. */
export type ParsedUrl =
  | { readonly url: DatabaseUrl; readonly problems: readonly [] }
  | { readonly url: undefined; readonly problems: readonly UrlProblem[] }

/**
 * Parses a PostgreSQL URL, or adds all its problems to `issues` and returns undefined.
 *
 * No problem ever quotes the URL: the text in the place of the host or the port may be half of a password.
 *
 * @param name the name of the URL in messages, such as `DATABASE_URL_CORE`
 */
export function parseDatabaseUrl(
  text: unknown,
  name: string,
  issues: PoolConfigIssue[],
): DatabaseUrl | undefined {
  const { url, problems } = parseUrlText(text)
  issues.push(...namedProblems(problems, name))
  return url
}

/** Parses a string that may be known under several names: its problems have no name yet. */
export function parseUrlText(text: unknown): ParsedUrl {
  const result = split(text)
  // NUL ends a string in the protocol's first message: the rest would be read as further settings.
  if (result.url === undefined || !decode(result.url.base).includes("\0")) return result
  return refused(["contains %00", "Remove it"])
}

/** Adds to each problem of a URL the name under which the URL was found. */
export const namedProblems = (problems: readonly UrlProblem[], name: string): PoolConfigIssue[] =>
  problems.map(([problem, remedy]) => ({ name, problem, remedy }))

/** Splits a PostgreSQL URL without checking its values; undefined where its parts cannot be told apart. */
export const splitDatabaseUrl = (text: unknown): DatabaseUrl | undefined => split(text).url

const refused = (...problems: UrlProblem[]): ParsedUrl => ({ url: undefined, problems })

function split(text: unknown): ParsedUrl {
  if (typeof text !== "string") return refused(["is not a string", `Set it to ${URL_SHAPE}`])
  const inText = textProblems(text)
  if (inText.length > 0) return refused(...inText)
  const [base = "", query] = text.split("?")
  const pieces = query?.split("&").map(readParameter)
  const parameters = parametersIn(pieces)
  const server = readServer({ base, parameters })
  const inNames = nameProblems(parameters)
  if (isProblem(server)) return refused(...inNames, server)
  if (inNames.length > 0) return refused(...inNames)
  return { url: { base, pieces, parameters, server }, problems: [] }
}

const isProblem = (server: UrlServer | UrlProblem): server is UrlProblem => Array.isArray(server)

/** Problems to be found before the URL is split: after that, half of a password may be taken for the host. */
function textProblems(url: string): UrlProblem[] {
  const found: UrlProblem[] = []
  if (url !== url.trim() || /[\p{Cc}\p{Cs}]/u.test(url)) {
    found.push([
      "has white space around it, a line break, a control character or an unpaired surrogate",
      "Remove it",
    ])
  }
  if (/^\s*prisma(\+postgres)?:/i.test(url)) {
    found.push([
      "is a Prisma Accelerate URL, whose pool Prisma hosts",
      `Set the database's own URL, ${URL_SHAPE}, or use Accelerate without this package`,
    ])
    return found
  }
  const scheme = /^\s*postgres(ql)?:\/\//i.exec(url)?.[0]
  if (scheme === undefined) {
    found.push(["is not a PostgreSQL URL", `Set it to ${URL_SHAPE}, without quotes around it`])
    return found
  }
  if (url.includes("#")) found.push(["contains #", "Write %23"])
  if (url.split("?").length > 2) {
    found.push([
      "contains two ?",
      `Join the parameters with &, write %3F for a ? inside a value, and ${ESCAPE}; never append "?name=value" by hand`,
    ])
  }
  // An unescaped / or ? in a password ends the host early, and leaves the @ that follows the password behind it.
  const [authority = ""] = url.slice(scheme.length).split(/[/?]/, 1)
  if (url.includes("@", scheme.length + authority.length)) {
    found.push(["contains @ after a / or ?", `Write %40 for it; if it ends the password, ${ESCAPE}`])
  }
  return found
}

function nameProblems(parameters: readonly UrlParameter[]): UrlProblem[] {
  if (parameters.every((parameter) => /^[\w.-]+$/.test(parameter.name))) return []
  return [["has a parameter with an invalid name", `Write name=value, joined with &, and ${ESCAPE}`]]
}

/** Reads one `name=value`, the text between two `&`. */
function readParameter(raw: string): UrlParameter {
  const [name = "", ...value] = raw.split("=")
  return { name: decode(name), value: decode(value.join("=").replaceAll("+", " ")), raw }
}

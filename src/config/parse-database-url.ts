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

/** A URL, or what is wrong with it. */
export type ParsedUrl =
  | { readonly url: DatabaseUrl; readonly problems: readonly [] }
  | { readonly url: undefined; readonly problems: readonly UrlProblem[] }

/**
 * Takes a PostgreSQL URL apart, or adds every problem that it has to `issues` and returns undefined.
 *
 * No problem ever quotes the URL: what stands where the host or the port belong may be half of a password.
 *
 * @param name what the URL is called in messages, `DATABASE_URL_CORE` for one
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

/** The same for a text that several names may have, so that its problems have none. */
export function parseUrlText(text: unknown): ParsedUrl {
  const result = takeApart(text)
  // It ends a text in the protocol's first message, and what follows would be read as further settings.
  if (result.url === undefined || !decode(result.url.base).includes("\0")) return result
  return refused(["contains %00", "Remove it"])
}

/** The problems of a URL under the name that it has where it was found. */
export const namedProblems = (problems: readonly UrlProblem[], name: string): PoolConfigIssue[] =>
  problems.map(([problem, remedy]) => ({ name, problem, remedy }))

/** A PostgreSQL URL taken apart, whatever its values are; undefined where there is no telling where its parts end. */
export const splitDatabaseUrl = (text: unknown): DatabaseUrl | undefined => takeApart(text).url

const refused = (...problems: UrlProblem[]): ParsedUrl => ({ url: undefined, problems })

function takeApart(text: unknown): ParsedUrl {
  if (typeof text !== "string") return refused(["is not a text", `Set it to ${URL_SHAPE}`])
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

/** What can be told before the URL is taken apart, and must be: after it, half of a password may be a host. */
function textProblems(url: string): UrlProblem[] {
  const found: UrlProblem[] = []
  if (url !== url.trim() || /[\p{Cc}\p{Cs}]/u.test(url)) {
    found.push([
      "has white space around it, a line break, a control character or half a character",
      "Remove it",
    ])
  }
  if (/^\s*prisma(\+postgres)?:/i.test(url)) {
    found.push([
      "is a Prisma Accelerate URL, whose pool lives with Prisma",
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
  return [["has a parameter whose name is not one", `Write name=value, joined with &, and ${ESCAPE}`]]
}

/** One `name=value` between two `&`. */
function readParameter(raw: string): UrlParameter {
  const [name = "", ...value] = raw.split("=")
  return { name: decode(name), value: decode(value.join("=").replaceAll("+", " ")), raw }
}

import type { PoolConfigIssue } from "../error.ts"
import { URL_SHAPE } from "./options.ts"

/** A connection URL taken apart at its `?` and `&`, so that putting it together again changes no byte. */
export interface DatabaseUrl {
  /** Everything before the `?`. */
  readonly base: string
  /** Everything after the `?`; undefined where there is none. */
  readonly query: string | undefined
  readonly parameters: readonly UrlParameter[]
}

export interface UrlParameter {
  readonly name: string
  /** Decoded as Prisma 6 did: `%20` and `+` are both a space. */
  readonly value: string
  /** As it stands in the URL, name included. */
  readonly raw: string
}

/** What the part before the `?` says. */
export interface UrlServer {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
}

const ESCAPE = "percent-encode @ : / ? # % in the user and the password (encodeURIComponent)"

/**
 * Takes a PostgreSQL URL apart, or adds every problem that it has to `issues` and returns undefined.
 *
 * No problem ever quotes the URL: what stands where the host or the port belong may be half of a password.
 *
 * @param name what the URL is called in messages, `DATABASE_URL_CORE` for one
 */
export function parseDatabaseUrl(
  url: unknown,
  name: string,
  issues: PoolConfigIssue[],
): DatabaseUrl | undefined {
  const { parsed, problems } = takeApart(url)
  // It ends a text in the protocol's first message, and what follows would be read as further settings.
  if (parsed !== undefined && decode(parsed.base).includes("\0")) problems.push(["contains %00", "Remove it"])
  if (problems.length === 0) return parsed
  issues.push(...problems.map(([problem, remedy]) => ({ name, problem, remedy })))
  return undefined
}

/** A PostgreSQL URL taken apart, whatever its values are; undefined where there is no telling where its parts end. */
export const splitDatabaseUrl = (url: unknown): DatabaseUrl | undefined => takeApart(url).parsed

function takeApart(url: unknown): { readonly parsed?: DatabaseUrl; readonly problems: Problem[] } {
  const inText = typeof url === "string" ? textProblems(url) : [NOT_A_TEXT]
  if (inText.length > 0) return { problems: inText }
  const parsed = split(url as string)
  const inParts = partProblems(parsed)
  return inParts.length > 0 ? { problems: inParts } : { parsed, problems: [] }
}

type Problem = readonly [problem: string, remedy: string]

const NOT_A_TEXT: Problem = ["is not a text", `Set it to ${URL_SHAPE}`]

/** What can be told before the URL is taken apart, and must be: after it, half of a password may be a host. */
function textProblems(url: string): Problem[] {
  const found: Problem[] = []
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

function partProblems(url: DatabaseUrl): Problem[] {
  const found: Problem[] = []
  if (!url.parameters.every((parameter) => /^[\w.-]+$/.test(parameter.name))) {
    found.push(["has a parameter whose name is not one", `Write name=value, joined with &, and ${ESCAPE}`])
  }
  const server = readServer(url)
  if (isProblem(server)) found.push(server)
  return found
}

function split(url: string): DatabaseUrl {
  const [base = "", query] = url.split("?")
  const pieces = query?.split("&").filter((raw) => raw !== "") ?? []
  return { base, query, parameters: pieces.map(parameter) }
}

/** One `name=value` between two `&`. */
export function parameter(raw: string): UrlParameter {
  const [name = "", ...value] = raw.split("=")
  return { name: decode(name), value: decode(value.join("=").replaceAll("+", " ")), raw }
}

/** The last value of a parameter, as in Prisma 6; undefined where it is absent. */
export function parameterOf(url: DatabaseUrl, name: string): string | undefined {
  return url.parameters.findLast((parameter) => parameter.name === name)?.value
}

/** The server that a URL names; undefined where it names none, or several. */
export function serverOf(url: DatabaseUrl): UrlServer | undefined {
  const server = readServer(url)
  return isProblem(server) ? undefined : server
}

// By hand, since `new URL` refuses what node-postgres and libpq take: a port or a user without a host, which is
// then the `host` parameter's. The password reaches to the last @ before the path.
const PARTS =
  /^[^:]+:\/\/(?:(?<user>[^:/]*)(?::(?<password>[^/]*))?@)?(?<host>\[[^\]/]*\]|[^:/@]*)(?::(?<port>[^/@]*))?(?:\/(?<database>[^/]*)|$)/

const HOST = /^(\[[0-9a-f.]*:[0-9a-f:.]*(%.+)?\]|[^\s<>\\^|[\]]*)$/i

const isProblem = (server: UrlServer | Problem): server is Problem => Array.isArray(server)

const NO_HOST: Problem = [
  "names no host",
  "Write localhost before the path, or ?host=/var/run/postgresql for a Unix socket",
]
const SEVERAL_HOSTS: Problem = [
  "names several hosts",
  "Name the one to connect to: node-postgres tries no second one",
]
const NO_SUCH_HOST: Problem = ["names a host that cannot be one", `Set it to ${URL_SHAPE}, and ${ESCAPE}`]
const NO_SUCH_PORT: Problem = [
  "has a port that is not a whole number from 1 to 65535",
  `Set it to ${URL_SHAPE}, and ${ESCAPE}`,
]
const COLON_IN_DIRECTORY: Problem = [
  "has a : in the directory of its Unix socket",
  "Write %3A for it, or localhost before the path and ?host=/cloudsql/PROJECT:REGION:INSTANCE",
]
const SOCKET_FILE: Problem = [
  "names the file of a Unix socket, .s.PGSQL.5432 for one, where its directory belongs",
  "Leave the file's name out; ?port= says which one it is",
]
// `sun_path` of Linux, and what libpq takes.
const LONGEST_SOCKET_PATH = 107
const LONG_SOCKET_PATH: Problem = [
  `names a Unix socket whose path is longer than ${LONGEST_SOCKET_PATH} bytes`,
  "Name a shorter directory, a symbolic link for one",
]

/** What is wrong with the directory of a Unix socket. */
function socketProblem(directory: string, port: string): Problem | undefined {
  if (/\/\.s\.PGSQL\.[0-9]+\/?$/.test(directory)) return SOCKET_FILE
  const path = `${directory}/.s.PGSQL.${Number(port)}`
  return new TextEncoder().encode(path).length > LONGEST_SOCKET_PATH ? LONG_SOCKET_PATH : undefined
}

/** The server, or what is wrong with it. */
function readServer(url: DatabaseUrl): UrlServer | Problem {
  const parts = PARTS.exec(url.base)?.groups ?? {}
  const authority = parts["host"] ?? ""
  // `postgresql:///core?host=/var/run/postgresql`: the parameter is the one that counts, as in libpq.
  const port = parameterOf(url, "port") || parts["port"] || "5432"
  const host = (parameterOf(url, "host") || decode(authority)).replace(/^\[(.*)\]$/, "$1")
  if (host.trim() === "") return NO_HOST
  if (/^%2f/i.test(authority) && /[^0-9]/.test(parts["port"] ?? "")) return COLON_IN_DIRECTORY
  if (host.includes(",") || port.includes(",")) return SEVERAL_HOSTS
  if (!HOST.test(authority)) return NO_SUCH_HOST
  if (!/^0*[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65_535) return NO_SUCH_PORT
  const problem = host.startsWith("/") ? socketProblem(host, port) : undefined
  if (problem !== undefined) return problem
  return {
    host,
    port: Number(port),
    // Prisma's default; node-postgres would take the user's name.
    database: decode(parts["database"] || "postgres"),
    user: parameterOf(url, "user") || decode(parts["user"] ?? "") || undefined,
    password: parameterOf(url, "password") || decode(parts["password"] ?? "") || undefined,
  }
}

/** The URL with these parameters set, every other byte as it was. One that is there already keeps its place. */
export function withParameters(
  { base, query = "" }: DatabaseUrl,
  set: Readonly<Record<string, string | number>>,
): string {
  const left = new Map(Object.entries(set))
  const pieces: string[] = []
  // From the end, since the last of two equal names is the one that counts.
  for (const raw of query.split("&").toReversed()) {
    const { name, value } = parameter(raw)
    const wanted = left.get(name)
    if (wanted !== undefined) {
      pieces.unshift(value === String(wanted) ? raw : `${name}=${encodeURIComponent(wanted)}`)
    } else if (!Object.hasOwn(set, name)) {
      pieces.unshift(raw)
    }
    left.delete(name)
  }
  // What a `?` or `&` at the end was left open for.
  if (left.size > 0 && pieces.at(-1) === "") pieces.pop()
  for (const [name, value] of left) pieces.push(`${name}=${encodeURIComponent(value)}`)
  return `${base}?${pieces.join("&")}`
}

/** Percent-decodes what is percent-encoded, and leaves a stray `%` alone, as Prisma 6 did. */
export function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}

import { type DatabaseUrl, decode, parameterOf, type UrlProblem, type UrlServer } from "./database-url.ts"
import { URL_SHAPE } from "./options.ts"

/** The remedy for a login that breaks the URL. */
export const ESCAPE = "percent-encode @ : / ? # % in the user and the password (encodeURIComponent)"

// By hand: `new URL` refuses a port or a user without a host, which node-postgres and libpq accept. The host is then the
// `host` parameter's. The password extends to the last @ before the path.
const PARTS =
  /^[^:]+:\/\/(?:(?<user>[^:/]*)(?::(?<password>[^/]*))?@)?(?<host>\[[^\]/]*\]|[^:/@]*)(?::(?<port>[^/@]*))?(?:\/(?<database>[^/]*)|$)/

const HOST = /^(\[[0-9a-f.]*:[0-9a-f:.]*(%.+)?\]|[^\s<>\\^|[\]]*)$/i

const NO_HOST: UrlProblem = [
  "names no host",
  "Write localhost before the path, or ?host=/var/run/postgresql for a Unix socket",
]
const SEVERAL_HOSTS: UrlProblem = [
  "names several hosts",
  "Name the one to connect to: node-postgres tries no second one",
]
const NO_SUCH_HOST: UrlProblem = ["names an invalid host", `Set it to ${URL_SHAPE}, and ${ESCAPE}`]
const NO_SUCH_PORT: UrlProblem = [
  "has a port that is not a whole number from 1 to 65535",
  `Set it to ${URL_SHAPE}, and ${ESCAPE}`,
]
const COLON_IN_DIRECTORY: UrlProblem = [
  "has a : in the directory of its Unix socket",
  "Write %3A for it, or localhost before the path and ?host=/cloudsql/PROJECT:REGION:INSTANCE",
]
const SOCKET_FILE: UrlProblem = [
  "names the file of a Unix socket, such as .s.PGSQL.5432, in place of its directory",
  "Leave out the file's name; ?port= selects it",
]
// Linux's `sun_path`, and the limit in libpq.
const LONGEST_SOCKET_PATH = 107
const LONG_SOCKET_PATH: UrlProblem = [
  `names a Unix socket whose path is longer than ${LONGEST_SOCKET_PATH} bytes`,
  "Name a shorter directory, such as a symbolic link",
]

/** The problem of a Unix socket's directory; undefined if there is none. */
function socketProblem(directory: string, port: string): UrlProblem | undefined {
  if (/\/\.s\.PGSQL\.[0-9]+\/?$/.test(directory)) return SOCKET_FILE
  const path = `${directory}/.s.PGSQL.${Number(port)}`
  return new TextEncoder().encode(path).length > LONGEST_SOCKET_PATH ? LONG_SOCKET_PATH : undefined
}

/** The server that a URL names, or the reason why it names none. */
export function readServer(url: Pick<DatabaseUrl, "base" | "parameters">): UrlServer | UrlProblem {
  const parts = PARTS.exec(url.base)?.groups ?? {}
  const authority = parts["host"] ?? ""
  // `postgresql:///core?host=/var/run/postgresql`: the parameter takes precedence, as in libpq.
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

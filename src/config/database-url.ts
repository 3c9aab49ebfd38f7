import type { PoolConfigIssue } from "../error.ts"

/** A connection URL taken apart at its `?` and `&`, so that putting it together again changes no byte. */
export interface DatabaseUrl {
  /** Everything before the `?`. */
  readonly base: string
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
export interface Server {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
}

const SHAPE = "postgresql://USER:PASSWORD@HOST:5432/DATABASE"
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
  const found: PoolConfigIssue[] = []
  const problem = (problem: string, remedy: string) => void found.push({ name, problem, remedy })

  if (typeof url !== "string") {
    problem("is not a text", `Set it to ${SHAPE}`)
  } else if (/^prisma(\+postgres)?:/i.test(url)) {
    problem(
      "is a Prisma Accelerate URL, whose pool lives with Prisma",
      `Set the database's own URL, ${SHAPE}, or use Accelerate without this package`,
    )
  } else if (!/^postgres(ql)?:\/\//i.test(url)) {
    problem("is not a PostgreSQL URL", `Set it to ${SHAPE}`)
  } else {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (url !== url.trim() || /[\u0000-\u001f\u007f]/.test(url)) {
      problem("has white space around it, a line break or a control character", "Remove it")
    }
    if (url.includes("#")) problem("contains #", "Write %23")
    if (url.split("?").length > 2) {
      problem(
        "contains two ?",
        `Join the parameters with &, write %3F for a ? inside a value, and ${ESCAPE}; never append "?name=value" by hand`,
      )
    }
    if (found.length === 0) {
      const parsed = split(url)
      if (!parsed.parameters.every((parameter) => /^[\w.-]+$/.test(parameter.name))) {
        problem("has a parameter whose name is not one", `Write name=value, joined with &, and ${ESCAPE}`)
      } else if (serverOf(parsed) === undefined) {
        problem("names no single host that can be read", `Set it to ${SHAPE}, and ${ESCAPE}`)
      } else {
        return parsed
      }
    }
  }
  issues.push(...found)
  return undefined
}

function split(url: string): DatabaseUrl {
  const mark = url.indexOf("?")
  if (mark === -1) return { base: url, parameters: [] }
  const parameters = url
    .slice(mark + 1)
    .split("&")
    .filter((raw) => raw !== "")
    .map((raw) => {
      const equals = raw.indexOf("=")
      const name = equals === -1 ? raw : raw.slice(0, equals)
      const value = equals === -1 ? "" : raw.slice(equals + 1)
      return { name: decode(name), value: decode(value.replaceAll("+", " ")), raw }
    })
  return { base: url.slice(0, mark), parameters }
}

/** The last value of a parameter, as in Prisma 6; undefined where it is absent. */
export function parameterOf(url: DatabaseUrl, name: string): string | undefined {
  return url.parameters.findLast((parameter) => parameter.name === name)?.value
}

/** The server that a URL names; undefined where it names none, or several. */
export function serverOf({ base, parameters }: DatabaseUrl): Server | undefined {
  const authority = base.slice(base.indexOf("//") + 2).split("/", 1)[0] ?? ""
  const socket = parameters.findLast(({ name }) => name === "host")?.value
  // `postgresql:///core?host=/var/run/postgresql`: the standard parser wants a host before a port or a user.
  const hostless = authority === "" || authority.endsWith("@")
  if (hostless && !socket) return undefined
  let url: URL
  try {
    url = new URL(hostless ? base.replace(authority, `${authority}socket`) : base)
  } catch {
    return undefined
  }
  const host = socket || decode(url.hostname).replace(/^\[(.*)\]$/, "$1")
  const database = decode(url.pathname.slice(1))
  const port = url.port === "" ? 5432 : Number(url.port)
  // A `/` in an unescaped password ends the authority early: what is left of it looks like a database.
  const cut = !authority.includes("@") && database.includes("@")
  if (host === "" || host.includes(",") || port === 0 || cut) return undefined
  return {
    host,
    port,
    // Prisma's default; node-postgres would take the user's name.
    database: database === "" ? "postgres" : database,
    user: url.username === "" ? undefined : decode(url.username),
    password: url.password === "" ? undefined : decode(url.password),
  }
}

/** The URL with these parameters set, every other byte as it was. One that is there already keeps its place. */
export function withParameters(url: DatabaseUrl, set: Readonly<Record<string, string | number>>): string {
  const left = new Map(Object.entries(set))
  const query: string[] = []
  // From the end, since the last of two equal names is the one that counts.
  for (const parameter of url.parameters.toReversed()) {
    const value = left.get(parameter.name)
    if (value !== undefined) {
      const same = parameter.value === String(value)
      query.unshift(same ? parameter.raw : `${parameter.name}=${encodeURIComponent(value)}`)
    } else if (!Object.hasOwn(set, parameter.name)) {
      query.unshift(parameter.raw)
    }
    left.delete(parameter.name)
  }
  for (const [name, value] of left) query.push(`${name}=${encodeURIComponent(value)}`)
  return query.length > 0 ? `${url.base}?${query.join("&")}` : url.base
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

/** A parsed connection URL, each part read once. Joining the parts again changes no byte. */
export interface DatabaseUrl {
  /** Everything before the `?`. */
  readonly base: string
  /** The segments between the `?` and each `&`, empty ones included; undefined where there is no `?`. */
  readonly pieces: readonly UrlParameter[] | undefined
  /** The pieces that are not empty. */
  readonly parameters: readonly UrlParameter[]
  readonly server: UrlServer
}

export interface UrlParameter {
  readonly name: string
  /** Decoded as Prisma 6 did: `%20` and `+` are both a space. */
  readonly value: string
  /** As written in the URL, name included. */
  readonly raw: string
}

/** The server that a URL names. Parameters such as `host` override the part before the `?`. */
export interface UrlServer {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
}

/** A problem of a URL, without the name under which the URL was found. Never quotes the URL. */
export type UrlProblem = readonly [problem: string, remedy: string]

/** The pieces that are not empty: `a=1&&b=2` has two of three. */
export const parametersIn = (pieces: readonly UrlParameter[] = []): readonly UrlParameter[] =>
  pieces.filter(({ raw }) => raw !== "")

/** The last value of a parameter, as in Prisma 6; undefined where it is absent. */
export function parameterOf(url: Pick<DatabaseUrl, "parameters">, name: string): string | undefined {
  return url.parameters.findLast((parameter) => parameter.name === name)?.value
}

/** The URL as a string. */
export function urlText({ base, pieces }: Pick<DatabaseUrl, "base" | "pieces">): string {
  return pieces === undefined ? base : `${base}?${pieces.map(({ raw }) => raw).join("&")}`
}

/**
 * The URL with these parameters set, every other byte unchanged. A parameter that is already there keeps its position.
 *
 * @param set must not name the server (`host`, `port`, …): `server` is copied unchanged
 */
export function withParameters(
  url: DatabaseUrl,
  set: Readonly<Record<string, string | number>>,
): DatabaseUrl {
  const remaining = new Map(Object.entries(set))
  const pieces: UrlParameter[] = []
  // From the end, since the last of two equal names is the one that counts.
  for (const piece of (url.pieces ?? []).toReversed()) {
    const { name, value } = piece
    const wanted = remaining.get(name)
    if (wanted !== undefined) {
      pieces.unshift(value === String(wanted) ? piece : newParameter(name, wanted))
    } else if (!Object.hasOwn(set, name)) {
      pieces.unshift(piece)
    }
    remaining.delete(name)
  }
  // A `?` or `&` at the end leaves an empty piece: the first new parameter takes its place.
  if (remaining.size > 0 && pieces.at(-1)?.raw === "") pieces.pop()
  for (const [name, value] of remaining) pieces.push(newParameter(name, value))
  return { ...url, pieces, parameters: parametersIn(pieces) }
}

/** A parameter with its value percent-encoded, so that any parser can read it. */
export const newParameter = (name: string, value: string | number): UrlParameter => ({
  name,
  value: String(value),
  raw: `${name}=${encodeURIComponent(value)}`,
})

/** Percent-decodes valid escapes and leaves a stray `%` alone, as Prisma 6 did. */
export function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded)
    } catch {
      return encoded
    }
  })
}

/** A connection URL taken apart, each part read once. Putting it together again changes no byte. */
export interface DatabaseUrl {
  /** Everything before the `?`. */
  readonly base: string
  /** What stands between the `?` and each `&`, even where that is nothing; undefined where there is no `?`. */
  readonly pieces: readonly UrlParameter[] | undefined
  /** The pieces that hold something. */
  readonly parameters: readonly UrlParameter[]
  readonly server: UrlServer
}

export interface UrlParameter {
  readonly name: string
  /** Decoded as Prisma 6 did: `%20` and `+` are both a space. */
  readonly value: string
  /** As it stands in the URL, name included. */
  readonly raw: string
}

/** The server that a URL names, by what stands before the `?` and by the parameters that count before it. */
export interface UrlServer {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
}

/** What is wrong with a URL, under whatever name it was found. Never quotes it. */
export type UrlProblem = readonly [problem: string, remedy: string]

/** The pieces that hold something: `a=1&&b=2` has two of three. */
export const parametersIn = (pieces: readonly UrlParameter[] = []): readonly UrlParameter[] =>
  pieces.filter(({ raw }) => raw !== "")

/** The last value of a parameter, as in Prisma 6; undefined where it is absent. */
export function parameterOf(url: Pick<DatabaseUrl, "parameters">, name: string): string | undefined {
  return url.parameters.findLast((parameter) => parameter.name === name)?.value
}

/** The text of a URL. */
export function urlText({ base, pieces }: Pick<DatabaseUrl, "base" | "pieces">): string {
  return pieces === undefined ? base : `${base}?${pieces.map(({ raw }) => raw).join("&")}`
}

/**
 * The URL with these parameters set, every other byte as it was. One that is there already keeps its place.
 *
 * @param set none that names the server, which stays the same
 */
export function withParameters(
  url: DatabaseUrl,
  set: Readonly<Record<string, string | number>>,
): DatabaseUrl {
  const left = new Map(Object.entries(set))
  const pieces: UrlParameter[] = []
  // From the end, since the last of two equal names is the one that counts.
  for (const piece of (url.pieces ?? []).toReversed()) {
    const { name, value } = piece
    const wanted = left.get(name)
    if (wanted !== undefined) {
      pieces.unshift(value === String(wanted) ? piece : newParameter(name, wanted))
    } else if (!Object.hasOwn(set, name)) {
      pieces.unshift(piece)
    }
    left.delete(name)
  }
  // What a `?` or `&` at the end was left open for.
  if (left.size > 0 && pieces.at(-1)?.raw === "") pieces.pop()
  for (const [name, value] of left) pieces.push(newParameter(name, value))
  return { ...url, pieces, parameters: parametersIn(pieces) }
}

/** A parameter whose value is percent-encoded for any parser. */
export const newParameter = (name: string, value: string | number): UrlParameter => ({
  name,
  value: String(value),
  raw: `${name}=${encodeURIComponent(value)}`,
})

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

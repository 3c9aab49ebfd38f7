import { isObject } from "./json-value.ts"

/** Attributes with text for people, or that only trigger a replacement: they set no variable. */
export const PROSE: ReadonlySet<string> = new Set([
  "comment",
  "description",
  "keepers",
  "tags",
  "tags_all",
  "title",
  "triggers",
  "triggers_replace",
])

/** Long enough to be base64 text rather than a word. */
const SHORTEST_CODE = 24
const BASE64 = new RegExp(`[A-Za-z0-9+/]{${SHORTEST_CODE},}={0,2}`, "g")

/** The beginning of gzip in base64: text that cannot be read here. */
const COMPRESSED = /(?<![A-Za-z0-9+/])H4sI[A-Za-z0-9+/]{16}/

/** References to a whole environment in another object or in a file, in strings and in keys. */
const ELSEWHERE =
  /(?<![A-Za-z0-9])(envFrom|env_from|environmentFiles|environment_files|env_file|--env-file)(?![A-Za-z0-9])/

/**
 * True if some attributes name a variable, at any depth and in any notation: as a key, in YAML or HCL, quoted or not,
 * after `-e`, in JSON with escapes, in base64. A part of a path does not count: it is another name.
 */
export function mentionIn(attributes: unknown, variable: string): boolean {
  const word = new RegExp(`(?:(?<![A-Za-z0-9_/])|(?<=-e))${variable}(?![A-Za-z0-9_])`, "i")
  return some(attributes, (text) => readings(text).some((reading) => word.test(reading)))
}

/** True if some attributes have text that cannot be read here, or refer to an environment elsewhere. */
export const isOpaque = (attributes: unknown): boolean =>
  some(
    attributes,
    (text) => COMPRESSED.test(text) || readings(text).some((reading) => ELSEWHERE.test(reading)),
  )

/** Finds the PostgreSQL URLs in some attributes, at any depth and in any notation. */
export function postgresUrlsIn(attributes: unknown): ReadonlySet<string> {
  const urls = new Set<string>()
  some(attributes, (text) => {
    for (const reading of readings(text))
      for (const [url] of reading.matchAll(POSTGRES_URL)) urls.add(url.replace(PUNCTUATION, ""))
    return false
  })
  return urls
}

/** With or without SQLAlchemy's driver name. */
const POSTGRES_URL = /(?:postgres(?:ql)?|postgis)(?:\+\w+)?:\/\/[^\s"'`\\<>]+/gi

/** Punctuation that ends a URL in a sentence, a list or a command. */
const PUNCTUATION = /[,;.&|]+$/

/** Returns a text with its decoded parts, to two levels: encodings are nested. */
function readings(text: string, depth = 2): string[] {
  // Most strings are words.
  if (text.length < SHORTEST_CODE && !/[\\%]/.test(text)) return [text]
  const plain = unescaped(text)
  if (depth === 0) return [plain]
  // Tools break base64 into lines.
  const whole = WRAPPED.test(plain) ? plain.replace(/\s+/g, "") : plain
  const inside = [...whole.matchAll(BASE64)].flatMap(([token]) => decoded(token) ?? [])
  return [plain, ...inside.flatMap((each) => readings(each, depth - 1))]
}

const WRAPPED = /[A-Za-z0-9+/]{60,}\s/

/** Removes the escapes of JSON, at any number of levels, and those of URLs. */
const unescaped = (text: string) =>
  text
    .replace(/\\+u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\+[nrt]/g, " ")
    .replace(/%[0-9a-f]{2}/gi, (code) => (/%[46-7]|%5f/i.test(code) ? decodeURIComponent(code) : " "))

function decoded(token: string): string | undefined {
  try {
    // The rest of a length that is not a multiple of four is other text, or was cut off. Windows encodes UTF-16.
    return atob(token.slice(0, token.length - (token.length % 4))).replaceAll("\0", "")
  } catch {
    return undefined
  }
}

/** True if any key or string passes, except in attributes for people. */
function some(root: unknown, passes: (text: string) => boolean): boolean {
  // Not by recursion: nothing bounds how deep the values of a document go. A value that was not parsed from JSON may
  // contain itself.
  const left: unknown[] = [root]
  const visited = new Set<unknown>()
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === "string") {
      if (passes(value)) return true
      continue
    }
    if (visited.has(value)) continue
    visited.add(value)
    if (Array.isArray(value)) {
      for (const item of value) left.push(item)
    } else if (isObject(value)) {
      for (const key in value) {
        if (PROSE.has(key)) continue
        if (passes(key)) return true
        left.push(value[key])
      }
    }
  }
  return false
}

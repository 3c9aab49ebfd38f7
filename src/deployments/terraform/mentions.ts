import { isObject } from "./document-shape.ts"

/** Attributes whose text is for people, or only says when to do something again: what stands there sets nothing. */
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

/** Long enough to be text in base64, and not a word. */
const BASE64 = /[A-Za-z0-9+/]{24,}={0,2}/g

/** How base64 of gzip begins: text that cannot be seen here. */
const COMPRESSED = /(?<![A-Za-z0-9+/])H4sI[A-Za-z0-9+/]{16}/

/** Whole environments that stand in another object or in a file, as texts and as keys say it. */
const ELSEWHERE =
  /(?<![A-Za-z0-9])(envFrom|env_from|environmentFiles|environment_files|env_file|--env-file)(?![A-Za-z0-9])/

/**
 * Whether some attributes name a variable, at whatever depth and in whatever notation: as a key, in YAML or HCL, quoted or
 * not, behind `-e`, in JSON with escapes, in base64. What is but a part of a path is another thing's name.
 */
export function mentionIn(attributes: unknown, variable: string): boolean {
  const word = new RegExp(`(?:(?<![A-Za-z0-9_/])|(?<=-e))${variable}(?![A-Za-z0-9_])`, "i")
  return some(attributes, (text) => readings(text).some((reading) => word.test(reading)))
}

/** Whether some attributes have text in them that cannot be seen here, or an environment that stands elsewhere. */
export const isOpaque = (attributes: unknown): boolean =>
  some(
    attributes,
    (text) => COMPRESSED.test(text) || readings(text).some((reading) => ELSEWHERE.test(reading)),
  )

/** The URLs of PostgreSQL databases in some attributes, at whatever depth and in whatever notation. */
export function postgresUrlsIn(attributes: unknown): ReadonlySet<string> {
  const urls = new Set<string>()
  some(attributes, (text) => {
    for (const reading of readings(text))
      for (const [url] of reading.matchAll(POSTGRES_URL)) urls.add(url.replace(PUNCTUATION, ""))
    return false
  })
  return urls
}

/** With the driver that SQLAlchemy has in it. */
const POSTGRES_URL = /(?:postgres(?:ql)?|postgis)(?:\+\w+)?:\/\/[^\s"'`\\<>]+/gi

/** What ends a URL in a sentence, a list or a command. */
const PUNCTUATION = /[,;.&|]+$/

/** What a text says, and what it says to whoever decodes it: once more, since encodings are put into each other. */
function readings(text: string, depth = 2): string[] {
  const plain = unescaped(text)
  if (depth === 0) return [plain]
  // Tools break base64 into lines.
  const whole = WRAPPED.test(plain) ? plain.replace(/\s+/g, "") : plain
  const inside = [...whole.matchAll(BASE64)].flatMap(([token]) => decoded(token) ?? [])
  return [plain, ...inside.flatMap((each) => readings(each, depth - 1))]
}

const WRAPPED = /[A-Za-z0-9+/]{60,}\s/

/** Without the escapes of JSON, however often they were escaped, and those of URLs. */
const unescaped = (text: string) =>
  text
    .replace(/\\+u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\+[nrt]/g, " ")
    .replace(/%[0-9a-f]{2}/gi, (code) => (/%[46-7]|%5f/i.test(code) ? decodeURIComponent(code) : " "))

function decoded(token: string): string | undefined {
  try {
    // What is longer than a multiple of four is something else, or has been cut off. Windows writes two bytes a letter.
    return atob(token.slice(0, token.length - (token.length % 4))).replaceAll("\0", "")
  } catch {
    return undefined
  }
}

/** Whether a key or a text passes, but those for people. */
function some(root: unknown, passes: (text: string) => boolean): boolean {
  // Not by recursion: nothing bounds how deep the values of a document go.
  const left: unknown[] = [root]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === "string") {
      if (passes(value)) return true
    } else if (Array.isArray(value)) {
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

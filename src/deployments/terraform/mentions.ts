import { isObject } from "./document-shape.ts"

/** Attributes whose text is for people: what stands there sets nothing. */
const PROSE = new Set(["comment", "description", "labels", "tags", "tags_all", "title"])

/** Long enough to be text in base64, and not a word. */
const BASE64 = /[A-Za-z0-9+/]{24,}={0,2}/g

/** How base64 of gzip begins: text that cannot be seen here. */
const COMPRESSED = /(?<![A-Za-z0-9+/])H4sI[A-Za-z0-9+/]{16}/

/**
 * Whether some attributes name a variable, at whatever depth and in whatever notation: as a key, in YAML or HCL, quoted or
 * not, behind `-e`, in JSON with escapes, in base64. What is but a part of a path is another thing's name.
 */
export function mentionIn(attributes: unknown, variable: string): boolean {
  const word = new RegExp(`(?<![A-Za-z0-9_/])${variable}(?![A-Za-z0-9_])`, "i")
  return some(attributes, (text) => word.test(text) || texts(text).some((other) => word.test(other)))
}

/** Whether some attributes have text in them that cannot be seen here. */
export const isOpaque = (attributes: unknown): boolean => some(attributes, (text) => COMPRESSED.test(text))

/** Whether one of these keys is there, with something below it. */
export function hasKey(attributes: unknown, names: ReadonlySet<string>): boolean {
  const left: unknown[] = [attributes]
  while (left.length > 0) {
    const value = left.pop()
    if (Array.isArray(value)) for (const item of value) left.push(item)
    else if (typeof value === "string") {
      // JSON in a text, as container definitions are.
      if (value.startsWith("[{") && [...names].some((name) => value.includes(`"${name}":[{`))) return true
    } else if (isObject(value)) {
      for (const key in value) {
        const below = value[key]
        if (names.has(key) && below !== null && !(Array.isArray(below) && below.length === 0)) return true
        left.push(below)
      }
    }
  }
  return false
}

/** What else a text says to whoever decodes it. */
function texts(text: string): string[] {
  const escaped = text.includes("\\u") ? [text.replace(/\\u([0-9a-f]{4})/gi, (_, hex) => character(hex))] : []
  return [...escaped, ...[...text.matchAll(BASE64)].flatMap(([token]) => decoded(token) ?? [])]
}

const character = (hex: string) => String.fromCharCode(Number.parseInt(hex, 16))

function decoded(token: string): string | undefined {
  try {
    // What is longer than a multiple of four is something else, or has been cut off.
    return atob(token.slice(0, token.length - (token.length % 4)))
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

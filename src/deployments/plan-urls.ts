import { type ParsedUrl, parseUrlText } from "../config/parse-database-url.ts"

/** The URL that a text of a plan is, or what is wrong with it. */
export type ParseUrl = (text: string) => ParsedUrl

/** Parses each text once, however many containers, servers and pools ask for it. */
export function planUrls(): ParseUrl {
  const known = new Map<string, ParsedUrl>()
  return (text) => {
    const parsed = known.get(text) ?? parseUrlText(text)
    known.set(text, parsed)
    return parsed
  }
}

import { type ParsedUrl, parseUrlText } from "../config/parse-database-url.ts"

/** Parses a string of a plan as a URL, or says what is wrong with it. */
export type ParseUrl = (text: string) => ParsedUrl

/** Parses each string once, however many containers, servers and pools need it. */
export function planUrls(): ParseUrl {
  const known = new Map<string, ParsedUrl>()
  return (text) => {
    const parsed = known.get(text) ?? parseUrlText(text)
    known.set(text, parsed)
    return parsed
  }
}

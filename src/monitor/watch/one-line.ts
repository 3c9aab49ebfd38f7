import { describeValue, messageOfAll, printable, shortened } from "../../error.ts"

/** A server may say anything, of any length, and the line is posted. */
const LONGEST_LINE = 2_000

/** An error's message on one line, without the source location that Prisma puts before it. */
export function oneLine(error: unknown): string {
  const paragraphs = textOf(error)
    .replace(/^.*\n→[^\n]*\n/su, "")
    .split(/\n\s*\n/)
  const own = paragraphs.filter((paragraph) => !/^\s*Invalid `.*invocation/.test(paragraph))
  const lines = own.flatMap((paragraph) => paragraph.split("\n")).map((line) => line.trim())
  return printable(shortened(lines.filter(Boolean).join(" "), LONGEST_LINE))
}

/** A client of the application may reject with anything. */
function textOf(error: unknown): string {
  if (typeof error === "string") return error
  if (typeof error !== "object" || error === null) return describeValue(error)
  const { message, errors, code, name } = error as Readonly<Record<string, unknown>>
  const texts = [message, Array.isArray(errors) && messageOfAll(errors), code, name]
  return texts.find(isText) ?? describeValue(error)
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

import { printable } from "../../error.ts"

/** An error's message on one line, without the source location that Prisma puts before it. */
export function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const paragraphs = text.replace(/^.*\n→[^\n]*\n/su, "").split(/\n\s*\n/)
  const own = paragraphs.filter((paragraph) => !/^\s*Invalid `.*invocation/.test(paragraph))
  const line = own
    .map((paragraph) => paragraph.trim().replaceAll(/\s*\n\s*/g, " "))
    .join(" ")
    .trim()
  return printable(line)
}

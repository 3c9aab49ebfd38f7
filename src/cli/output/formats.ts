import { stripVTControlCharacters, styleText } from "node:util"
import { markdownTable } from "markdown-table"
import { type Ends, endsOf, type Row } from "./fleet-rows.ts"
import type { ReportSection } from "./report-sections.ts"

/** What a format makes of the parts of a report. */
export interface Format {
  readonly heading: (text: string) => string
  readonly verdict: (text: string, tone: "good" | "bad" | "unsure") => string
  readonly table: (head: readonly string[], rows: readonly (readonly string[])[]) => string
  readonly list: (lines: readonly string[]) => string
  readonly code: (text: string, language: string) => string
}

const TONES = { good: ["green", "✓"], bad: ["red", "✗"], unsure: ["yellow", "?"] } as const

/** For a terminal, and for a pipe without its colours. */
export function textFormat(hasColors: boolean): Format {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    hasColors ? styleText(style, text) : text
  return {
    heading: (text) => paint("bold", text),
    verdict: (text, tone) => paint(["bold", TONES[tone][0]], `${TONES[tone][1]} ${text}`),
    table: (head, rows) =>
      tableOf(
        head.map((cell) => paint("bold", cell)),
        rows,
        { delimiterStart: false, delimiterEnd: false },
      )
        .split("\n")
        .filter((_, index) => index !== 1)
        .map((line) => `  ${line.trimEnd()}`)
        .join("\n"),
    list: (lines) => lines.map((line) => `  ${line}`).join("\n"),
    code: (text) => text.replace(/^(?=.)/gm, "  "),
  }
}

/** For a comment on a pull request, and a job's summary. */
export const markdownFormat: Format = {
  heading: (text) => `#### ${text}`,
  verdict: (text, tone) => `### ${TONES[tone][1]} ${text}`,
  table: (head, rows) =>
    tableOf(
      head.map(escaped),
      rows.map((row) => row.map(escaped)),
      {},
    ),
  list: (lines) => lines.map((line) => `- ${escaped(line)}`).join("\n"),
  code: (text, language) => `\`\`\`${language}\n${text}\n\`\`\``,
}

/** Names are the user's own: none of them is markup. */
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]<>#|~]/g, "\\$&")

function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: NonNullable<Parameters<typeof markdownTable>[1]>,
): string {
  return markdownTable([head, ...rows], {
    ...options,
    align: head.map((_, index) => (index === 0 || index === head.length - 1 ? "l" : "r")),
    stringLength: (cell) => stripVTControlCharacters(cell).length,
  })
}

const BAR = 20

/** The table of a fleet: a bar is what is held of the usable slots, and lighter what a deploy adds. */
export function fleetTable(
  format: Format,
  size: string,
  rows: readonly Row[],
  usable: number,
  totals: { readonly steady: Ends; readonly deploy: Ends },
): string {
  const line = ({ name, instances, poolSize, steady, deploy }: Row) => [
    name,
    instances,
    poolSize,
    endsOf(steady),
    endsOf(deploy),
    bar(steady[1], deploy[1], usable),
  ]
  const total = {
    name: "total",
    instances: "",
    poolSize: "",
    ...totals,
  }
  return format.table(
    ["", "instances", size, "connections", "in a deploy", `of ${usable}`],
    [...rows, total].map(line),
  )
}

/** Of what is usable, what is held, and lighter what comes on top. */
export function bar(steady: number, deploy: number, usable: number): string {
  const cells = (held: number) => Math.min(BAR, held > 0 ? Math.max(1, Math.round((BAR * held) / usable)) : 0)
  return "█".repeat(cells(steady)).padEnd(cells(deploy), "░")
}

/** Blocks of text with a line between them. */
export function page(format: Format, blocks: readonly string[], notes: readonly ReportSection[]): string {
  const noted = notes.map(({ heading, lines }) => `${format.heading(heading)}\n${format.list(lines)}`)
  return `${[...blocks.filter(Boolean), ...noted].join("\n\n")}\n`
}

/** How long something has taken, for people: `12 s`, `3 min`, `2 h`, `5 d`. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined) return ""
  if (seconds < 100) return `${Math.round(seconds)} s`
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

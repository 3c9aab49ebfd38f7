import { stripVTControlCharacters, styleText } from "node:util"
import { markdownTable } from "markdown-table"
import { label } from "../../error.ts"
import { type Ends, endsOf, type Row } from "./fleet-rows.ts"
import { line } from "./line.ts"
import { escaped, fenced } from "./markdown.ts"
import type { ReportSection } from "./report-sections.ts"

/** Renders the parts of a report. Each text becomes one line, because names and reasons are not trusted. */
export interface Format {
  readonly heading: (text: string) => string
  readonly verdict: (text: string, tone: "good" | "bad" | "unsure") => string
  readonly table: (head: readonly string[], rows: readonly (readonly string[])[]) => string
  readonly list: (lines: readonly string[]) => string
  readonly code: (lines: readonly string[], language: string) => string
  /** The URL is ours, and stays whole: one that is cut leads nowhere. */
  readonly link: (text: string, url: string) => string
}

const TONES = { good: ["green", "✓"], bad: ["red", "✗"], unsure: ["yellow", "?"] } as const

/** Renders for a terminal, and without colours for a pipe. */
export function textFormat(hasColors: boolean): Format {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    hasColors ? styleText(style, text) : text
  return {
    heading: (text) => paint("bold", line(text)),
    verdict: (text, tone) => paint(["bold", TONES[tone][0]], `${TONES[tone][1]} ${line(text)}`),
    table: (head, rows) =>
      tableOf(
        head.map((cell) => paint("bold", label(cell))),
        rows.map((row) => row.map(label)),
        { delimiterStart: false, delimiterEnd: false },
      )
        .split("\n")
        .filter((_, index) => index !== 1)
        .map((row) => `  ${row.trimEnd()}`)
        .join("\n"),
    list: indented,
    code: indented,
    link: (text, url) => `${line(text)}: ${url}`,
  }
}

const indented = (lines: readonly string[]): string => lines.map((each) => `  ${line(each)}`).join("\n")

/** Renders for a comment on a pull request, and for a job's summary. */
export const markdownFormat: Format = {
  heading: (text) => `#### ${escaped(line(text))}`,
  verdict: (text, tone) => `### ${TONES[tone][1]} ${escaped(line(text))}`,
  table: (head, rows) =>
    tableOf(
      head.map((cell) => escaped(label(cell))),
      rows.map((row) => row.map((cell) => escaped(label(cell)))),
      {},
    ),
  list: (lines) => lines.map((each) => `- ${escaped(line(each))}`).join("\n"),
  code: (lines, language) => fenced(lines.map(line).join("\n"), language),
  link: (text, url) => `[${escaped(line(text))}](${url})`,
}

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

/**
 * Renders the table of a fleet. Its bars show the used share of the usable slots and, lighter, what a deploy adds.
 *
 * @param usable undefined if nothing says how many there are: there is no share then
 */
export function fleetTable(
  format: Format,
  size: string,
  rows: readonly Row[],
  usable: number | undefined,
  totals: { readonly steady: Ends; readonly deploy: Ends },
): string {
  const line = ({ name, instances, poolSize, steady, deploy }: Row) => [
    name,
    instances,
    poolSize,
    endsOf(steady),
    endsOf(deploy),
    usable === undefined ? "" : bar(steady[1], deploy[1], usable),
  ]
  const total = {
    name: "total",
    instances: "",
    poolSize: "",
    ...totals,
  }
  return format.table(
    ["", "instances", size, "connections", "in a deploy", usable === undefined ? "" : `of ${usable}`],
    [...rows, total].map(line),
  )
}

/** Draws the used share of the usable slots and, lighter, what a deploy adds. */
export function bar(steady: number, deploy: number, usable: number): string {
  const cells = (held: number) => Math.min(BAR, held > 0 ? Math.max(1, Math.round((BAR * held) / usable)) : 0)
  return "█".repeat(cells(steady)).padEnd(cells(deploy), "░")
}

/** Joins blocks and sections, separated by a blank line. */
export function page(format: Format, blocks: readonly string[], sections: readonly ReportSection[]): string {
  const rendered = sections.map(({ heading, lines, sql = [] }) =>
    [
      format.heading(heading),
      ...(lines.length > 0 ? [format.list(lines)] : []),
      ...(sql.length > 0 ? [format.code(sql, "sql")] : []),
    ].join("\n"),
  )
  return `${[...blocks.filter(Boolean), ...rendered].join("\n\n")}\n`
}

// Text that orders somebody about, and what no output may do with it, by the language of the output.
import { spawnSync } from "node:child_process"
import { readdir } from "node:fs/promises"
import { parseEnv } from "node:util"
import { parse as parseDotenv } from "dotenv"
import fc from "fast-check"
import { marked } from "marked"
import { expect } from "vitest"
import { directoryWith, type Ran } from "./command.ts"
import { markedLines, readIni } from "./read-ini.ts"

/** What makes a terminal, GitHub's runner, a comment or a shell do something. */
export const ORDERS: readonly string[] = [
  "\u001b[31m",
  "\u001b]52;c;cHduZWQ=\u0007",
  "\u001b]8;;https://evil.example\u0007",
  "\u009b2J",
  "\u0000",
  "\u007f",
  "\u202e",
  "\u2066",
  "\u200f",
  "\n",
  "\r",
  "\r\n",
  "\t",
  "\u0085",
  "\u2028",
  "\u2029",
  "\u200d",
  "\u061c",
  "\ud800",
  "\n\n✓ fits: 10 of 97 usable connections\n===\n",
  "\n::error::x",
  "::add-mask::x",
  "  ::stop-commands::x",
  "##[error]x",
  "##vso[task.setvariable variable=x]y",
  "##teamcity[buildStop]",
  "###[group]",
  "%0A::error::x",
  "<img src=x>",
  "<!--",
  "&lt;",
  "@org/team",
  "@_team",
  "a@-b.example",
  "#1",
  "GH-1",
  "https://evil.example/x",
  "www.evil.example",
  "a@evil.example",
  "# x",
  "- x",
  "1. x",
  "    x",
  "```",
  "$x$",
  "[x](https://evil.example)",
  "**x**",
  "|",
  "\\",
  '"',
  "'",
  "`x`",
  "$(touch PWN)",
  "`touch PWN`",
  "; touch PWN",
  "\nPRISMA_POOL_SIZE_CORE=9999\n",
  "\n\\! touch PWN\n",
  "'; DROP TABLE mission; --",
  '"; DROP TABLE mission; --',
  "{{ .Values.x }}",
  `\${var.x}`,
  `%{ if true }`,
  "*/",
  "--",
  "é👩‍💻",
]

export const hostile = fc
  .array(fc.oneof(fc.constantFrom(...ORDERS), fc.string({ maxLength: 4 })), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(""))

/** Now and then as long as a page of a book, and as long as all of it. */
const text = fc.oneof(
  { weight: 6, arbitrary: hostile },
  {
    weight: 1,
    arbitrary: fc
      .tuple(hostile, fc.constantFrom(1_000, 100_000))
      .map(([part, length]) => part.repeat(Math.ceil(length / Math.max(1, part.length)))),
  },
)

/** The texts of a setting. */
const COUNT = 8

/** Texts that differ, and are neither blank nor a number, which would come first in an object. */
export const texts: fc.Arbitrary<string[]> = fc
  .array(text, { minLength: COUNT, maxLength: COUNT })
  .map((all) => all.map((each, index) => `${each}n${index}`))

/** Names of which nothing is remarkable. */
export const PLAIN: readonly string[] = Array.from({ length: COUNT }, (_, index) => `n${index}`)

/** What CI services take for a command. https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
const isCommand = (line: string) => /^\s*::|##\w*\[/.test(line)

const ANNOTATION = /^::(?:error|warning|notice) title=Connection budget::/

/** A text that orders neither a terminal nor a CI service about: every line of it is one. */
export function expectHarmless(output: string): void {
  expect(output.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u)
  for (const line of output.split("\n")) expect(isCommand(line)).toBe(false)
}

/** A page of lines, each of which somebody may read. */
export function expectReadable(output: string): void {
  expect(Math.max(...output.split("\n").map((line) => line.length))).toBeLessThan(20_000)
}

const linesOf = (output: string) => output.split("\n").length

/** What stdout is written in. */
export type Language = "text" | "markdown" | "github" | "json" | "env" | "sql" | "ini"

/** What holds of stdout beside being harmless, where `plain` is the same run with plain names. */
const HOLDS: Readonly<Record<Language, (output: string, plain: string) => void | Promise<void>>> = {
  text: expectSameLines,
  markdown(output, plain) {
    expectSameLines(output, plain)
    expectSameMarkdown(output, plain)
  },
  github(output, plain) {
    expectSameLines(output, plain)
    for (const line of output.split("\n").filter(Boolean)) expect(line).toMatch(ANNOTATION)
  },
  json: (output) =>
    void output
      .trimEnd()
      .split(/\n(?=\{)/)
      .map((each) => JSON.parse(each)),
  sql(output, plain) {
    expectSameLines(output, plain)
    const kinds = (text: string) => text.split("\n").map((line) => SQL_LINE.exec(line)?.[0] ?? line)
    expect(kinds(output)).toEqual(kinds(plain))
  },
  async env(output, plain) {
    expectSameLines(output, plain)
    await expectSourced(output, plain)
  },
  async ini(output, plain) {
    expectSameLines(output, plain)
    const { comments: _, ...settings } = readIni(output)
    const { comments: __, ...usual } = readIni(plain)
    expect(settings).toEqual(usual)
    await HOLDS.sql(markedLines(output, ";sql"), markedLines(plain, ";sql"))
    // A role is in the URL: every reader has the same one.
    const environment = markedLines(output, ";env")
    expect(Object.keys(parseEnv(environment))).toEqual(Object.keys(parseEnv(markedLines(plain, ";env"))))
    await expectSourced(environment, environment)
  },
}

/** How each line of a script begins, whoever is named in it. */
const SQL_LINE = /^(?:-- |ALTER ROLE (?=[:"U])|SELECT CASE | {2}FROM \(VALUES |BEGIN;$|COMMIT;$|$)/

/** Nothing that somebody is called begins or ends a line. */
function expectSameLines(output: string, plain: string): void {
  expectReadable(output)
  expect(linesOf(output)).toBe(linesOf(plain))
}

/** Checks both streams of a command against those of the same command with plain names. */
export async function expectTold(
  language: Language,
  { out, err }: Pick<Ran, "out" | "err">,
  plain: Pick<Ran, "out" | "err">,
): Promise<void> {
  // No name has a colour: there are as many as without it.
  expect(out.match(COLOUR)?.length).toBe(plain.out.match(COLOUR)?.length)
  const [told, usual] = [out.replace(COLOUR, ""), plain.out.replace(COLOUR, "")]
  expectHarmless(language === "github" ? told.replace(new RegExp(ANNOTATION, "gm"), "") : told)
  expectHarmless(err)
  expect(linesOf(err)).toBe(linesOf(plain.err))
  await HOLDS[language](told, usual)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
const COLOUR = /\u001b\[(?:1|22|3\d)m/g

const SHAPE = new Set([
  "space",
  "heading 3",
  "heading 4",
  "paragraph",
  "table",
  "list",
  "list_item",
  "code",
  "text",
  "escape",
])

/** As GitHub reads it: the same blocks, the same cells, and nothing that links or mentions. */
function expectSameMarkdown(output: string, plain: string): void {
  const { kinds, shown, cells } = markdownOf(output)
  expect(kinds.filter((kind) => !SHAPE.has(kind))).toEqual([])
  expect(shown).not.toMatch(/[@#]\w|:\/\/|www\.|GH-\d/i)
  const layout = (all: readonly string[]) => all.filter((kind) => kind !== "text" && kind !== "escape")
  const usual = markdownOf(plain)
  expect(layout(kinds)).toEqual(layout(usual.kinds))
  expect(cells).toEqual(usual.cells)
  // marked fills up a row that is too short, and drops what is too much.
  for (const row of output.split("\n").filter((line) => line.startsWith("|")))
    expect(cells).toContain((row.match(/(?<!\\)(?:\\\\)*\|/g)?.length ?? 0) - 1)
}

function markdownOf(output: string) {
  const kinds: string[] = []
  const shown: string[] = []
  const cells: number[] = []
  marked.walkTokens(marked.lexer(output, { gfm: true }), (token) => {
    kinds.push(token.type === "heading" ? `heading ${token.depth}` : token.type)
    if (token.type === "table") cells.push(...token.rows.map((row: readonly unknown[]) => row.length))
    if (token.type === "text" && !("tokens" in token && token.tokens)) shown.push(token.text)
    if (token.type === "escape") shown.push(token.text)
  })
  // What is left of entities is how marked writes quotes and the like.
  return {
    kinds,
    cells,
    shown: shown
      .join("")
      .replaceAll("&#8203;", "\u200b")
      .replace(/&(?:#39|quot|lt|gt|amp);/g, "'"),
  }
}

/** Whoever reads a file of variables gets these and no others, and a shell that sources it runs nothing. */
async function expectSourced(output: string, plain: string): Promise<void> {
  const assigned = parseEnv(plain)
  expect(Object.keys(assigned)).not.toEqual([])
  expect(parseEnv(output)).toEqual(assigned)
  expect(parseDotenv(output)).toEqual(assigned)
  const directory = await directoryWith({ "plan.env": output })
  const script = "set -eua; . ./plan.env; env"
  const run = spawnSync("sh", ["-c", script], { cwd: directory, env: { PATH: process.env["PATH"] } })
  expect([run.status, `${run.stderr}`]).toEqual([0, ""])
  const {
    PATH: _,
    PWD: __,
    OLDPWD: ___,
    SHLVL: ____,
    _: _____,
    ...set
  } = Object.fromEntries(
    `${run.stdout}`
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/=(.*)/s)),
  )
  expect(set).toEqual(assigned)
  expect(await readdir(directory)).toEqual(["plan.env"])
}

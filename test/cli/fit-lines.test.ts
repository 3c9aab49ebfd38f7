import { styleText } from "node:util"
import xterm from "@xterm/headless"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { cutLine, fitLines, wrapLine } from "../../src/cli/output/fit-lines.ts"
import { runs } from "../support/properties.ts"

const RED = "\u001b[31m"
const RESET = "\u001b[0m"

describe("a row of a table", () => {
  test.each([
    ["fits exactly", "abcde", 5, "abcde"],
    ["is one too wide", "abcdef", 5, "abcd…"],
    ["is empty", "", 5, ""],
    ["has a column only", "abc", 1, "…"],
    ["has wide characters", "日本語の名前", 6, "日本…"],
    ["would be cut within a wide character", "a日本語", 5, "a日…"],
    ["has accents of their own", "e\u0301e\u0301e\u0301", 2, "e\u0301…"],
  ])("is cut to the width of the terminal: %s", (_, line, columns, cut) => {
    expect(cutLine(line, columns)).toBe(cut)
  })

  test("keeps its colours, and ends them where it is cut", () => {
    expect(cutLine(`${RED}abcdef\u001b[39m`, 5)).toBe(`${RED}abcd…${RESET}`)
    expect(cutLine(`${RED}abcde\u001b[39m`, 5)).toBe(`${RED}abcde\u001b[39m`)
  })
})

describe("a sentence", () => {
  test("wraps between words, below its indent", () => {
    expect(wrapLine("  api holds 60 of 97: stop one of its instances", 40)).toEqual([
      "  api holds 60 of 97: stop one of its",
      "    instances",
    ])
  })

  test("breaks within a word that is longer than a row, also after a short one", () => {
    expect(wrapLine(`  x ${"y".repeat(45)}`, 40)).toEqual([
      "  x",
      `    ${"y".repeat(36)}`,
      `    ${"y".repeat(9)}`,
    ])
  })

  test("has no indent of its own on a very narrow terminal", () => {
    expect(wrapLine("  one two three", 7)).toEqual(["  one", "two", "three"])
  })

  test("has its colour in each of its rows", () => {
    expect(wrapLine(`${RED}one two\u001b[39m`, 3)).toEqual([
      `${RED}one${RESET}`,
      `${RED}two\u001b[39m${RESET}`,
    ])
  })
})

test("a page has its tables cut and its sentences wrapped", () => {
  expect(fitLines("held by | connections\n\nstop one of them\n", 10)).toEqual([
    "held by |…",
    "",
    "stop one",
    "of them",
  ])
})

/** What a real terminal shows of rows: what each has, and whether a terminal wrapped it or a colour ran on. */
async function shownOf(rows: readonly string[], columns: number) {
  const terminal = new xterm.Terminal({ cols: columns, rows: rows.length + 2, allowProposedApi: true })
  await new Promise<void>((resolve) => terminal.write(`${rows.join("\r\n")}\r\nend`, resolve))
  const { active } = terminal.buffer
  const lines = Array.from({ length: rows.length }, (_, index) => active.getLine(index))
  const end = active.getLine(rows.length)
  const shown = {
    text: lines.map((line) => line?.translateToString(true) ?? ""),
    isWrapped: lines.some((line) => line?.isWrapped),
    end: end?.translateToString(true),
    endIsPlain: end?.getCell(0)?.isFgDefault() === true && end.getCell(0)?.isBold() === 0,
  }
  terminal.dispose()
  return shown
}

test("any line is shown whole or ends with …, in rows of the terminal's width, and no colour runs on", async () => {
  const word = fc.array(fc.constantFrom("a", "Z", "日", "한", "é", "e\u0301", "✗", "█"), {
    minLength: 1,
    maxLength: 12,
  })
  const part = fc.tuple(word, fc.constantFrom(undefined, "red", "bold", "green"))
  const line = fc.array(
    part.map(([letters, style]) => {
      const text = letters.join("")
      return style === undefined ? text : styleText(style as "red", text, { validateStream: false })
    }),
    { minLength: 1, maxLength: 20 },
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
  const plain = (text: string) => text.replace(/\u001b\[[\d;]*m/g, "").replaceAll(" ", "")
  await fc.assert(
    fc.asyncProperty(line, fc.nat(6), fc.integer({ min: 4, max: 90 }), async (words, indent, columns) => {
      const text = " ".repeat(indent) + words.join(" ")
      const wrapped = await shownOf(wrapLine(text, columns), columns)
      expect(wrapped).toMatchObject({ isWrapped: false, end: "end", endIsPlain: true })
      expect(wrapped.text.join("").replaceAll(" ", "")).toBe(plain(text))
      const cut = await shownOf([cutLine(text, columns)], columns)
      expect(cut).toMatchObject({ isWrapped: false, end: "end", endIsPlain: true })
      const [kept = ""] = cut.text.map((each) => each.replaceAll(" ", ""))
      const isCut = kept !== plain(text)
      expect(isCut ? kept.endsWith("…") && plain(text).startsWith(kept.slice(0, -1)) : true).toBe(true)
    }),
    runs(150),
  )
})

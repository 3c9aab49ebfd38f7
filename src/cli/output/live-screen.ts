import { styleText } from "node:util"
import type { Io } from "../io.ts"
import type { ScreenKey, Terminal } from "../terminal.ts"
import { cutLine, fitLines } from "./fit-lines.ts"

/** The size of a terminal. */
export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** Renders a page for a terminal of this size. What does not fit is wrapped, cut or reached by scrolling. */
export type RenderPage = (size: ScreenSize) => string

type ScreenIo = Pick<Io, "stdout" | "control" | "size" | "hasColors" | "openTerminal">

// A terminal that takes a character for wider than we do must not wrap the row: it would be two.
const HOME = "\u001b[?7l\u001b[H"
const ROW_END = "\u001b[K"
const SCREEN_END = "\u001b[J\u001b[?7h"

/** A page that is redrawn in place, scrolled and paused with keys, and left on the screen at the end. */
export class LiveScreen {
  readonly #io: ScreenIo
  readonly #terminal: Terminal
  /** The newest page. */
  #page: RenderPage = () => ""
  /** The page on the screen while it is paused. */
  #paused: RenderPage | undefined
  /** The first row that is shown. */
  #top = 0

  constructor(io: ScreenIo) {
    this.#io = io
    this.#terminal = io.openTerminal({
      pressed: (key) => this.#press(key),
      resized: () => this.#draw(),
    })
  }

  /** Shows a page, unless the screen is paused. */
  show(page: RenderPage): void {
    this.#page = page
    if (this.#paused === undefined) this.#draw()
  }

  /** Gives the terminal back. */
  close(): void {
    this.#terminal.close()
  }

  /** Prints, after `close`, what was on the screen and a text below it. */
  leave(text: string): void {
    const { columns, rows } = this.#size()
    const { shown, above, below } = this.#window(rows - 1)
    const hidden = above + below
    const hint = hidden === 0 ? [] : [`${moreLines(hidden)}: run "prisma-pool inspect" for all of them`]
    this.#io.stdout(`${[...shown, ...fitLines([...hint, text].join("\n"), columns)].join("\n")}\n`)
  }

  #press(key: ScreenKey): void {
    const { rows } = this.#size()
    const step = Math.max(1, rows - 2)
    if (key === "p") this.#paused = this.#paused === undefined ? this.#page : undefined
    else this.#top += { up: -1, down: 1, pageup: -step, pagedown: step, home: -Infinity, end: Infinity }[key]
    this.#draw()
  }

  #draw(): void {
    const { columns, rows } = this.#size()
    const { shown, above, below } = this.#window(rows - 1)
    const { stdout, control } = this.#io
    control(HOME)
    for (const row of shown) {
      stdout(row)
      control(`${ROW_END}\r\n`)
    }
    stdout(this.#dim(cutLine(this.#statusLine(above, below), columns)))
    control(SCREEN_END)
  }

  /** Fits the page into so many rows, from the first that is wanted, and keeps that one within the page. */
  #window(rows: number) {
    const size = this.#size()
    const lines = fitLines((this.#paused ?? this.#page)(size), size.columns)
    this.#top = Math.max(0, Math.min(this.#top, lines.length - rows))
    const shown = lines.slice(this.#top, this.#top + rows)
    return { shown, above: this.#top, below: lines.length - this.#top - shown.length }
  }

  #statusLine(above: number, below: number): string {
    const hidden = [
      ...(below > 0 ? [`${moreLines(below)} ↓`] : []),
      ...(above > 0 ? [`${above} above ↑`] : []),
    ]
    if (!this.#terminal.hasKeys) return [...hidden, "Ctrl-C quit"].join(" · ")
    if (this.#paused !== undefined)
      return ["paused, checks go on", ...hidden, "p resume", "q quit"].join(" · ")
    return [...hidden, "p pause", "q quit"].join(" · ")
  }

  #dim(text: string): string {
    return this.#io.hasColors ? styleText("dim", text) : text
  }

  #size(): ScreenSize {
    // A terminal that was never told its size says 0.
    const { columns, rows } = this.#io.size()
    return { columns: columns || 80, rows: rows || 24 }
  }
}

const moreLines = (count: number): string => `${count} more ${count === 1 ? "line" : "lines"}`

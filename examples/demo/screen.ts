import { styleText } from "node:util"
import type { Scope } from "./clean-up.ts"
import type { Sampler } from "./sampler.ts"

/** One line of the table. */
export interface Row {
  readonly application: string
  readonly limit: number
  readonly now: number
  readonly peak: number
  readonly served: string
  /** Absent where another row counts them. */
  readonly refused?: number
}

/** The row of an application, with what the server says of its connections. */
export function rowOf(
  sampler: Sampler,
  application: string,
  limit: number,
  served: string,
  refused?: number,
): Row {
  const row = { application, limit, served, now: sampler.now(application), peak: sampler.peak(application) }
  return refused === undefined ? row : { ...row, refused }
}

const REDRAW_MS = 100

const out = process.stdout
// NO_COLOR, FORCE_COLOR and TERM=dumb are decided by Node.
const colours = out.isTTY === true && out.hasColors()
const redraws = out.isTTY === true && process.env["TERM"] !== "dumb"

export function paint(format: "bold" | "dim" | "green" | "red", text: string): string {
  return colours ? styleText(format, text) : text
}

export function say(line = ""): void {
  out.write(`${line}\n`)
}

/** The final table: what each application was allowed, held, did, and was refused. */
export function finalTable(rows: readonly Row[]): string {
  const header = line("application", "limit", "peak", "refused", "served")
  const lines = rows.map((row) => {
    const text = line(row.application, row.limit, row.peak, row.refused ?? "", row.served)
    return row.peak > row.limit || (row.refused ?? 0) > 0 ? paint("red", text) : text
  })
  return [paint("bold", header), ...lines].join("\n")
}

function line(
  application: string,
  limit: string | number,
  peak: string | number,
  refused: string | number,
  served: string,
) {
  const right = [limit, peak, refused].map((cell) => String(cell).padStart(7)).join(" ")
  return `  ${application.padEnd(20)} ${right}   ${served}`.trimEnd()
}

/** The table as it changes, redrawn in place. In a pipe nothing is drawn: the final table says it all. */
export class LiveTable {
  readonly #rows: () => readonly Row[]
  readonly #timer: NodeJS.Timeout | undefined
  #height = 0

  constructor(scope: Scope, rows: () => readonly Row[]) {
    this.#rows = rows
    scope.atEnd(() => this.stop())
    if (redraws) this.#timer = setInterval(() => this.#draw(), REDRAW_MS)
  }

  /** Takes it off the screen. */
  stop(): void {
    clearInterval(this.#timer)
    this.#erase()
  }

  #draw(): void {
    const lines = this.#rows().map(liveLine)
    this.#erase()
    // A line that wraps would be two to erase.
    for (const text of lines) say(text.slice(0, out.columns - 1))
    this.#height = lines.length
  }

  #erase(): void {
    if (this.#height > 0) out.write(`\u001b[${this.#height}A\u001b[0J`)
    this.#height = 0
  }
}

function liveLine({ application, limit, now, peak, served, refused }: Row): string {
  const bar = "█".repeat(now).padEnd(Math.max(limit, peak), "·")
  const figures = `${now} of ${limit}, peak ${peak}${refused === undefined ? "" : `, refused ${refused}`}`
  return `  ${application.padEnd(20)} ${bar.padEnd(11)} ${figures.padEnd(32)} ${served}`
}

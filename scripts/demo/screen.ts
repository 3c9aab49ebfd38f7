import { setTimeout as sleep } from "node:timers/promises"
import { styleText } from "node:util"
import { textFormat } from "../../src/cli/output/formats.ts"
import { inspectPage } from "../../src/cli/output/inspect-page.ts"
import { LiveScreen } from "../../src/cli/output/live-screen.ts"
import { openTerminal } from "../../src/cli/terminal.ts"
import { ALERT_PERCENT } from "../../src/sizing/alert-threshold.ts"
import type { Sampler } from "../../test/support/sampler.ts"
import type { Scope } from "../../test/support/scope.ts"

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

/** The row of an application, with its connections as the server reports them. */
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
// Node handles NO_COLOR, FORCE_COLOR and TERM=dumb.
const colours = out.isTTY === true && out.hasColors()
const redraws = out.isTTY === true && process.env["TERM"] !== "dumb"

export function paint(format: "bold" | "dim" | "green" | "red", text: string): string {
  return colours ? styleText(format, text) : text
}

export function say(line = ""): void {
  out.write(`${line}\n`)
}

/** The final table: each application's limit, peak, refused connections and work done. */
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

/**
 * The table as it changes, above the page of `prisma-pool inspect --watch` at the same time, redrawn in place. In a pipe
 * nothing is drawn: the final table has everything.
 */
export class LiveView {
  readonly #screen = redraws ? openScreen() : undefined
  readonly #rows: () => readonly Row[]
  readonly #sampler: Sampler
  #isOver = false

  constructor(scope: Scope, sampler: Sampler, rows: () => readonly Row[]) {
    this.#rows = rows
    this.#sampler = sampler
    scope.atEnd(() => this.stop())
    if (this.#screen !== undefined) void this.#draw(this.#screen)
  }

  /** Takes it off the screen. */
  stop(): void {
    this.#isOver = true
    this.#screen?.close()
  }

  async #draw(screen: LiveScreen): Promise<void> {
    while (!this.#isOver) {
      // The last poll may find that the server is gone already.
      const report = await this.#sampler.inspect().catch(() => undefined)
      if (this.#isOver || report === undefined) return
      const sample = { report, attribution: undefined, remedies: [], threshold: ALERT_PERCENT }
      screen.show(({ columns }) => {
        const page = inspectPage(sample, textFormat(colours), columns)
        return `${this.#rows().map(liveLine).join("\n")}\n\n${page}`
      })
      await sleep(REDRAW_MS)
    }
  }
}

/** Ctrl-C ends the demo and all that it started, as the signal that it is without keys. */
const openScreen = () =>
  new LiveScreen({
    stdout: (text) => out.write(text),
    control: (text) => out.write(text),
    size: () => out,
    hasColors: colours,
    openTerminal: (listener) => openTerminal(undefined, out, listener),
  })

function liveLine({ application, limit, now, peak, served, refused }: Row): string {
  const bar = "█".repeat(now).padEnd(Math.max(limit, peak), "·")
  const figures = `${now} of ${limit}, peak ${peak}${refused === undefined ? "" : `, refused ${refused}`}`
  return `  ${application.padEnd(20)} ${bar.padEnd(11)} ${figures.padEnd(32)} ${served}`
}

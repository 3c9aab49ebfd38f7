import { stripVTControlCharacters } from "node:util"
import type { Io } from "../io.ts"

/** Text that is redrawn in place. */
export class LiveScreen {
  readonly #io: Pick<Io, "stdout" | "control" | "size">
  #height = 0

  constructor(io: Pick<Io, "stdout" | "control" | "size">) {
    this.#io = io
  }

  draw(text: string): void {
    const { columns = 80, rows = 24 } = this.#io.size()
    // A line that wraps would be two to erase, and one that scrolled away cannot be.
    const lines = text
      .trimEnd()
      .split("\n")
      .slice(0, rows - 1)
    const cut = lines.map((line) =>
      stripVTControlCharacters(line).length < columns
        ? line
        : stripVTControlCharacters(line).slice(0, columns - 1),
    )
    this.erase()
    this.#io.stdout(`${cut.join("\n")}\n`)
    this.#height = cut.length
  }

  /** Takes it off the screen. */
  erase(): void {
    if (this.#height > 0) this.#io.control(`\u001b[${this.#height}A\u001b[0J`)
    this.#height = 0
  }
}

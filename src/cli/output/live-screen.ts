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
    // A wrapped line would be two lines to erase, and a line that scrolled away cannot be erased.
    const lines = text
      .trimEnd()
      .split("\n")
      .slice(0, rows - 1)
    const fitted = lines.map((line) =>
      stripVTControlCharacters(line).length < columns
        ? line
        : stripVTControlCharacters(line).slice(0, columns - 1),
    )
    this.erase()
    this.#io.stdout(`${fitted.join("\n")}\n`)
    this.#height = fitted.length
  }

  /** Removes the text from the screen. */
  erase(): void {
    if (this.#height > 0) this.#io.control(`\u001b[${this.#height}A\u001b[0J`)
    this.#height = 0
  }
}

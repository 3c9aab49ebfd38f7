import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

type CleanUp = () => unknown

/** What a run has started and made, to be ended and removed however the run ends. */
export class Scope {
  readonly #cleanUps: CleanUp[] = []
  readonly #aborter = new AbortController()

  /** Aborted as soon as the run is over: nothing may be started any more. */
  readonly signal = this.#aborter.signal

  /** The directory for everything that the run leaves on disk. */
  readonly directory: string

  constructor(name: string) {
    this.directory = mkdtempSync(join(tmpdir(), `prisma-pool-${name}-`))
    // PostgreSQL runs as another user when this runs as root.
    chmodSync(this.directory, 0o755)
    // Whatever ends the process, however early, leaves nothing on disk.
    process.once("exit", () => this.#removeDirectory())
  }

  /** Calls `cleanUp` at the end; the newest goes first. */
  atEnd(cleanUp: CleanUp): void {
    this.#cleanUps.unshift(cleanUp)
  }

  /** Ends and removes everything. What fails to be cleaned up does not keep the rest from it. */
  async end(): Promise<void> {
    this.#aborter.abort(new Error("The run is over"))
    for (const cleanUp of this.#cleanUps.splice(0)) {
      try {
        await cleanUp()
      } catch (error) {
        console.error("Cleaning up:", error)
      }
    }
    this.#removeDirectory()
  }

  #removeDirectory(): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

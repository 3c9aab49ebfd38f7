import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { Order } from "./fleet-process-main.ts"

const MAIN = fileURLToPath(new URL("fleet-process-main.ts", import.meta.url))
const TSX = import.meta.resolve("tsx")

/** A process of a fleet, as its platform sees it. */
export class FleetProcess {
  readonly #child: ChildProcess = fork(MAIN, { execArgv: ["--import", TSX] })

  /** The errors that the process has had by the time that the order is carried out: SQLSTATE and text. */
  tell(order: Order): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`a process of the fleet ended with ${code}`))
      this.#child.once("exit", ended)
      this.#child.once("message", (errors: string[]) => {
        this.#child.off("exit", ended)
        resolve(errors)
      })
      this.#child.send(order, (error) => error && reject(error))
    })
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await exit
  }
}

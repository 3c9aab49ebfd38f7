import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { PooledAnswer, PooledOrder } from "./pooled-process-main.ts"

const MAIN = fileURLToPath(new URL("pooled-process-main.ts", import.meta.url))
const TSX = import.meta.resolve("tsx")

/** A client behind a pooler, in a process of its own: to be killed in the middle of a query. */
export class PooledProcess {
  readonly #child: ChildProcess

  constructor(env: Readonly<Record<string, string>>) {
    this.#child = fork(MAIN, { execArgv: ["--import", TSX], env: { PATH: process.env["PATH"], ...env } })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  tell(order: PooledOrder): Promise<PooledAnswer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`a client's process ended with ${code}`))
      this.#child.once("exit", ended)
      this.#child.once("message", (answer: PooledAnswer) => {
        this.#child.off("exit", ended)
        resolve(answer)
      })
      this.#child.send(order, (error) => error && reject(error))
    })
  }

  /** Ends it at once, whatever it is doing. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await exit
  }
}

import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { AutoOrder, AutoReport } from "./auto-process-main.ts"

const MAIN = fileURLToPath(new URL("auto-process-main.ts", import.meta.url))
const TSX = import.meta.resolve("tsx")

/** A process of a service whose pool follows the others, as its platform sees it. */
export class AutoProcess {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** Ready for orders, and without a connection yet. */
  static async start(url: string): Promise<AutoProcess> {
    const child = fork(MAIN, {
      execArgv: ["--import", TSX],
      env: { ...process.env, DATABASE_URL_CORE: url, PRISMA_POOL_SIZE_CORE: "auto" },
    })
    await once(child, "message")
    return new AutoProcess(child)
  }

  callers(callers: number): void {
    this.#child.send({ callers } satisfies AutoOrder)
  }

  async report(): Promise<AutoReport> {
    const answer = once(this.#child, "message")
    this.#child.send("report" satisfies AutoOrder)
    const [report] = await answer
    return report
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal)
  }

  /** SIGKILL: it says goodbye to nobody. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await exit
  }
}

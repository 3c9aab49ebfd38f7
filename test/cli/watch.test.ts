import { expect, test } from "vitest"
import { watch } from "../../src/cli/commands/watch.ts"
import type { Io } from "../../src/cli/io.ts"
import type { FullSample } from "../../src/cli/output/sample.ts"
import { quietIo } from "../support/command.ts"

const FULL: FullSample = {
  fullBy: "maxConnections",
  message: "sorry, too many clients already",
  server: { host: "db", user: "app", database: "core" },
  attribution: undefined,
  remedies: [],
  threshold: 80,
}

/** A watch on a terminal with these checks, and how often it took the terminal and gave it back. */
async function watched(checks: readonly (FullSample | Error)[]) {
  const left = [...checks]
  const taken: string[] = []
  const io: Io = {
    ...quietIo("/", { columns: 80 }),
    openTerminal() {
      taken.push("open")
      return { hasKeys: true, close: () => taken.push("close") }
    },
  }
  async function poll(): Promise<FullSample> {
    const next = left.shift()
    if (next === undefined || next instanceof Error) throw next ?? new TypeError("no more checks")
    return next
  }
  const error = await watch({ format: "text", watch: true }, poll, io).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { error, taken }
}

test("an error of ours gives the terminal back before it is told", async () => {
  expect(await watched([FULL, FULL, new TypeError("ours")])).toEqual({
    error: new TypeError("ours"),
    taken: ["open", "close"],
  })
})

test("an error of the first check leaves the terminal alone", async () => {
  expect(await watched([new TypeError("ours")])).toEqual({ error: new TypeError("ours"), taken: [] })
})

#!/usr/bin/env node
import { buffer } from "node:stream/consumers"
import { setTimeout } from "node:timers/promises"
import manifest from "../../package.json" with { type: "json" }
import { EXIT } from "./io.ts"
import { nodeFiles } from "./node-files.ts"
import { run } from "./run.ts"
import { openTerminal } from "./terminal.ts"

const { stdout, stderr, stdin } = process

const interrupted = new AbortController()

// `prisma-pool plan | head`: the reader closed the pipe. The verdict stays the same, and an endless watch ends.
for (const stream of [stdout, stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") {
      if (stream === stdout) interrupted.abort()
      return
    }
    // A full disk. An exception that nothing catches would exit with 1, which is a verdict.
    if (stream === stdout) stderr.write(`prisma-pool: stdout: cannot be written: ${error.message}.\n`)
    process.exit(EXIT.invalid)
  })
}

void run(
  process.argv.slice(2),
  {
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    control: (text) => stdout.write(text),
    // Node handles NO_COLOR, FORCE_COLOR and TERM=dumb.
    hasColors: stdout.isTTY === true && stdout.hasColors(),
    columns: stdout.isTTY === true ? stdout.columns : undefined,
    isTerminal: stdout.isTTY === true && process.env["TERM"] !== "dumb",
    size: () => (stdout.isTTY === true ? { columns: stdout.columns, rows: stdout.rows } : {}),
    openTerminal: (listener) => openTerminal(stdin, stdout, listener),
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: (millis, signal) => setTimeout(millis, undefined, { signal }).catch(() => {}),
    interruption: () => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort())
      return interrupted.signal
    },
    env: process.env,
    cwd: process.cwd(),
    files: nodeFiles,
    stdin: () => buffer(stdin),
  },
  manifest.version,
).then((exitCode) => {
  process.exitCode = exitCode
  // Whoever interrupts does not wait for a server that does not answer. The callback comes after all that was written.
  if (interrupted.signal.aborted) stdout.write("", () => process.exit())
})

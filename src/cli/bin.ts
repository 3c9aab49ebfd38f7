#!/usr/bin/env node
import { buffer } from "node:stream/consumers"
import manifest from "../../package.json" with { type: "json" }
import { run } from "./run.ts"

const { stdout, stderr, stdin } = process

// `prisma-pool plan | head`: whoever reads has had enough.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit()
  throw error
})

void run(
  process.argv.slice(2),
  {
    out: (text) => stdout.write(text),
    say: (text) => stderr.write(text),
    // NO_COLOR, FORCE_COLOR and TERM=dumb are decided by Node.
    hasColors: stdout.isTTY === true && stdout.hasColors(),
    columns: stdout.isTTY === true ? stdout.columns : undefined,
    env: process.env,
    cwd: process.cwd(),
    stdin: () => buffer(stdin),
  },
  manifest.version,
).then((exitCode) => {
  process.exitCode = exitCode
})

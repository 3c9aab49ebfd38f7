import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import xterm from "@xterm/headless"
import { onTestFinished } from "vitest"
import { directoryWith } from "./command.ts"
import { eventually } from "./helpers.ts"

const run = promisify(execFile)

const BIN = new URL("../../src/cli/bin.ts", import.meta.url).pathname

/** Keys as a terminal sends them. */
export const KEYS = {
  up: "\u001b[A",
  down: "\u001b[B",
  pageUp: "\u001b[5~",
  pageDown: "\u001b[6~",
  home: "\u001b[H",
  end: "\u001b[F",
  ctrlC: "\u0003",
} as const

/** The command in a real pseudo-terminal, and what a terminal shows of it. */
export interface CommandInTerminal {
  /** Everything that was sent, raw. */
  readonly sent: () => string
  /** The rows of the screen now, without trailing spaces. */
  readonly rows: () => readonly string[]
  /** What has scrolled away above the screen, and the screen. */
  readonly everything: () => readonly string[]
  /** True while the alternate screen is shown. */
  readonly isAlternate: () => boolean
  readonly press: (keys: string) => void
  /** Resizes the terminal, as its window manager does. */
  readonly resize: (columns: number, rows: number) => Promise<void>
  /** Waits until the screen shows this. */
  readonly shows: (text: string | RegExp) => Promise<void>
  /** Sends a signal to the command. */
  readonly signal: (name: NodeJS.Signals) => Promise<void>
  /** The exit code, and the terminal's modes after the command, as `stty -a` tells them. */
  readonly ended: () => Promise<{ readonly code: number; readonly modes: string }>
}

interface TerminalSetting {
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
  /** A redirection of the command, such as `< /dev/null`. */
  readonly redirection?: string
  readonly cwd?: string
}

/**
 * Runs `prisma-pool` in a pseudo-terminal of `script`, for this test. Its output goes through a terminal emulator, so
 * that a test sees what a person sees.
 */
export async function inTerminal(
  args: readonly string[],
  { columns = 80, rows = 24, env = {}, redirection = "", cwd }: TerminalSetting = {},
): Promise<CommandInTerminal> {
  const directory = await directoryWith({ tty: "", modes: "", pid: "" })
  const path = (name: string) => join(directory, name)
  const command = [process.execPath, "--import", import.meta.resolve("tsx"), BIN, ...args].map(quoted)
  // `script` without a terminal of its own turns the echo off; a person's terminal echoes ^C.
  const lines = [
    `stty sane rows ${rows} cols ${columns}`,
    `tty > ${quoted(path("tty"))}`,
    "echo '$ prisma-pool'",
    `sh -c 'echo $$ > "$0"; exec "$@"' ${quoted(path("pid"))} ${command.join(" ")} ${redirection}`,
    "code=$?",
    `stty -a > ${quoted(path("modes"))}`,
    "exit $code",
  ]
  // The shell outlives Ctrl-C, as an interactive one does.
  const child = spawn("script", ["-qefc", `trap : INT; ${lines.join("; ")}`, "/dev/null"], {
    env: { PATH: process.env["PATH"], SHELL: "/bin/sh", TERM: "xterm-256color", ...env },
    cwd: cwd ?? directory,
    stdio: ["pipe", "pipe", "inherit"],
  })
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 1_000, allowProposedApi: true })
  let sent = ""
  let written = Promise.resolve()
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    sent += text
    written = new Promise((resolve) => terminal.write(text, resolve))
  })
  let code: number | null | undefined
  const closed = once(child, "close").then(([status]) => {
    code = status
  })
  onTestFinished(() => {
    child.kill("SIGKILL")
    terminal.dispose()
  })
  const read = async (name: string) => (await readFile(path(name), "utf8")).trim()
  await eventually("the terminal is there", async () => (await read("tty")) !== "")

  const linesFrom = (first: number) =>
    Array.from(
      { length: terminal.buffer.active.length - first },
      (_, index) => terminal.buffer.active.getLine(first + index)?.translateToString(true) ?? "",
    )
  const visible = () => linesFrom(terminal.buffer.active.baseY).slice(0, terminal.rows)
  return {
    sent: () => sent,
    rows: visible,
    everything: () => linesFrom(0),
    isAlternate: () => terminal.buffer.active.type === "alternate",
    press: (keys) => void child.stdin.write(keys),
    async resize(width, height) {
      terminal.resize(width, height)
      await run("stty", ["-F", await read("tty"), "rows", `${height}`, "cols", `${width}`])
    },
    async shows(text) {
      const isThere = async () => {
        await written
        const screen = visible().join("\n")
        return typeof text === "string" ? screen.includes(text) : text.test(screen)
      }
      await eventually(`the screen shows ${text}`, async () => (await isThere()) || code !== undefined)
      if (!(await isThere())) throw new Error(`ended with ${code}, and shows\n${visible().join("\n")}`)
    },
    async signal(name) {
      process.kill(Number(await read("pid")), name)
    },
    async ended() {
      await closed
      await written
      if (typeof code !== "number") throw new Error("script was killed")
      return { code, modes: await read("modes") }
    },
  }
}

/** Quotes a word for a shell. */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

import type { Files } from "./files.ts"
import type { Terminal, TerminalListener } from "./terminal.ts"

/** A command's access to the process and its environment. */
export interface Io {
  /** Writes data to stdout, for a pipe. */
  readonly stdout: (text: string) => void
  /** Writes messages for people to stderr. */
  readonly stderr: (text: string) => void
  /** Writes to stdout without escaping: workflow commands, and sequences that erase a screen. */
  readonly control: (text: string) => void
  /** True if stdout shows colours. */
  readonly hasColors: boolean
  /** The width of the terminal, in columns; undefined in a pipe. */
  readonly columns: number | undefined
  /** True if stdout can be redrawn: a terminal that is not dumb. */
  readonly isTerminal: boolean
  /** Returns the present size of stdout, which may be resized. */
  readonly size: () => { readonly columns?: number; readonly rows?: number }
  /** Takes over the terminal, its keys included, until it is closed. */
  readonly openTerminal: (listener: TerminalListener) => Terminal
  readonly now: () => number
  /** Milliseconds of a clock that nobody sets, unlike that of `now`. */
  readonly monotonic: () => number
  /** Waits for a number of milliseconds, or until it is interrupted. */
  readonly sleep: (millis: number, interrupted: AbortSignal) => Promise<void>
  /** Returns a signal that is aborted when the process should end; called by commands that then print a result. */
  readonly interruption: () => AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
  /** The directory that paths start from. */
  readonly cwd: string
  readonly files: Files
  /** Everything on stdin. */
  readonly stdin: () => Promise<Uint8Array>
}

/** The exit codes of the process. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** No verdict is possible. */
  unknown: 2,
  /** Bad input, or an error of ours: nothing was judged. */
  invalid: 3,
  /** Interrupted before a verdict, as shells number it: 128 plus SIGINT's number. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What a command needs of the world. */
export interface Io {
  /** Writes data: what a pipe gets. */
  readonly stdout: (text: string) => void
  /** Writes what is for people. */
  readonly stderr: (text: string) => void
  /** Writes to stdout what nothing escapes: workflow commands, and what erases a screen. */
  readonly control: (text: string) => void
  /** Whether stdout shows colours. */
  readonly hasColors: boolean
  /** The width of the terminal, in columns; undefined in a pipe. */
  readonly columns: number | undefined
  /** Whether stdout can be redrawn: a terminal, and not a dumb one. */
  readonly isTerminal: boolean
  /** What stdout is at this moment: it may be resized. */
  readonly size: () => { readonly columns?: number; readonly rows?: number }
  readonly now: () => number
  /** Waits so many milliseconds, or until it is interrupted. */
  readonly sleep: (millis: number, interrupted: AbortSignal) => Promise<void>
  /** Is aborted when somebody wants the process to end; asked for by what then has something to say. */
  readonly interruption: () => AbortSignal
  readonly env: Readonly<Record<string, string | undefined>>
  /** The directory that paths start from. */
  readonly cwd: string
  /** Everything on stdin. */
  readonly stdin: () => Promise<Uint8Array>
}

/** What the process ends with: a verdict, or that there is none. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** Nobody can tell. */
  unknown: 2,
  /** Bad input, or an error of ours: nothing was judged. */
  invalid: 3,
  /** Interrupted before there was a verdict, as a shell counts it: 128 and SIGINT's number. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

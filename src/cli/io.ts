/** What a command needs of the world. */
export interface Io {
  /** Writes data: what a pipe gets. */
  readonly out: (text: string) => void
  /** Writes what is for people. */
  readonly say: (text: string) => void
  /** Whether stdout shows colours. */
  readonly hasColors: boolean
  /** The width of the terminal, in columns; undefined in a pipe. */
  readonly columns: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** The directory that paths start from. */
  readonly cwd: string
  /** Everything on stdin. */
  readonly stdin: () => Promise<Uint8Array>
}

/** What the process ends with. */
export const EXIT = { fine: 0, fails: 1, cannotTell: 2 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

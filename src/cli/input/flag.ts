/** A flag of the command, for whatever parses a command line: commander, and the page that checks in a browser. */
export interface Flag {
  /** Its names and its value, as help shows them: `-c, --config <file>`. Without a value it is a switch. */
  readonly usage: string
  readonly description: string
  /** The values that are allowed, if there are few. */
  readonly choices?: readonly string[]
  readonly default?: string
  /**
   * Reads a value.
   *
   * @param before the result so far, if the flag is given again
   * @throws FlagError for a value that is refused
   */
  read?(text: string, before: unknown): unknown
}

/** Refuses a flag's value. Its message says what to give. commander tells such errors from others by their code. */
export class FlagError extends Error {
  override readonly name = "FlagError"
  readonly code = "commander.invalidArgument"
  readonly exitCode = 1
}

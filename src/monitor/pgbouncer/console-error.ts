/** Says why a console gives no answer, and what to do. Its text has neither a URL nor a password. */
export class ConsoleError extends Error {
  readonly problem: string
  readonly remedy: string
  /** True if what answered is no console of PgBouncer. */
  readonly isElsewhere: boolean

  constructor(
    problem: string,
    remedy: string,
    options: { readonly cause?: unknown; readonly isElsewhere?: boolean } = {},
  ) {
    super(`${problem}. ${remedy}.`, { cause: options.cause })
    this.name = "ConsoleError"
    this.problem = problem
    this.remedy = remedy
    this.isElsewhere = options.isElsewhere ?? false
  }
}

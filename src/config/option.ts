interface Described {
  /** The environment variable that sets it, without the suffix of a database. */
  readonly variable?: string
  /** Whether each database has a variable of its own, and there is none for all. */
  readonly isPerDatabase?: true
  /** The parameter of the connection URL that sets it. */
  readonly parameter?: string
  /** What other software calls that parameter, for spelling hints. */
  readonly aliases?: readonly string[]
  /** Sent when a connection starts, which PgBouncer refuses. */
  readonly isStartupParameter?: true
  /** Of a parameter: what it becomes here, for its documentation. */
  readonly mapsTo?: string
  /** Of a parameter: what Prisma 6 and plain Prisma 7 make of it, default included, for its documentation. */
  readonly inPrisma?: string
  /** One line, for the README, `.env.example`, `docs/url-parameters.md` and error messages. */
  readonly description: string
}

/** An option whose value is a whole number. */
export interface NumberOption extends Described {
  readonly kind: "number"
  readonly unit:
    | "connections"
    | "seconds"
    | "milliseconds"
    | "instances"
    | "jobs"
    | "statements"
    | "probes"
    | "port"
  readonly min: number
  readonly max: number
  /** Absent where unset means something else than a number. */
  readonly default?: number
  /** What 0 means, or why it is refused. */
  readonly zeroMeans?: string
}

/** An option whose value is free text. */
export interface TextOption extends Described {
  readonly kind: "text"
  /** Where PostgreSQL would cut a longer one without a word, and two that differ only at the end become one. */
  readonly maxBytes?: number
  /** What it looks like, where that is not free. */
  readonly shape?: string
  /** Never shown. */
  readonly secret?: true
}

/** An option that is on or off: `true` or `false`, nothing else, as in Prisma 6. */
export interface BooleanOption extends Described {
  readonly kind: "boolean"
}

/** An option that is one of a few words. */
export interface ChoiceOption extends Described {
  readonly kind: "choice"
  readonly choices: readonly string[]
  /** Absent where unset means something else than a choice. */
  readonly default?: string
}

export type Option = NumberOption | TextOption | BooleanOption | ChoiceOption

/** How an option's allowed values are written in a message. */
export function allowed(option: Option): string {
  switch (option.kind) {
    case "boolean":
      return "true or false"
    case "choice":
      return option.choices.join(", ").replace(/, (?=[^,]*$)/, " or ")
    case "text":
      return option.shape ?? `${option.maxBytes ? `at most ${option.maxBytes} bytes of ` : ""}visible text`
    case "number":
      return `a whole number ${option.unit === "port" ? "" : `of ${option.unit} `}from ${option.min} to ${option.max}`
  }
}

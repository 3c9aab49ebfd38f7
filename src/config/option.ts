interface Described {
  /** The environment variable that sets it, without the suffix of a database. */
  readonly variable?: string
  /** True if each database has its own variable, and no variable is shared by all. */
  readonly isPerDatabase?: true
  /** The parameter of the connection URL that sets it. */
  readonly parameter?: string
  /** Names of that parameter in other software, for spelling hints. */
  readonly aliases?: readonly string[]
  /** True if it is sent when a connection starts, which PgBouncer refuses. */
  readonly isStartupParameter?: true
  /** The option of node-postgres that a parameter becomes, for the documentation. */
  readonly mapsTo?: string
  /** The effect of a parameter in Prisma 6 and plain Prisma 7, default included, for the documentation. */
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
    | "callers"
    | "statements"
    | "probes"
    | "port"
  readonly min: number
  readonly max: number
  /** Absent where an unset option does not stand for a number. */
  readonly default?: number
  /** The meaning of 0, or the reason why it is refused. */
  readonly zeroMeans?: string
  /** A word that its variable takes in place of a number. No parameter of a URL takes it. */
  readonly word?: string
}

/** An option whose value is free text. */
export interface TextOption extends Described {
  readonly kind: "text"
  /** The limit above which PostgreSQL silently truncates: two values that differ only at the end would become one. */
  readonly maxBytes?: number
  /** The required form, for messages; absent where any text is allowed. */
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
  /** Absent where an unset option does not stand for one of the choices. */
  readonly default?: string
}

export type Option = NumberOption | TextOption | BooleanOption | ChoiceOption

/** Formats an option's allowed values for a message. */
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

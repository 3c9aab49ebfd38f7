import { CHECK_FLAGS, type CheckFlags } from "../../src/cli/input/check-flags.ts"
import { type Flag, FlagError } from "../../src/cli/input/flag.ts"

/** Refuses a command line, in the words of commander, which parses that of the command. */
export class CommandLineError extends Error {}

/**
 * Parses the arguments of `prisma-pool check`.
 *
 * @throws CommandLineError for what is no flag, and for a value that is refused
 */
export function parseFlags(args: readonly string[]): CheckFlags {
  const values: Record<string, unknown> = Object.fromEntries(
    CHECK_FLAGS.filter((flag) => flag.default !== undefined).map((flag) => [keyOf(flag), flag.default]),
  )
  const given = new Set<Flag>()
  const rest = [...args]
  let operands = 0
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!/^-./.test(word)) {
      operands++
      continue
    }
    const [, name = word, inline] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
    const flag = CHECK_FLAGS.find(({ usage }) => namesOf(usage).includes(name))
    if (flag === undefined) throw new CommandLineError(`unknown option '${word}'`)
    const key = keyOf(flag)
    if (!flag.usage.includes("<")) {
      if (inline !== undefined) throw new CommandLineError(`unknown option '${word}'`)
      values[key] = true
      continue
    }
    const text = inline ?? rest.shift()
    if (text === undefined) throw new CommandLineError(`option '${flag.usage}' argument missing`)
    values[key] = readValue(flag, text, given.has(flag) ? values[key] : undefined)
    given.add(flag)
  }
  if (operands > 0) {
    throw new CommandLineError(`too many arguments for 'check'. Expected 0 arguments but got ${operands}.`)
  }
  // What the table reads is what the type says of it, as in the command.
  return values as unknown as CheckFlags
}

function readValue(flag: Flag, text: string, before: unknown): unknown {
  const { usage, choices, read } = flag
  const refused = (reason: string) =>
    new CommandLineError(`option '${usage}' argument '${text}' is invalid. ${reason}`)
  if (choices !== undefined && !choices.includes(text)) {
    throw refused(`Allowed choices are ${choices.join(", ")}.`)
  }
  try {
    return read === undefined ? text : read(text, before)
  } catch (error) {
    throw error instanceof FlagError ? refused(error.message) : error
  }
}

/** `-c` and `--config` of `-c, --config <file>`. */
const namesOf = (usage: string): readonly string[] => usage.replace(/ <.*/, "").split(", ")

/** `allowJs` of `--allow-js`, as commander calls it. */
const keyOf = ({ usage }: Flag): string =>
  (namesOf(usage).at(-1) ?? "").slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

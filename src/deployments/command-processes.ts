/** A number of processes, or the reason why it cannot be seen. */
export type ProcessCount = number | { readonly unseen: string }

/** Reads a number of processes; undefined if the text is none. */
export const readProcesses = (text: string): number | undefined =>
  /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined

/**
 * Counts the processes that a command starts, each with a client of its own; undefined if the command decides nothing, so
 * that the container's own number counts.
 *
 * @param text the words of the command
 * @param values the variables that the command may refer to
 * @param own the number that the environment has for each program; undefined if it has none
 */
export function processesIn(
  text: string,
  values: ReadonlyMap<string, string>,
  own: ProcessCount | undefined,
): ProcessCount | undefined {
  const apps = appsOfPm2(text, values, own)
  if (apps.some((app) => app.isStated)) return total(apps.map(({ count }) => count))
  if (FILE_OF_PROGRAMS.test(text)) return { unseen: "unknown: its command starts several programs" }
  const programs = Math.max(apps.length, inBackground(text))
  if (programs < 2) return undefined
  return total(Array.from({ length: programs }, () => own ?? 1))
}

const total = (counts: readonly ProcessCount[]): ProcessCount =>
  counts.find((count) => typeof count !== "number") ??
  counts.reduce<number>((sum, count) => sum + (typeof count === "number" ? count : 0), 0)

interface App {
  readonly count: ProcessCount
  /** False if pm2 is told no number. */
  readonly isStated: boolean
}

/** The programs that pm2 is told to start. */
function appsOfPm2(
  text: string,
  values: ReadonlyMap<string, string>,
  own: ProcessCount | undefined,
): readonly App[] {
  return [...text.matchAll(PM2)].flatMap(([, name = "", rest = ""]): App[] => {
    // What follows is the program's own.
    const [options = ""] = rest.split(/\s--\s/, 1)
    const stated = INSTANCES.exec(options)?.[1]
    if (stated !== undefined) return [{ count: instancesOf(stated, values), isStated: true }]
    if (name === "pm2" && !/\bstart/i.test(options)) return []
    // Such a file mostly takes the number of the environment where that has one.
    const isOpen = FILE_OF_PM2.test(options) && own === undefined
    return [
      isOpen
        ? { count: { unseen: "unknown: a file of pm2 has the number" }, isStated: true }
        : { count: own ?? 1, isStated: false },
    ]
  })
}

const PM2 = /\b(pm2(?:-runtime|-docker)?)\s+([^;&|\n]*)/g
const INSTANCES = /(?:^|\s)(?:-i|--instances)[\s=]*["']?([^\s"']+)/

/** The names by which pm2 tells a file of its own from a program. */
const FILE_OF_PM2 = /\S(\.json|\.ya?ml|\.config\.[cm]?js)["']?(\s|$)/

function instancesOf(stated: string, values: ReadonlyMap<string, string>): ProcessCount {
  const [, variable] = /^\$[({]?(\w+)[)}]?$/.exec(stated) ?? []
  const count = variable === undefined ? stated : (values.get(variable) ?? "")
  const unseen = /^(max|0|-\d+)$/.test(count) ? "the number of CPU cores" : "given by a variable"
  return readProcesses(count) ?? { unseen }
}

/** Programs that start others side by side, which a file or their own arguments name. */
const FILE_OF_PROGRAMS =
  /(^|[\s;&|/])(concurrently|run-p|npm-run-all\b[^;&|]*\s(-p|--parallel)|pnpm\b[^;&|]*\s--parallel|supervisord|overmind|hivemind|honcho|foreman)(\s|$)/

/** Counts the programs that a shell runs at the same time: all but the last are in the background. */
const inBackground = (text: string): number =>
  text.split(/(?<![&>|])&(?=\s|$)/).filter((part) => RUNTIME.test(part.replaceAll("&&", ";"))).length

const RUNTIME = /(^|[\s;|("'/])(node|npm|npx|pnpm|yarn|bun|bunx|deno|tsx|ts-node|next|nest)\s/

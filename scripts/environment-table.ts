// `.env.example`, the table of `docs/settings.md`, and the essentials of README.md between two markers, from the option table.
import { CORE } from "../src/config/database-variables.ts"
import { allowed, type Option } from "../src/config/option.ts"
import { OPTIONS } from "../src/config/options.ts"
import { markdownTable } from "./markdown-table.ts"

export const START = "<!-- settings:start -->"
export const END = "<!-- settings:end -->"

/** The options that a variable sets, in the table's order. */
export const VARIABLES: readonly (Option & { readonly variable: string })[] = Object.values(OPTIONS).filter(
  (option): option is Extract<(typeof OPTIONS)[keyof typeof OPTIONS], { variable: string }> =>
    "variable" in option,
)

/** The options that nearly every service sets, for the README. */
const ESSENTIALS: readonly (Option & { readonly variable: string })[] = [
  OPTIONS.url,
  OPTIONS.connectionLimit,
  OPTIONS.applicationName,
  OPTIONS.poolTimeout,
  OPTIONS.connectTimeout,
]

/** The README's table. */
export function essentialsTable(): string {
  const rows = ESSENTIALS.map((option) => [
    `\`${option.variable}\``,
    option.parameter === undefined ? "–" : `\`${option.parameter}\``,
    defaultOf(option) === "" ? "–" : `\`${defaultOf(option)}\``,
    meaningOf(option),
  ])
  return markdownTable(["variable", "in the URL", "default", "meaning"], rows)
}

/** The table of all variables. */
export function environmentTable(): string {
  const rows = VARIABLES.map((option) => [
    `\`${option.variable}\``,
    defaultOf(option) === "" ? "–" : `\`${defaultOf(option)}\``,
    rangeOf(option),
    meaningOf(option),
  ])
  return markdownTable(["variable", "default", "range", "meaning"], rows)
}

/** `.env.example`: every variable with its default, commented out where it may stay unset. */
export function environmentExample(): string {
  return VARIABLES.map((option) => {
    const value = option.kind === "text" ? (option.shape ?? "") : defaultOf(option)
    const isRequired = option.variable === OPTIONS.url.variable
    // The variable of a named database, as `createCoreClient` reads it.
    const ofCore = option.isPerDatabase ? `# ${option.variable}_${CORE}=${value}\n` : ""
    return `# ${meaningOf(option)}.\n${isRequired ? "" : "# "}${option.variable}=${value}\n${ofCore}`
  }).join("\n")
}

/** A README with the essentials between its markers. */
export function withTable(readme: string): string {
  const start = readme.indexOf(START)
  const end = readme.indexOf(END)
  if (start === -1 || end < start) throw new Error(`README.md needs ${START} and ${END}`)
  return `${readme.slice(0, start + START.length)}\n${essentialsTable()}\n${readme.slice(end)}`
}

function defaultOf(option: Option): string {
  return option.kind === "number" && option.default !== undefined ? String(option.default) : ""
}

function rangeOf(option: Option): string {
  if (option.kind !== "number") return option.kind === "text" && option.shape ? "a URL" : allowed(option)
  return `${option.min.toLocaleString("en-US")} to ${option.max.toLocaleString("en-US")} ${option.unit}`
}

/** An option's description, with the meaning of 0. */
export function meaningOf(option: Option): string {
  return option.kind === "number" && option.zeroMeans
    ? `${option.description}. ${option.zeroMeans}`
    : option.description
}

import { parse } from "shell-quote"
import type { CheckOptions, DocumentFormat } from "./documents.ts"

/** Returns the arguments of `prisma-pool check` for some files and options. */
export function argumentsOf(
  documents: readonly { readonly name: string; readonly format: DocumentFormat }[],
  { maxConnections, onlyWarnInDeploy, isStrict, flags }: CheckOptions,
): readonly string[] {
  return [
    ...documents
      .filter(({ format }) => format !== "named")
      .flatMap(({ name, format }) => [`--${format}`, pathOf(name)]),
    ...(maxConnections.trim() === "" ? [] : ["--max-connections", maxConnections.trim()]),
    ...(onlyWarnInDeploy ? ["--deploy", "warn"] : []),
    ...(isStrict ? ["--strict"] : []),
    ...wordsOf(flags),
  ]
}

/** Returns the command that does the same in a shell. */
export const commandOf = (args: readonly string[]): string =>
  ["npx prisma-pool-config check", ...args.map(quoted)].join(" ")

/** Leaves `api=4x20` as a person types it, where the quoting of libraries has a backslash. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** `-` is stdin, and what is before `=` the name of a pooler. */
const pathOf = (name: string): string => (/^-|=/.test(name) ? `./${name}` : name)

/** The words of some lines, without anything that a shell would replace in them. */
const wordsOf = (text: string): readonly string[] =>
  text
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line) => parse(line, (name) => `$${name}`))
    .flatMap((word) => {
      if (typeof word === "string") return [word]
      if ("comment" in word) return []
      return ["pattern" in word ? word.pattern : word.op]
    })

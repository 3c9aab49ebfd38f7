import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** The pages for users: the README, and what it leads to. */
export const pages: readonly { readonly name: string; readonly text: string }[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
].map((name) => ({ name, text: readFileSync(join(root, name), "utf8") }))

export function page(name: string): string {
  const found = pages.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no page ${name}`)
  return found.text
}

export const withoutCode = (text: string): string => text.replaceAll(/^ *```.*?^ *```$/gms, "")

export const headingsOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading)

/** The code blocks of a language, as they stand in a page. */
export const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, block = ""]) => block)

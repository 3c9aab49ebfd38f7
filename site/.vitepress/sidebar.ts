import { readFileSync } from "node:fs"
import type { DefaultTheme } from "vitepress"
import { onGitHub } from "./repository.ts"

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8")

const withCapital = (text: string): string => text.replace(/^[a-z]/, (letter) => letter.toUpperCase())

/** The pages by task: the groups and the names are those of the list at the end of the README. */
export const sidebar: DefaultTheme.SidebarItem[] = [...readme.matchAll(/^- \*\*([\w ]+)\*\*: (.*)$/gm)].map(
  ([, group = "", links = ""]) => ({
    text: group,
    items: [...links.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, text = "", address = ""]) => ({
      text: withCapital(text),
      link: address.replace(new RegExp(`^${onGitHub("docs/")}(.*)\\.md$`), "/$1"),
    })),
  }),
)

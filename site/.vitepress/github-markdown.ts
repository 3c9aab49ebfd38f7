import { dirname, join, posix, relative } from "node:path"
import { fileURLToPath } from "node:url"
import type { MarkdownRenderer } from "vitepress"
import { onGitHub } from "./repository.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The id that GitHub gives a heading: with another one a link into the page would hold in one place only. */
export const githubSlug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-")

/** The address on GitHub of a link to a file that is no page of the site; undefined for every other link. */
function outsideTheSite(href: string, page: string): string | undefined {
  if (/^([a-z]+:|[#/])/i.test(href)) return undefined
  const [path = "", fragment] = href.split("#")
  const target = posix.normalize(relative(root, join(dirname(page), path)))
  if (/^(docs|site)\/[^/]+\.md$/.test(target)) return undefined
  return onGitHub(fragment === undefined ? target : `${target}#${fragment}`)
}

/** Makes of the pages what GitHub makes of them: the same text, and the same targets of links. */
export function renderAsGitHub(md: MarkdownRenderer): void {
  // Braces in code are text, and no expression of Vue.
  const code = md.renderer.rules.code_inline
  md.renderer.rules.code_inline = (...args) => (code?.(...args) ?? "").replace("<code", "<code v-pre")

  const link = md.renderer.rules["link_open"]
  md.renderer.rules["link_open"] = (tokens, index, options, env, self) => {
    const token = tokens[index]
    const href = token?.attrGet("href")
    // The index of the search knows no path, and keeps no link.
    const outside = href && env.realPath && outsideTheSite(href, env.realPath)
    if (outside) token?.attrSet("href", outside)
    return link?.(tokens, index, options, env, self) ?? self.renderToken(tokens, index, options)
  }

  md.core.ruler.push("wide", ({ tokens }) => {
    for (const [index, { type, content, children }] of tokens.entries()) {
      const parent = tokens[index - 1]
      if (type !== "inline" || parent === undefined) continue
      // A table scrolls: its sentences need not be a column of single words.
      if (parent.type === "td_open" && content.length > 60) parent.attrSet("class", "sentence")
      // A chart is wider than a phone: it scrolls in its paragraph, also by the keyboard.
      const parts = children?.filter((child) => child.type !== "softbreak") ?? []
      if (parts.length > 0 && parts.every((child) => child.type === "image")) {
        parent.attrSet("class", "charts")
        parent.attrSet("tabindex", "0")
      }
    }
  })
}

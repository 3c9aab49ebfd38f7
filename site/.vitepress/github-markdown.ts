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

/** Where a link leads in the site: to a page of it, all of which are in one folder, or else to the repository. */
function targetInSite(href: string, page: string): string {
  if (/^([a-z]+:|[#/])/i.test(href)) return href
  const [path = "", ...fragment] = href.split(/(?=#)/)
  const target = posix.normalize(relative(root, join(dirname(page), path)))
  const [, name] = /^(?:docs|site)\/([^/]+\.md)$/.exec(target) ?? []
  return [name ?? onGitHub(target), ...fragment].join("")
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
    if (href && env.realPath) token?.attrSet("href", targetInSite(href, env.realPath))
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

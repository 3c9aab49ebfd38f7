import { fileURLToPath } from "node:url"
import { defineConfig } from "vitepress"

export default defineConfig({
  title: "prisma-pool-config",
  description: "Prisma connection pools that fit your PostgreSQL",
  srcDir: "..",
  srcExclude: ["*.md", "!(docs|site)/**"],
  rewrites: { "docs/:page": ":page", "site/:page": ":page" },
  outDir: "dist",
  cacheDir: "../node_modules/.cache/vitepress",
  base: "./",
  ignoreDeadLinks: true,
  themeConfig: { search: { provider: "local" } },
  vite: {
    // The command in the checker's worker asks Node.js for no more than this.
    resolve: {
      alias: {
        "node:path": "pathe",
        "node:util": fileURLToPath(new URL("../checker/node-util.ts", import.meta.url)),
      },
    },
    // One file, so that nothing is loaded once the page is there.
    worker: { format: "es", rolldownOptions: { output: { codeSplitting: false } } },
  },
  markdown: {
    config(md) {
      // On GitHub a page of the docs leads to one of the site by its path; here they are in one folder.
      const link = md.renderer.rules["link_open"]
      md.renderer.rules["link_open"] = (tokens, index, ...rest) => {
        const href = tokens[index]?.attrGet("href") ?? ""
        if (href.startsWith("../site/")) tokens[index]?.attrSet("href", href.replace("../site/", ""))
        return link?.(tokens, index, ...rest) ?? ""
      }
      // The pages are written for GitHub, where braces in code are text.
      const code = md.renderer.rules.code_inline
      md.renderer.rules.code_inline = (...args) => (code?.(...args) ?? "").replace("<code", "<code v-pre")
    },
  },
})

import { fileURLToPath } from "node:url"
import { defineConfig } from "vitepress"
import manifest from "../../package.json" with { type: "json" }
import { withContentSecurityPolicy } from "./content-security-policy.ts"
import { githubSlug, renderAsGitHub } from "./github-markdown.ts"
import { onGitHub, repository } from "./repository.ts"
import { sidebar } from "./sidebar.ts"

export default defineConfig({
  title: manifest.name,
  description: manifest.description,
  lang: "en",
  srcDir: "..",
  srcExclude: ["*.md", "!(docs|site)/**"],
  rewrites: { "docs/:page": ":page", "site/:page": ":page" },
  outDir: "dist",
  cacheDir: "../node_modules/.cache/vitepress",
  base: "./",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "./favicon.svg" }]],
  // To hold back transitions for a moment it would add a style sheet, which the policy forbids.
  appearance: { disableTransition: false },
  transformHtml: withContentSecurityPolicy,
  // A page that promises to make no request does not load others because a link to them came into sight.
  router: { prefetchLinks: false },
  themeConfig: {
    nav: [
      { text: "Calculator", link: "/calculator" },
      { text: "Check", link: "/check" },
      { text: "Docs", link: "/quick-starts" },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: repository }],
    editLink: { pattern: `${repository}/edit/main/:path`, text: "Edit this page on GitHub" },
    footer: { message: `<a href="${onGitHub("LICENSE")}">${manifest.license} licence</a>` },
  },
  markdown: {
    // To GitHub braces behind a heading are text.
    attrs: false,
    anchor: { slugify: githubSlug },
    config: renderAsGitHub,
  },
  vite: {
    publicDir: fileURLToPath(new URL("../public", import.meta.url)),
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
})

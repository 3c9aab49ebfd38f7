import { readdirSync } from "node:fs"
import { join, parse } from "node:path"
import { beforeAll, describe, expect, inject, test } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { githubSlug } from "../../site/.vitepress/github-markdown.ts"
import { onGitHub } from "../../site/.vitepress/repository.ts"
import { headingsOf, pages, page as pageText, root } from "../documentation/pages.ts"
import { browserPages } from "../support/chromium.ts"
import { installed } from "../support/client-tools.ts"
import { crawl, type Visit, type Watched, watch } from "./crawl.ts"

const documents = pages.filter(({ name }) => name.startsWith("docs/"))

describe.runIf(installed("chromium"))("every page of the site", () => {
  const open = browserPages()
  const site = inject("siteUrl")
  let visits: ReadonlyMap<string, Visit>
  let watched: Watched

  beforeAll(async () => {
    const page = await open("about:blank")
    watched = watch(page)
    visits = await crawl(page, site)
    await page.close()
  })

  const addressOf = (name: string) => `${site}${name.replace(/^docs\/(.*)\.md$/, "$1.html")}`

  test("is reached from the first one", () => {
    expect(documents.length).toBeGreaterThan(20)
    const missing = documents.filter(({ name }) => !visits.has(addressOf(name)))
    expect(missing.map(({ name }) => name)).toEqual([])
  })

  test("ends with the licence", () => {
    for (const [url, { lastLine }] of visits) expect(lastLine, url).toContain(`${manifest.license} licence`)
  })

  test("is there where the README leads to it", () => {
    const links = pageText("README.md").matchAll(new RegExp(`\\(${manifest.homepage}([\\w-]+)\\)`, "g"))
    const targets = [...links].map(([, name = ""]) => `${site}${name}.html`)
    expect(targets).toContain(`${site}calculator.html`)
    expect(targets.filter((target) => !visits.has(target))).toEqual([])
  })

  test("has only links whose page and heading are there", () => {
    const dead = [...visits].flatMap(([url, { links }]) =>
      links
        .filter((link) => link.startsWith(site))
        .filter((link) => {
          const [page = "", anchor] = link.split("#")
          const ids = visits.get(page)?.ids
          return ids === undefined || (anchor && !ids.includes(decodeURIComponent(anchor)))
        })
        .map((link) => `${url}: ${link}`),
    )
    expect(dead).toEqual([])
  })

  test("has the ids of headings that GitHub gives them", () => {
    for (const { name, text } of documents) {
      const ids = headingsOf(text).map(githubSlug)
      expect(visits.get(addressOf(name))?.ids, name).toEqual(expect.arrayContaining(ids))
    }
  })

  test("shows the charts of the benchmarks on theirs", () => {
    const charts = readdirSync(join(root, "bench/charts")).map((file) => parse(file).name)
    const shown = visits.get(addressOf("docs/benchmarks.md"))?.pictures
    expect(shown).toEqual(expect.arrayContaining(charts.map((name) => expect.stringContaining(name))))
  })

  test("leads to the repository for what is no page", () => {
    const links = [...visits.values()].flatMap((visited) => visited.links)
    expect(links).toContain(onGitHub("bench/RESULTS.md#cost"))
    expect(links).toContain(onGitHub("CHANGELOG.md"))
    expect(links).toContain(onGitHub("LICENSE"))
  })

  test.each([360, 1280])("is no wider than a window of %i pixels", (width) => {
    const wide = [...visits].filter(([, { overflow }]) => overflow[width] !== 0)
    expect(wide.map(([url, { overflow }]) => `${url}: ${overflow[width]}`)).toEqual([])
  })

  test("asks for nothing outside of its folder, and does nothing that its policy forbids", () => {
    expect(watched.requests.length).toBeGreaterThan(visits.size)
    expect(watched.requests.filter((url) => !url.startsWith(site) && !url.startsWith("data:"))).toEqual([])
    expect(watched.problems).toEqual([])
  })

  test("has a policy that begins with nothing, and allows neither a connection nor a form", () => {
    for (const [url, { policy }] of visits) {
      expect(policy, url).toMatch(/^default-src 'none';/)
      expect(policy, url).toContain("form-action 'none'")
      expect(policy, url).not.toMatch(/connect-src|unsafe-eval|script-src[^;]*unsafe|https?:/)
    }
  })
})

import { describe, expect, inject, test } from "vitest"
import { browserPages } from "../support/chromium.ts"
import { installed } from "../support/client-tools.ts"
import { seriousProblems } from "./accessibility.ts"
import { hydrated, watch } from "./crawl.ts"

const PAGES = ["index", "quick-starts", "settings", "benchmarks", "ci"]

describe.runIf(installed("chromium"))("the site", () => {
  const open = browserPages()
  const site = inject("siteUrl")

  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    test.each(PAGES)("has nothing in %s that keeps anybody out", async (name) => {
      const page = await open("about:blank")
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      await page.goto(`${site}${name}`, { waitUntil: "networkidle" })
      expect(await page.locator("html.dark").count()).toBe(colorScheme === "dark" ? 1 : 0)
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 })
        expect(await seriousProblems(page), `${width} pixels`).toEqual([])
      }
    })
  })

  test("finds a page by its words, goes there, and changes its colours, all within its policy", async () => {
    const page = await open("about:blank")
    const { requests, problems } = watch(page)
    await page.goto(site)
    await hydrated(page)
    await page.getByRole("button", { name: "Search" }).click()
    await page.getByRole("searchbox").fill("superuser_reserved_connections")
    await page.locator(".result").first().click()
    await page.waitForURL((url) => url.pathname !== "/some/folder/")
    await page.getByRole("switch", { name: "Appearance" }).first().click()
    await page.locator("html.dark").waitFor()
    await page.getByRole("link", { name: "Sizing", exact: true }).click()
    await page.waitForURL(/\/some\/folder\/sizing/)
    // The address is there before the page.
    await page.getByRole("heading", { level: 1, name: "Sizing" }).waitFor()
    expect(await page.locator("html.dark").count()).toBe(1)
    expect(requests.filter((url) => !url.startsWith(site) && !url.startsWith("data:"))).toEqual([])
    expect(problems).toEqual([])
  })

  test("takes less than a megabyte for its first page, uncompressed", async () => {
    const page = await open("about:blank")
    const lengths: number[] = []
    page.on("response", (response) => {
      if (response.url().startsWith(site)) lengths.push(Number(response.headers()["content-length"]))
    })
    await page.goto(site, { waitUntil: "networkidle" })
    expect(lengths.length).toBeGreaterThan(5)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(1_000_000)
  })

  test("says of an address that it does not have that there is no such page", async () => {
    const page = await open(`${site}no-such-page`)
    await page.getByText("PAGE NOT FOUND").waitFor()
  })
})

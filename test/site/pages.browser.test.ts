import { describe, expect, inject, test } from "vitest"
import { browserPages } from "../support/chromium.ts"
import { installed } from "../support/client-tools.ts"

describe.runIf(installed("chromium"))("the site", () => {
  const open = browserPages()

  test("works from any folder", async () => {
    const page = await open(inject("siteUrl"))
    await page.getByRole("link", { name: "sizing" }).click()
    await page.waitForURL(/\/some\/folder\/sizing/)
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain("Sizing")
  })
})

import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { LONGEST_WAIT_MS, launchChromium } from "./launch-chromium.ts"

/** A Chromium for the tests of a file, and what opens a page in it, of a phone's or a desktop's width. */
export function browserPages(): (url: string, width?: number) => Promise<Page> {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  return async (url, width = 1280) => {
    const page = await browser.newPage({ viewport: { width, height: 800 } })
    page.setDefaultTimeout(LONGEST_WAIT_MS)
    await page.goto(url)
    return page
  }
}

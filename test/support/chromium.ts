import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { fileOf } from "./client-tools.ts"

/** As root, and where no other network is: nothing of the browser itself makes requests. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

/** A Chromium for the tests of a file, and what opens a page in it, of a phone's or a desktop's width. */
export function browserPages(): (url: string, width?: number) => Promise<Page> {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: fileOf("chromium"), args: ARGUMENTS })
  })
  afterAll(() => browser?.close())
  return async (url, width = 1280) => {
    const page = await browser.newPage({ viewport: { width, height: 800 } })
    await page.goto(url)
    return page
  }
}

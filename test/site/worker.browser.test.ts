import { describe, expect, inject, test } from "vitest"
import { browserPages } from "../support/chromium.ts"
import { installed } from "../support/client-tools.ts"
import { hydrated } from "./crawl.ts"

/** What of a browser makes requests in a worker. */
const WAYS_OUT = [
  "fetch",
  "XMLHttpRequest",
  "WebSocket",
  "WebSocketStream",
  "EventSource",
  "WebTransport",
  "FontFace",
  "caches",
  "importScripts",
  "Worker",
]

const OPEN = `${JSON.stringify(WAYS_OUT)}.filter((name) => globalThis[name] !== undefined)`

describe.runIf(installed("chromium"))("the worker", () => {
  const open = browserPages()

  test.each(["check", "calculator"])("of %s has no way out", async (name) => {
    const page = await open("about:blank")
    const started = page.waitForEvent("worker")
    await page.goto(`${inject("siteUrl")}${name}`)
    await hydrated(page)
    const worker = await started
    // It may not have begun yet: once it has answered, it has.
    if (name === "check") {
      await page.getByLabel("Further flags").fill("--max-connections 100 --consumer api=2x10")
      await page.getByLabel("Further flags").blur()
      await page.getByText("Exit code 0:").waitFor()
    } else await page.locator(".verdict", { hasText: "fits" }).waitFor()
    expect(await worker.evaluate(OPEN)).toEqual([])
    // What they are called where nothing has taken them.
    expect(await page.evaluate(OPEN)).toContain("fetch")
    await page.close()
  })
})

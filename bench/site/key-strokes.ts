import type { CDPSession, Page } from "playwright-core"

export const KEY_STROKES = 100

/** One key stroke, in milliseconds. */
export interface KeyStroke {
  /** Until the page was free for the next one. */
  readonly handledMs: number
  /** Until the verdict of what was typed was there. */
  readonly answeredMs: number
  /** Of that, from the worker's answer to a page that is laid out anew. */
  readonly shownMs: number
  /** What the page's own thread took of a processor for all of it, the worker not included. */
  readonly processorMs: number
}

const VERDICT = ".calculator .verdict"

/** Types one digit after the other into the size of the first consumer, each once the one before is answered. */
export async function typeInto(page: Page, session: CDPSession): Promise<readonly KeyStroke[]> {
  await page.locator(VERDICT, { hasText: "usable" }).waitFor()
  const field = page
    .getByRole("group", { name: "Consumer service-0", exact: true })
    .getByLabel("Pool size", { exact: true })
  await field.focus()
  await page.evaluate(WATCH)
  await session.send("Performance.enable", { timeDomain: "threadTicks" })
  const strokes: KeyStroke[] = []
  for (let index = 0; index < KEY_STROKES; index++) {
    await field.selectText()
    await page.evaluate("keyStroke.wait()")
    const before = await processorTime(session)
    // One after the other, so that each changes the verdict.
    await page.keyboard.press(String(1 + (index % 9)))
    const measured = await page.evaluate<Omit<KeyStroke, "processorMs">>("keyStroke.measured")
    strokes.push({ ...measured, processorMs: (await processorTime(session)) - before })
  }
  return strokes
}

/** What the tasks of the page have taken of a processor, in milliseconds, however busy that is with something else. */
async function processorTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics")
  return 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN)
}

/** In the page, before its own scripts: the time at which a worker answers, before anybody else hears of it. */
export const WATCH_WORKERS = `
  globalThis.Worker = class extends Worker {
    constructor(...given) {
      super(...given)
      this.addEventListener("message", () => { globalThis.answeredAt = performance.now() })
    }
  }
`

/** In the page: the time from the event of the input to the first task behind it, and to the next change of the verdict. */
const WATCH = `
  globalThis.keyStroke = {
    wait() {
      this.measured = new Promise((resolve) => {
        addEventListener("input", () => {
          const start = performance.now()
          let handledMs
          const { port1, port2 } = new MessageChannel()
          port2.postMessage(0)
          port1.onmessage = () => { handledMs = performance.now() - start }
          const observer = new MutationObserver(() => {
            observer.disconnect()
            const answeredMs = performance.now() - start
            // The page is laid out now, and not when its next frame is due.
            document.body.offsetHeight
            resolve({ handledMs, answeredMs, shownMs: performance.now() - answeredAt })
          })
          observer.observe(document.querySelector("${VERDICT}"), { childList: true, subtree: true, characterData: true })
        }, { once: true, capture: true })
      })
    },
  }
`

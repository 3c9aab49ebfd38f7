// What a key stroke in the site's calculator costs with a large fleet: for how long it keeps the page busy, and after how long the answer is there.
import { join } from "node:path"
import { launchChromium } from "../../test/support/launch-chromium.ts"
import { serveSite } from "../../test/support/serve-site.ts"
import type { Scenario } from "../scenario.ts"
import { most, quantile, shownNumber } from "../statistics.ts"
import { KEY_STROKES, type KeyStroke, typeInto, WATCH_WORKERS } from "./key-strokes.ts"
import { CONSUMERS, JOBS, largeFleet } from "./large-fleet.ts"

/** A key stroke should be answered within a frame of a screen that shows 60 a second. */
const FRAME_MS = 16

export const site: Scenario<readonly KeyStroke[]> = {
  name: "site",
  title: "The calculator",
  async run({ scope, say }) {
    const { url, close } = await serveSite(join(scope.directory, "site"))
    scope.atEnd(close)
    const browser = await launchChromium()
    scope.atEnd(() => browser.close())
    say("  built")
    const page = await browser.newPage()
    await page.addInitScript(WATCH_WORKERS)
    await page.goto(`${url}calculator#${largeFleet()}`)
    const session = await page.context().newCDPSession(page)
    return typeInto(page, session)
  },
  report(strokes) {
    const row = (name: string, times: readonly number[]) =>
      `| ${name} | ${[50, 95].map((percentile) => shownNumber(quantile(times, percentile), 1)).join(" | ")} | ${shownNumber(most(times), 1)} |`
    const within = strokes.filter(({ handledMs }) => handledMs <= FRAME_MS).length
    return [
      `A fleet of ${CONSUMERS} consumers, half of them to plan, and ${JOBS} jobs with schedules of their own; ${KEY_STROKES} key strokes in the size of a consumer, in Chromium.`,
      `The sweep over the jobs' calendars runs in a worker. ${within} of ${KEY_STROKES} key strokes were handled within ${FRAME_MS} ms.`,
      "",
      "| milliseconds | p50 | p95 | most |",
      "| --- | --- | --- | --- |",
      row(
        "from the key to the page being free for the next one",
        strokes.map(({ handledMs }) => handledMs),
      ),
      row(
        "from the worker's answer to the page with it",
        strokes.map(({ shownMs }) => shownMs),
      ),
      row(
        "of a processor, for the key stroke and its answer together",
        strokes.map(({ processorMs }) => processorMs),
      ),
      row(
        "from the key to the verdict",
        strokes.map(({ answeredMs }) => answeredMs),
      ),
    ].join("\n")
  },
}

import { setTimeout as sleep } from "node:timers/promises"

const PAGES = 10
const MISSIONS_PER_PAGE = 25
const DOWNLOAD_MS = 100

/** Stands in for a partner's HTTP feed: pages of mission titles, each with the time that a download takes. */
export async function* partnerFeed(partner: string): AsyncGenerator<string[]> {
  for (let page = 1; page <= PAGES; page++) {
    await sleep(DOWNLOAD_MS)
    yield Array.from(
      { length: MISSIONS_PER_PAGE },
      (_, index) => `${partner}, page ${page}, mission ${index}`,
    )
  }
}

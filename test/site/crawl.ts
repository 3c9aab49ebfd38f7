import type { Page } from "playwright-core"
import { eventually } from "../support/helpers.ts"

/** What one page of the site is and does, once its scripts have run. */
export interface Visit {
  /** Where its links lead to, whole. */
  readonly links: readonly string[]
  readonly ids: readonly string[]
  /** By how many pixels the page is wider than the window, by the width of that. */
  readonly overflow: Readonly<Record<number, number>>
  readonly policy: string | null
  /** The files of its pictures that have come and can be drawn. */
  readonly pictures: readonly string[]
  /** What its last line says, where that is to be seen. */
  readonly lastLine: string
}

/** What a page asks for, and what goes wrong in it. */
export interface Watched {
  readonly requests: string[]
  readonly problems: string[]
}

/** Records what a tab does from now on: every request, every violation of the policy, every error. */
export function watch(page: Page): Watched {
  const watched: Watched = { requests: [], problems: [] }
  page.on("request", (request) => watched.requests.push(request.url()))
  page.on("response", (response) => {
    if (response.status() >= 400) watched.problems.push(`${response.status()} ${response.url()}`)
  })
  page.on("pageerror", (error) => watched.problems.push(`${page.url()}: ${error.message}`))
  // A violation is a message, too: also one that comes before any script of the page could listen.
  page.on("console", (message) => {
    if (message.type() === "error") watched.problems.push(`${page.url()}: ${message.text()}`)
  })
  return watched
}

/**
 * Leaves out the requests for files of the site, which carry nothing: a worker, pages to which a link has come into view, and
 * the icon, which comes late. What the page itself sends is left.
 */
export function withoutFiles(requests: readonly string[], site: string): string[] {
  const isFile = (url: string) => url.startsWith(`${site}assets/`) && !/[?#]/.test(url)
  return requests.filter((url) => url !== `${site}favicon.svg` && !isFile(url))
}

/** Waits for the hydration of a page: until then its elements are there, and nothing listens to them. */
export async function hydrated(page: Page): Promise<void> {
  const hasMounted = () => page.evaluate<boolean>("'__vue_app__' in document.querySelector('#app')")
  await eventually("the page has its scripts", hasMounted)
}

const WIDTHS = [1280, 360]

async function visit(page: Page, url: string): Promise<Visit> {
  // Its pictures are there once it has loaded, and what a script asks for when nothing is asked for any more.
  await page.goto(url)
  await page.waitForLoadState("networkidle")
  const overflow: Record<number, number> = {}
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    overflow[width] = await page.evaluate(
      "document.scrollingElement.scrollWidth - document.documentElement.clientWidth",
    )
  }
  return {
    overflow,
    links: await page.evaluate("[...document.links].map(({ href }) => href)"),
    ids: await page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)"),
    pictures: await page.evaluate(
      "[...document.images].filter(({ naturalWidth }) => naturalWidth > 0).map(({ src }) => src)",
    ),
    policy: await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content"),
    lastLine: (await page.locator(".VPFooter:visible").allInnerTexts()).join(" "),
  }
}

const pageOf = (url: string): string => url.replace(/#.*/, "")

/** Follows every link from the first page, and visits each page of the site once: by their addresses. */
export async function crawl(page: Page, home: string): Promise<ReadonlyMap<string, Visit>> {
  const visits = new Map<string, Visit>()
  const waiting = [`${home}index.html`]
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    if (visits.has(url)) continue
    const visited = await visit(page, url)
    visits.set(url, visited)
    waiting.push(...visited.links.filter((link) => link.startsWith(home)).map(pageOf))
  }
  return visits
}

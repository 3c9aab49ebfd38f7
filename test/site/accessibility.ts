import axe from "axe-core"
import type { Page } from "playwright-core"

/** Returns what axe finds in a page, or in a part of it, that keeps somebody out: the element, and what is wrong with it. */
export const seriousProblems = (page: Page, selector = "html"): Promise<readonly string[]> =>
  page.evaluate(`${axe.source}; axe.run(${JSON.stringify(selector)}).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => [id, node.target, node.failureSummary].join(" "))))`)

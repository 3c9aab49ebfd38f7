import { expect, test } from "vitest"
import { median, shownSpread } from "../../bench/statistics.ts"
import { WAYS } from "../../bench/ways.ts"
import { page } from "./pages.ts"

const benchmarks = page("docs/benchmarks.md")

test("the median of two runs is the mean of both, and of three the one in the middle", () => {
  expect([median([10]), median([30, 10]), median([30, 10, 12])]).toEqual([10, 20, 12])
  expect(shownSpread([784, 706])).toBe("745 (706–784)")
})

test("the page says in how many ways the storm ran", () => {
  const [, storm = ""] = /<!-- storm:start -->(.*?)<!-- storm:end -->/s.exec(benchmarks) ?? []
  for (const { name } of Object.values(WAYS)) expect(storm).toContain(`| ${name} |`)
  expect(Object.keys(WAYS)).toHaveLength(10)
  expect(benchmarks).toContain("the same fleet in ten ways, two of them through PgBouncer")
  expect(Object.values(WAYS).filter(({ isPooled }) => isPooled)).toHaveLength(2)
  expect(page("README.md")).toContain("The same fleet in ten ways.")
})

test("each way has a color of its own on the charts", () => {
  const colors = Object.values(WAYS).map(({ color }) => color)
  expect(new Set(colors).size).toBe(colors.length)
})

test("the storm's table has what the page says: the mean of two runs, with the lower and the higher", () => {
  expect(benchmarks).toMatch(
    /rates,\s+latencies and peaks are the mean of both, with the lower and the higher in brackets/,
  )
  const [, storm = ""] = /<!-- storm:start -->(.*?)<!-- storm:end -->/s.exec(benchmarks) ?? []
  const shown = [...storm.matchAll(/([\d,]+) \(([\d,]+)–([\d,]+)\)/g)].map((match) =>
    match.slice(1).map((text) => Number(text.replaceAll(",", ""))),
  )
  expect(shown.length).toBeGreaterThan(50)
  // Each of the three is rounded by itself.
  const wrong = shown.filter(
    ([middle = 0, lower = 0, higher = 0]) => Math.abs(middle - (lower + higher) / 2) > 1,
  )
  expect(wrong).toEqual([])
})

import { describe, expect, test } from "vitest"
import { createPool } from "../../src/index.ts"
import { poolStats } from "../../src/monitor/index.ts"
import { POOL_METRICS } from "../../src/monitor/metrics/metric-table.ts"
import { page } from "./pages.ts"

const monitoring = page("docs/monitoring.md")

/** What a page shows as code: in a line, or in a block. */
const code = (text: string) => (text.match(/```[\s\S]*?```|`[^`\n]+`/g) ?? []).join("\n")

const hasWord = (text: string, word: string) => new RegExp(`(?<![\\w.])${word}(?!\\w)`).test(code(text))

describe("docs/monitoring.md names", () => {
  test.each(Object.values(POOL_METRICS).map(({ name }) => name))("the metric %s", (name) => {
    // Those of one beginning are listed after it, without it.
    const rest = name.replace(/^(?:db\.client\.connection|prisma_pool\.auto)(?=\.)/, "")
    expect(code(monitoring).includes(name) || code(monitoring).includes(`\`${rest}\``)).toBe(true)
  })

  test("every figure of poolStats", () => {
    const pool = createPool("postgresql://app@db/core")
    const missing = Object.keys(poolStats(pool)).filter((key) => key !== "name" && !hasWord(monitoring, key))
    expect(missing).toEqual([])
  })

  test.each([
    ...[
      "prisma-pool.acquire",
      "prisma-pool.connect",
      "prisma-pool-config:acquire",
      "prisma-pool-config:connect",
    ],
    ...["traceAcquires", "db.client.connection.pool.name", "server.address", "server.port", "error.type"],
  ])("%s of the traces", (name) => {
    const [, section = ""] = monitoring.split("\n## Traces\n")
    expect(code(section.split("\n## ")[0] ?? "")).toContain(name)
  })
})

test("docs/waiting.md names every field of P2024's meta", () => {
  const fields = [
    "connection_limit",
    "timeout",
    "held",
    "oldest_hold",
    "idle_in_transaction",
    "waiting",
    "max_waiting",
  ]
  expect(fields.filter((field) => !hasWord(page("docs/waiting.md"), field))).toEqual([])
})

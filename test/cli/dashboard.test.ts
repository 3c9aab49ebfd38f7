import { describe, expect, test } from "vitest"
import { alertRules } from "../../src/dashboards/alerts.ts"
import { grafanaDashboard } from "../../src/dashboards/grafana.ts"
import { metabaseQuestions } from "../../src/dashboards/metabase.ts"
import { command } from "../support/command.ts"

describe("prisma-pool dashboard", () => {
  test("says what there is, and prints nothing that a file should hold", async () => {
    const { code, out, err } = await command(["dashboard"])
    expect([code, out]).toEqual([0, ""])
    for (const format of ["grafana", "alerts", "sql"]) {
      expect(err).toContain(`prisma-pool dashboard --format ${format} > `)
    }
  })

  test.each([
    ["grafana", `${JSON.stringify(grafanaDashboard(), null, 2)}\n`],
    ["alerts", alertRules()],
    ["sql", metabaseQuestions()],
  ])("--format %s: the data on stdout, and no word beside it", async (format, text) => {
    const { code, out, err } = await command(["dashboard", "--format", format])
    expect([code, err]).toEqual([0, ""])
    expect(out).toBe(text)
  })

  test.each([["--format", ""], ["--format", "Grafana"], ["--format", "json"], ["grafana"], ["--colour"]])(
    "%s %s is refused",
    async (...args) => {
      const { code, out, err } = await command(["dashboard", ...args])
      expect([code, out]).toEqual([3, ""])
      expect(err).toMatch(/^error: /)
    },
  )
})

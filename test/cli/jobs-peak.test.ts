import { describe, expect, test } from "vitest"
import { command, words } from "../support/command.ts"

/** Two jobs that meet once a year, on the night that has no 02:00 in Paris. */
const declaration = {
  maxConnections: 100,
  consumers: { api: { instances: 1, poolSize: 20, surge: 0 } },
  jobs: [
    { name: "talent", schedule: "30 2 * * *", timezone: "Europe/Paris", timeout: "30m", poolSize: 10 },
    { name: "linkedin", schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "30m", poolSize: 15 },
  ],
}
const inUtc = { ...declaration, jobs: declaration.jobs.map((job) => ({ ...job, timezone: "UTC" })) }
const check = (file: object, ...args: string[]) =>
  command(["check", "--config", "pool.config.json", ...args], { files: { "pool.config.json": file } })

const WORST =
  "jobs at their worst instant of 28 years: 25 connections in 2 runs, at 2026-03-29T01:00Z, by a clock change"
const ORDINARY =
  "jobs on an ordinary day, without a clock change: at most 15 connections in 1 run, at 2026-01-01T02:00Z, 35 in total instead of 45"

describe("the peak of an ordinary day stands beside the worst instant", () => {
  test.each(["text", "markdown"])("in check --format %s", async (format) => {
    const { code, out } = await check(declaration, "--format", format)
    expect(code).toBe(0)
    expect(out).toContain("45 of 97 usable")
    const lines = out.split("\n").map((line) => line.replace(/^(- | +)/, ""))
    expect(lines).toContain(WORST)
    expect(lines[lines.indexOf(WORST) + 1]).toBe(ORDINARY)
  })

  test("in check --format json", async () => {
    const { out } = await check(declaration, "--format", "json")
    const [{ highest, lowest }] = JSON.parse(out).servers
    expect(highest.jobs).toMatchObject({
      connections: 25,
      at: "2026-03-29T01:00:00.000Z",
      ordinaryDay: {
        runs: 1,
        connections: 15,
        at: "2026-01-01T02:00:00.000Z",
        jobs: [{ name: "linkedin", runs: 1, connections: 15 }],
      },
    })
    expect(lowest.jobs).toEqual(highest.jobs)
  })

  test("in plan, as text and as JSON", async () => {
    const files = { "pool.config.json": declaration }
    const { code, out } = await command(words("plan --config pool.config.json"), { files })
    expect(code).toBe(0)
    expect(out).toContain(WORST)
    expect(out).toContain("jobs on an ordinary day, without a clock change: at most 15 connections in 1 run")
    const json = await command(words("plan --config pool.config.json --format json"), { files })
    expect(JSON.parse(json.out).servers[0].check.jobs).toMatchObject({
      connections: 25,
      ordinaryDay: { connections: 15 },
    })
  })

  test("in one line where both are the same", async () => {
    const { out } = await check(inUtc)
    expect(out).toContain(
      "jobs at their worst instant of 28 years: 15 connections in 1 run, at 2026-01-01T03:00Z; no clock change is needed for that many\n",
    )
    expect(out).not.toContain("ordinary day")
  })

  test("and not where no job has a schedule", async () => {
    const { out } = await check({ ...declaration, jobs: [{ name: "backfill", poolSize: 5, concurrent: 2 }] })
    expect(out).toContain("30 of 97 usable")
    expect(out).not.toContain("worst instant")
  })

  test("where no day is ordinary, that is said", async () => {
    const jobs = declaration.jobs.map((job) => ({ ...job, schedule: "0 3 1 * *", timeout: "5400h" }))
    expect((await check({ ...declaration, jobs })).out).toContain("jobs on an ordinary day: there is none")
  })
})

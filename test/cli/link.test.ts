import { describe, expect, test } from "vitest"
import { readFleetFragment } from "../../src/declaration/fleet-link.ts"
import { CORE_URL, production } from "../deployments/production.ts"
import { command } from "../support/command.ts"

/** The fleets that the links of an output lead to. */
const fleetsIn = (out: string) =>
  [...out.matchAll(/\/calculator#([\w.-]+)/g)].map(([, fragment = ""]) => readFleetFragment(fragment))

const decoded = (out: string) =>
  [...out.matchAll(/#v1\.([\w-]+)/g)].map(([, text = ""]) => Buffer.from(text, "base64url").toString()).join()

const DECLARATION = {
  maxConnections: 100,
  consumers: { api: { instances: 2, poolSize: 5 }, worker: { instances: 1, surge: 0 } },
  applications: { "api-old": "api" },
}

describe("check --link", () => {
  test("ends with the link of the declaration, whose open sizes stay open", async () => {
    const { out, code } = await command(["check", "--link"], { files: { "pool.config.json": DECLARATION } })
    expect(code).toBe(0)
    expect(out).toMatch(/\n\nThis fleet in the calculator: https:\S+\n$/)
    const { applications: _, ...fleet } = DECLARATION
    expect(fleetsIn(out)).toEqual([{ ...fleet, jobs: [] }])
  })

  test("is not there without the flag", async () => {
    const { out } = await command(["check", "--format", "json"], {
      files: { "pool.config.json": DECLARATION },
    })
    expect(out).not.toContain("calculator")
    expect(JSON.parse(out).servers[0]).not.toHaveProperty("link")
  })

  test.each(["json", "markdown"])("is in %s", async (format) => {
    const { out } = await command(["check", "--link", "--format", format], {
      files: { "pool.config.json": DECLARATION },
    })
    expect(fleetsIn(out)).toHaveLength(1)
  })

  test("is in the job's summary of GitHub, whole however long", async () => {
    const consumers = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`service-${index}`, { instances: 1, poolSize: 1 }]),
    )
    const { cwd } = await command([], { files: { "summary.md": "" } })
    await command(["check", "--link", "--format", "github"], {
      files: { "pool.config.json": { maxConnections: 500, consumers } },
      env: { GITHUB_STEP_SUMMARY: `${cwd}/summary.md` },
    })
    const { readFile } = await import("node:fs/promises")
    const [fleet] = fleetsIn(await readFile(`${cwd}/summary.md`, "utf8"))
    expect(Object.keys(fleet?.consumers ?? {})).toHaveLength(100)
  })

  test("has one for each server", async () => {
    const servers = {
      primary: DECLARATION,
      replica: { maxConnections: 50, consumers: DECLARATION.consumers },
    }
    const { applications: _, ...primary } = DECLARATION
    const { out } = await command(["check", "--link"], {
      files: { "pool.config.json": { servers: { ...servers, primary } } },
    })
    expect(out).toContain("primary: This fleet in the calculator: ")
    expect(fleetsIn(out).map((fleet) => fleet?.maxConnections)).toEqual([100, 50])
  })

  test("of documents has their fleet at its highest, and none of their URLs", async () => {
    const { out } = await command(["check", "--terraform", "-", "--link"], {
      stdin: JSON.stringify(production()),
    })
    const [fleet] = fleetsIn(out)
    expect(Object.keys(fleet?.consumers ?? {})).toContain("scaleway_container.api")
    expect(decoded(out)).not.toContain(new URL(CORE_URL).hostname)
    expect(decoded(out)).not.toContain("://")
  })
})

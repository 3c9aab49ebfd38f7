import { parse } from "jsonc-parser"
import { describe, expect, test } from "vitest"
import { command, words } from "../support/command.ts"

const API = { poolSize: "auto", budget: 60, instances: 4 }
const declared = (consumers: object, more: object = {}) => ({
  "pool.config.json": { maxConnections: 103, consumers, ...more },
})
const ran = (line: string, files: Readonly<Record<string, unknown>>) => command(words(line), { files })

describe("check of a declared budget exits with", () => {
  test("0 where it fits with the logins, and shows them", async () => {
    const { code, out } = await ran("check", declared({ api: API }))
    expect(code).toBe(0)
    expect(out).toContain("✓ fits: 64 of 100 usable connections (64 %), 68 during a deploy")
    expect(out).toMatch(/api +\| +4 \+ 4 +\| +auto, 60 in all \| +64 \| +68/)
    expect(out).toContain("a deploy runs 4 old + 4 new instances")
  })

  test("1 where the logins of a deploy do not fit", async () => {
    const { code, out } = await ran("check", declared({ api: { ...API, budget: 93 } }))
    expect(code).toBe(1)
    expect(out).toContain("Change api alone: a budget of 92 instead of 93")
  })

  test("1 where more instances run than the budget has connections to share, and 0 with a warning above half", async () => {
    const of = (instances: number) => ran("check", declared({ api: { ...API, instances, surge: 0 } }))
    const [over, half, few] = [await of(55), await of(30), await of(27)]
    expect([over.code, half.code, few.code]).toEqual([1, 0, 0])
    expect(over.out).toContain("so that some have none. Give it a budget of 61 or more")
    expect(half.out).toMatch(/Warnings\n +api: 30 pools during a deploy share 54 connections/)
    expect(few.out).not.toContain("Warnings")
  })

  test("0 where nobody knows how many instances there are, which is named, and 2 with --strict", async () => {
    const { instances: _, ...unknown } = API
    const files = declared({ api: unknown })
    const [lenient, strict] = [await ran("check", files), await ran("check --strict", files)]
    expect([lenient.code, strict.code]).toEqual([0, 2])
    for (const { out } of [lenient, strict]) {
      expect(out).toMatch(/api +\| any number \| auto, 60 in all \| +66/)
      expect(out).toContain("consumers.api.instances: any number, which share the budget: 6 logins at once")
    }
  })

  test("3 without a budget, and names what to declare", async () => {
    const { code, err } = await ran("check", declared({ api: { poolSize: "auto", instances: 4 } }))
    expect(code).toBe(3)
    expect(err).toContain("consumers.api.budget: is missing")
    expect(err).toContain("CONNECTION LIMIT of its role, or PRISMA_POOL_BUDGET")
  })

  test("the same in JSON, markdown and annotations", async () => {
    const files = declared({ api: { ...API, instances: 30, surge: 0 } })
    const json = parse((await ran("check --format json", files)).out)
    expect(json.servers[0]).toMatchObject({
      failures: [],
      warnings: [expect.stringContaining("api: 30 pools")],
      highest: { consumers: { api: { total: 90, logins: { steady: 30, deploy: 30 } } } },
    })
    expect((await ran("check --format markdown", files)).out).toContain("auto, 60 in all")
    expect((await ran("check --format github", files)).out).toContain(
      "::warning title=Connection budget::api: 30 pools",
    )
  })
})

describe("plan", () => {
  const files = declared({
    api: { poolSize: "auto", instances: 4, weight: 2 },
    worker: { instances: 2 },
  })

  test("computes budgets by weight, and prints their variable", async () => {
    const { code, out } = await ran("plan", files)
    expect(code).toBe(0)
    expect(out).toMatch(/PRISMA_POOL_BUDGET_CORE = "60" +# api/)
    expect(out).toMatch(/PRISMA_POOL_SIZE_CORE = "7" +# worker/)
    expect((await ran("plan --format env --for api", files)).out).toBe("# api\nPRISMA_POOL_BUDGET_CORE=60\n")
  })

  test("computes what check --strict accepts", async () => {
    const checked = await ran("check --strict", files)
    expect(checked.code).toBe(0)
    expect(checked.out).toContain("consumers.api.budget: left open: 60, as `prisma-pool plan` computes it")
  })

  test("fails where a given budget is too small for its pools", async () => {
    const { code, out } = await ran("plan", declared({ api: { ...API, budget: 3 } }))
    expect(code).toBe(1)
    expect(out).toContain("does not fit: a budget has fewer connections than pools that share it")
  })
})

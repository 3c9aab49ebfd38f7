import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { production } from "../deployments/production.ts"
import { command, type Setting, words } from "../support/command.ts"
import { plan } from "../support/terraform-plan.ts"

const fleet = (poolSize: number, more: Readonly<Record<string, unknown>> = {}) => ({
  maxConnections: 100,
  consumers: { api: { instances: 2, poolSize, surge: 0 } },
  ...more,
})

const UNKNOWN = { environment_variables: { DATABASE_URL_CORE: true } } as const

const RELAXED = { "pool.config.json": fleet(10), "base.json": fleet(20, { reserved: { metabase: 5 } }) }
const CHANGES = ["reserved.metabase: removed, was 5", "consumers.api.poolSize: 20 → 10"]
const TIGHTENED = { "pool.config.json": fleet(20), "base.json": fleet(10) }

const check = (flags: string, files: Setting["files"], more: Setting = {}) =>
  command(words(`check --base base.json ${flags}`), { files: files ?? {}, ...more })

describe("what is relaxed since the base stands above the verdict:", () => {
  test("in text, and fails", async () => {
    const { code, out } = await check("", RELAXED)
    expect(code).toBe(1)
    expect(out).toMatch(/^Relaxed since the base, and not accepted: exit code 1 without --accept\n {2}/)
    expect(out).toContain(`--accept\n${CHANGES.map((change) => `  ${change}\n`).join("")}\n✓ fits: 20 of 97`)
  })

  test("in markdown, and fails", async () => {
    const { code, out } = await check("--format markdown", RELAXED)
    expect(code).toBe(1)
    expect(out).toMatch(
      /^#### Relaxed since the base, and not accepted.*\n- reserved\.metabase: removed, was 5\n/,
    )
    expect(out).toMatch(/\n\n### ✓ fits: 20 of 97/)
  })

  test("in JSON, as data, and fails", async () => {
    const { code, out } = await check("--format json", RELAXED)
    const { relaxed, ...report } = JSON.parse(out)
    expect(code).toBe(1)
    expect(Object.keys(JSON.parse(out))[0]).toBe("relaxed")
    expect(report).toMatchObject({ verdict: "fits", exitCode: 1 })
    expect(relaxed).toEqual([
      { name: "reserved.metabase", from: 5, to: null },
      { name: "consumers.api.poolSize", from: 20, to: 10 },
    ])
  })

  test("for GitHub, as errors and in the job's summary, and fails", async () => {
    const { cwd } = await command([], { files: { ...RELAXED, "summary.md": "" } })
    const env = { GITHUB_STEP_SUMMARY: join(cwd, "summary.md") }
    const { code, out } = await check("--format github", undefined, { cwd, env })
    expect(code).toBe(1)
    const lines = out.split("\n")
    for (const [index, change] of CHANGES.entries())
      expect(lines[index]).toMatch(
        `::error title=Connection budget::${change}%0ARelaxed since the base, and not`,
      )
    expect(lines[2]).toMatch(/^::notice title=Connection budget::fits: /)
    expect(await readFile(env.GITHUB_STEP_SUMMARY, "utf8")).toMatch(/^#### Relaxed since the base/)
  })

  test("under a name of any length, which is cut", async () => {
    const named = (poolSize: number) => ({
      maxConnections: 100,
      consumers: { ["x".repeat(5_000)]: { instances: 1, poolSize } },
    })
    const { out } = await check("", { "pool.config.json": named(10), "base.json": named(11) })
    expect(out).toMatch(/^ {2}consumers\.x+…x+\.poolSize: 11 → 10$/m)
    expect(out.split("\n")[1]?.length).toBeLessThan(250)
  })

  test("above all of several servers", async () => {
    const servers = (poolSize: number) => ({ servers: { a: fleet(poolSize), b: fleet(poolSize) } })
    const { out } = await check("", { "pool.config.json": servers(10), "base.json": servers(11) })
    expect(out.match(/Relaxed since/g)).toHaveLength(1)
    expect(out.indexOf("servers.b.consumers.api.poolSize: 11 → 10")).toBeLessThan(out.indexOf("✓ a: fits"))
  })
})

describe("with --accept it is named all the same, and the exit code is the verdict's:", () => {
  test("in text", async () => {
    const { code, out } = await check("--accept", RELAXED)
    expect(code).toBe(0)
    expect(out).toMatch(/^Relaxed since the base, and accepted\n {2}reserved\.metabase: removed, was 5\n/)
  })

  test("in JSON", async () => {
    const { code, out } = await check("--accept --format json", RELAXED)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ exitCode: 0, relaxed: [{ to: null }, { to: 10 }] })
  })

  test("for GitHub, as warnings", async () => {
    const { code, out } = await check("--accept --format github", RELAXED)
    expect(code).toBe(0)
    expect(out).toMatch(
      /^::warning title=Connection budget::reserved\.metabase: removed, was 5%0A.*accepted\.\n/,
    )
    expect(out).not.toContain("::error")
  })

  test("which may be another than 0", async () => {
    const files = { "pool.config.json": fleet(60), "base.json": fleet(70) }
    expect((await check("--accept", files)).code).toBe(1)
  })

  test("and no declaration can give it", async () => {
    const { code, err } = await check("", { ...RELAXED, "pool.config.json": { ...fleet(10), accept: true } })
    expect(code).toBe(3)
    expect(err).toContain("prisma-pool: pool.config.json: accept: is not a known field")
  })
})

describe("the exit code where something is relaxed is 1, though", () => {
  test("nobody can tell", async () => {
    const files = {
      "plan.json": plan([{ address: "scaleway_container.api", values: { max_scale: 1 }, unknown: UNKNOWN }]),
      "pool.config.json": {},
      "base.json": { fill: 0.9 },
    }
    const flags = "-t plan.json --max-connections 100"
    expect((await check(flags, { ...files, "base.json": {} })).code).toBe(2)
    expect((await check(flags, files)).code).toBe(1)
    expect((await check(`${flags} --accept`, files)).code).toBe(2)
  })
})

describe("nothing relaxed", () => {
  test("leaves the verdict as it is, in every format", async () => {
    for (const format of ["text", "markdown", "github"]) {
      const { code, out } = await check(`--format ${format}`, TIGHTENED)
      expect(code).toBe(0)
      expect(out).not.toContain("Relaxed")
    }
    const { out } = await check("--format json", TIGHTENED)
    expect(JSON.parse(out)).toMatchObject({ relaxed: [], exitCode: 0 })
  })

  test("is not the same as nothing compared", async () => {
    const { out } = await command(words("check --format json"), { files: TIGHTENED })
    expect(JSON.parse(out).relaxed).toBeNull()
  })

  test("is what --accept accepts, too", async () => {
    expect((await check("--accept", TIGHTENED)).code).toBe(0)
  })
})

describe("the flags count for both sides:", () => {
  test("a flag in place of what was changed leaves no change", async () => {
    const { code } = await check("--consumer api=2x15+0 --reserved metabase=4", RELAXED)
    expect(code).toBe(0)
  })

  test("but for --deploy=warn, which relaxes by itself", async () => {
    const { code, out } = await check("--deploy=warn", TIGHTENED)
    expect(code).toBe(1)
    expect(out).toContain("\n  --deploy: fail → warn\n")
  })
})

describe("a base without a declaration is", () => {
  const files = {
    "pool.config.json": { deployments: { exclude: { "a.b": "no" } } },
    "plan.json": production(),
  }

  test("-: then what relaxes a plan is named", async () => {
    const { code, out } = await command(words("check --base - -t plan.json"), { files })
    expect(code).toBe(1)
    expect(out).toContain("  deployments.exclude.a.b: added, no\n")
  })

  test("-: then a ceiling counts before that of the plan", async () => {
    const declaration = { "pool.config.json": { maxConnections: 500 } }
    const { code, out } = await command(words("check --base - -t plan.json"), {
      files: { ...files, ...declaration },
    })
    expect(code).toBe(1)
    expect(out).toContain("  maxConnections: added, 500\n")
  })

  test("-, and not stdin, which a plan may come from", async () => {
    const stdin = JSON.stringify(production())
    const args = words("check --base - -t - --max-connections 100")
    expect((await command(args, { stdin })).code).toBe(0)
  })

  test("no refusal of a first declaration", async () => {
    const { code } = await command(words("check --base -"), { files: { "pool.config.json": fleet(10) } })
    expect(code).toBe(0)
  })
})

describe("the baseline is compared with that of the base:", () => {
  const entry = { cause: "type", address: "aws_instance.*", reason: "by hand", matches: 1 }
  const baseline = (acknowledged: readonly object[], counted: readonly string[] = []) => ({
    acknowledged,
    counted,
  })
  const files = {
    "pool.config.json": fleet(10),
    "base.json": fleet(10),
    "base.baseline.json": baseline([], ["scaleway_container.api"]),
    "pool.baseline.json": baseline([entry]),
  }

  test("what is new in it, and what is counted no longer", async () => {
    const { code, out } = await check("--base-baseline base.baseline.json", files)
    expect(code).toBe(1)
    expect(out).toContain("  baseline.acknowledged.type.aws_instance.*: added, 1\n")
    expect(out).toContain("  baseline.counted: removed, was scaleway_container.api\n")
  })

  test("and all of it, where the base has none", async () => {
    const { code, out } = await check("--baseline pool.baseline.json", files)
    expect(code).toBe(1)
    expect(out).toContain("baseline.acknowledged.type.aws_instance.*: added, 1")
  })

  test("and nothing, where they are the same, or no plan is read and none is named", async () => {
    expect((await check("--base-baseline pool.baseline.json", files)).code).toBe(0)
    expect((await check("", files)).code).toBe(0)
  })

  test("which needs a base", async () => {
    const { code, err } = await command(["check", "--base-baseline", "base.baseline.json"], { files })
    expect(code).toBe(3)
    expect(err).toContain("--base-baseline: is given without --base")
  })
})

describe("bad input is 3:", () => {
  test("--accept without --base", async () => {
    const { code, out, err } = await command(words("check --accept"), { files: TIGHTENED })
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain("prisma-pool: --accept: is given without --base")
  })

  test.each([
    [
      "a base that is not there",
      undefined,
      "base.json: cannot be read (ENOENT). Give the path of a declaration",
    ],
    ["an empty one", "", "base.json: is empty"],
    ["a wrong one", { maxConnections: 0 }, "base.json: maxConnections: received 0"],
    [
      "one that the flags do not go with",
      { servers: { a: fleet(1) } },
      "base.json: --max-connections: is given with a declaration of several servers",
    ],
  ])("%s", async (_, base, text) => {
    const files = { "pool.config.json": fleet(10), ...(base === undefined ? {} : { "base.json": base }) }
    const { code, out, err } = await check("--max-connections 100", files)
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain(`prisma-pool: ${text}`)
  })

  test("a declaration that is gone", async () => {
    const { code, err } = await check("", { "base.json": fleet(10) })
    expect(code).toBe(3)
    expect(err).toContain("fleet: is not declared")
  })
})

test.each(["plan", "inspect", "preflight"])("%s compares nothing", async (name) => {
  const { code, err } = await command([name, "--base", "base.json"])
  expect(code).toBe(3)
  expect(err).toContain("unknown option '--base'")
})

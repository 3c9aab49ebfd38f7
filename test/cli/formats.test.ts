import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { expect, test } from "vitest"
import { CORE_URL, production } from "../deployments/production.ts"
import { command, words } from "../support/command.ts"
import { plan } from "../support/terraform-plan.ts"

const FITS = words("check --max-connections 100 --reserved metabase=10 --consumer api=2x10+1")
const TOO_MANY = words("check --max-connections 100 --consumer api=3x35+0")

test("text has colours on a terminal only, and says the same without them", async () => {
  const plain = await command(TOO_MANY)
  const coloured = await command(TOO_MANY, { hasColors: true })
  expect(plain.out).toBe(stripVTControlCharacters(plain.out))
  expect(coloured.out).not.toBe(plain.out)
  expect(stripVTControlCharacters(coloured.out)).toBe(plain.out)
})

test("text is a table whose columns stand below each other", async () => {
  const { out } = await command(FITS, { hasColors: true })
  const lines = stripVTControlCharacters(out).split("\n")
  const table = lines.filter((line) => line.includes(" | "))
  expect(table).toHaveLength(4)
  const bars = (line: string) => [...line.matchAll(/\|/g)].map(({ index }) => index)
  for (const line of table) expect(bars(line)).toEqual(bars(table[0] as string))
})

test("markdown is a table, with names that are no markup", async () => {
  const files = {
    "pool.config.json": {
      maxConnections: 100,
      consumers: { "a|b <b>*x*</b> `c`": { instances: 1, poolSize: 10, surge: 0 } },
    },
  }
  const { code, out } = await command(["check", "--format", "markdown"], { files })
  expect(code).toBe(0)
  expect(out).toMatch(/^### ✓ fits: 10 of 97 usable connections/)
  expect(out).toMatch(/^\| a\\\|b \\<b\\>\\\*x\\\*\\<\/b\\> \\`c\\` \| +1 \| +10 \| +10 \| +10 \| ██ +\|$/m)
})

test("json has the verdict, the exit code, and both ends of each sum", async () => {
  const { code, out } = await command([...TOO_MANY, "--format", "json"])
  const report = JSON.parse(out)
  expect(code).toBe(1)
  expect(report).toMatchObject({ verdict: "does not fit", exitCode: 1 })
  expect(report.servers).toHaveLength(1)
  const [{ lowest, highest, maxConnections }] = report.servers
  expect(maxConnections).toBe(100)
  expect(lowest).toMatchObject({ total: 105, usable: 97, fits: false })
  expect(highest).toEqual(lowest)
  expect(lowest.nextSteps[0]).toBe("8 too many: 105 of 97 usable")
})

test("json of several servers names each, and the worst verdict", async () => {
  const consumers = { api: { instances: 1, poolSize: 40, surge: 0 } }
  const servers = { primary: { maxConnections: 100, consumers }, replica: { maxConnections: 20, consumers } }
  const { out } = await command(["check", "--format", "json"], { files: { "pool.config.json": { servers } } })
  const report = JSON.parse(out)
  expect(report.verdict).toBe("does not fit")
  expect(
    report.servers.map(({ server, verdict }: { server: string; verdict: string }) => [server, verdict]),
  ).toEqual([
    ["primary", "fits"],
    ["replica", "does not fit"],
  ])
})

test("github annotates the run and writes the job's summary", async () => {
  const files = { "summary.md": "before\n", "plan.json": production({ maxScale: 3, poolSize: 35 }) }
  const cwd = (await command([], { files })).cwd
  const summary = join(cwd, "summary.md")
  const args = words("check -t plan.json --format github")
  const { code, out } = await command(args, { cwd, env: { GITHUB_STEP_SUMMARY: summary } })
  expect(code).toBe(1)
  const lines = out.trimEnd().split("\n")
  expect(lines[0]).toMatch(
    /^::error title=Connection budget::does not fit: 125 of 97 usable connections \(129 %25\), 230 during a deploy%0A28 too many: 125 of 97 usable, and \d+ during a deploy%0ALower every poolSize/,
  )
  expect(lines.slice(1).every((line) => /^::notice title=Connection budget::/.test(line))).toBe(true)
  const written = await readFile(summary, "utf8")
  expect(written).toMatch(/^before\n### ✗ does not fit/)
  expect(written).toContain("| scaleway\\_container.api")
})

test("github says what is not known as an error where it decides, and a summary that cannot be written is no failure", async () => {
  const files = {
    "plan.json": plan([
      {
        address: "scaleway_container.api",
        values: { max_scale: 1 },
        unknown: { environment_variables: { DATABASE_URL_CORE: true } },
      },
    ]),
  }
  const args = words("check -t plan.json --max-connections 100 --format github")
  const { code, out, err } = await command(args, { files, env: { GITHUB_STEP_SUMMARY: "/nowhere/at/all" } })
  expect(code).toBe(2)
  expect(out).toContain(
    "::error title=Connection budget::scaleway_container.api.DATABASE_URL_CORE: is known only after apply",
  )
  expect(err).toContain("The job summary could not be written")
})

test("no name ends a line or starts a workflow command", async () => {
  const name = "api\n::error::owned\r%0A\u202e"
  const files = {
    "pool.config.json": { maxConnections: 100, consumers: { [name]: { instances: 1, poolSize: 10 } } },
  }
  for (const format of ["text", "markdown", "github"]) {
    const { out } = await command(["check", "--format", format], { files })
    expect(out).not.toMatch(/^::error::owned/m)
    expect(out).not.toContain("\u202e")
  }
})

test("a fleet of a thousand is a table of the largest, and JSON of all", async () => {
  const consumers = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [
      `c${index}`,
      { instances: 1, poolSize: 1 + (index % 7), surge: 0 },
    ]),
  )
  const files = { "pool.config.json": { maxConnections: 10_000, consumers } }
  const { out } = await command(["check"], { files })
  expect(out.split("\n").length).toBeLessThan(60)
  expect(out).toMatch(/and 960 more +\| +\| +\| +\d+ \|/)
  const { out: json } = await command(["check", "--format", "json"], { files })
  expect(Object.keys(JSON.parse(json).servers[0].highest.consumers)).toHaveLength(1_000)
})

test("no format shows a secret of a plan", async () => {
  const files = { "plan.json": production() }
  for (const line of ["check", "plan"]) {
    for (const format of line === "check"
      ? ["text", "json", "markdown", "github"]
      : ["text", "json", "markdown", "env"]) {
      const { out, err } = await command([line, "-t", "plan.json", "--format", format], { files })
      expect(out).not.toContain("s3cr3t")
      expect(out).not.toContain(CORE_URL)
      expect(err).toBe("")
    }
  }
})

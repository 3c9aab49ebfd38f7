import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { command, words } from "../support/command.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const page = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")
const readme = page("README.md")

/** Every command line of ours in a code block: what stands behind `prisma-pool`, up to a pipe or the end. */
function linesOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```(?:sh|yaml|json)?\n(.*?)^```$/gms)].map(([, block = ""]) => block)
  return blocks
    .flatMap((block) => [
      ...block.matchAll(
        /(?:^|[ "(])prisma-pool(?:-config)? ((?:check|plan|url|inspect|preflight|dashboard)[^|>)\n]*)/gm,
      ),
    ])
    .map(([, line = ""]) => line.trim())
}

const examples = `\`\`\`\n${(await Promise.all(["", "plan", "check", "inspect", "preflight", "url", "dashboard"].map((name) => command([...words(name), "--help"], { cwd: root })))).map(({ out }) => out.split("Examples:")[1]).join("\n")}\n\`\`\``

/** What makes a line fail for its flags; that a file is not here is no fault of the line. */
async function usageError(line: string) {
  const typed = line.replace(/ {2,}.*| \$\{\{.*/, "") // without a remark, and without what a workflow fills in
  const { err } = await command(words(typed), { cwd: root, stdin: "" })
  return err.split("\n").filter((text) => text.startsWith("error: "))
}

describe.each([
  ["README.md", readme, 8],
  ["docs/ci.md", page("docs/ci.md"), 5],
  ["docs/terraform.md", page("docs/terraform.md"), 1],
  ["--help", examples, 8],
])("the command lines of %s", (_, text, least) => {
  const lines = linesOf(text)

  test("are there", () => expect(lines.length).toBeGreaterThanOrEqual(least))

  test.each(lines)("%s", async (line) => expect(await usageError(line)).toEqual([]))
})

test("the README shows what its first line prints", async () => {
  const [, line = "", output = ""] =
    /^npx prisma-pool-config (check --max.*?)\n```\n\n```text\n(.*?)\n…\n```$/ms.exec(readme) ?? []
  const { out } = await command(words(line))
  expect(output).not.toBe("")
  expect(out.startsWith(output)).toBe(true)
})

test("the README's declarations are read, and what it says of them is so", async () => {
  const blocks = [...readme.matchAll(/^```json\n(.*?)^```$/gms)].map(([, block = ""]) => JSON.parse(block))
  expect(blocks).toHaveLength(2)
  const [alone, besidePlan] = blocks
  const checked = await command(["check", "--strict"], { files: { "pool.config.json": alone } })
  expect([checked.code, checked.err]).toEqual([0, "Using pool.config.json\n"])
  const args = words("check --terraform examples/terraform/plan.json --config")
  const files = { "pool.config.json": besidePlan }
  const { cwd } = await command([], { files })
  const beside = await command([...args, `${cwd}/pool.config.json`], { cwd: root })
  expect(beside.err).toBe("")
  expect(beside.out).toContain("fits: 62 of 97")
})

test("every flag and format of the README's table is in --help", async () => {
  for (const name of ["plan", "check", "inspect", "preflight", "url", "dashboard"]) {
    const [row = ""] = readme.match(new RegExp(`^\\| \`prisma-pool ${name}\` .*$`, "m")) ?? []
    const { out } = await command([name, "--help"])
    const named = [...row.matchAll(/`(--)?([a-z-]+)(?: ([a-z]+))?/g)].flatMap(([, , flag = "", value]) =>
      [flag, value ?? []].flat(),
    )
    expect(named.length).toBeGreaterThan(1)
    for (const word of named.filter((each) => each !== "prisma-pool" && each !== "psql"))
      expect(out).toContain(word)
  }
})

import { describe, expect, test } from "vitest"
import { PLATFORMS } from "../../src/deployments/terraform/terraform-reader.ts"
import { blueprint, web } from "../deployments/blueprints.ts"
import { command, words } from "../support/command.ts"
import { blocksOf, page, pages, root } from "./pages.ts"

const COMMANDS = ["plan", "check", "baseline", "inspect", "preflight", "url", "dashboard"]

/** Every command line of ours in a code block: what stands behind `prisma-pool`, up to a pipe or the end. */
function linesOf(text: string): string[] {
  const line = new RegExp(`(?:^|[ "(])prisma-pool(?:-config)? ((?:${COMMANDS.join("|")})\\b[^|>)\\n]*)`, "gm")
  return blocksOf(text, "(?:sh|yaml|json)?")
    .flatMap((block) => [...block.matchAll(line)])
    .map(([, found = ""]) => found.trim())
}

const examples = `\`\`\`\n${(await Promise.all(["", ...COMMANDS].map((name) => command([...words(name), "--help"], { cwd: root })))).map(({ out }) => out.split("Examples:")[1]).join("\n")}\n\`\`\``

/** What makes a line fail for its flags; that a file is not here is no fault of the line. */
async function usageError(line: string) {
  const typed = line.replace(/ {2,}.*| \$\{\{.*/, "") // without a remark, and without what a workflow fills in
  // `baseline` writes a file where it runs.
  const where = line.startsWith("baseline") ? {} : { cwd: root }
  const { err } = await command(words(typed), { ...where, stdin: "" })
  return err.split("\n").filter((text) => text.startsWith("error: "))
}

test("there are command lines in the pages", () => {
  const count = Object.fromEntries(pages.map(({ name, text }) => [name, linesOf(text).length]))
  expect(count["README.md"]).toBeGreaterThanOrEqual(2)
  expect(count["docs/ci.md"]).toBeGreaterThanOrEqual(8)
  expect(count["docs/monitoring.md"]).toBeGreaterThanOrEqual(5)
})

describe.each([
  ...pages.map(({ name, text }) => [name, linesOf(text)] as const).filter(([, lines]) => lines.length > 0),
  ["--help", linesOf(examples)] as const,
])("the command lines of %s", (_, lines) => {
  test.each(lines)("%s", async (line) => expect(await usageError(line)).toEqual([]))
})

test("the README shows what its first line prints", async () => {
  const [, line = "", output = ""] =
    /^npx prisma-pool-config (check --max.*?)\n```\n\n```text\n(.*?)\n…\n```$/ms.exec(page("README.md")) ?? []
  const { out } = await command(words(line))
  expect(output).not.toBe("")
  expect(out.startsWith(output)).toBe(true)
})

describe("the declarations", () => {
  const plan = "examples/terraform/plan.json"
  const all = pages.flatMap(({ name, text }) =>
    blocksOf(text, "json").map((block, index) => ({
      name: `${name} ${index + 1}`,
      declaration: JSON.parse(block),
    })),
  )

  test("are there", () => expect(all.length).toBeGreaterThanOrEqual(3))

  const environments = ["production", "staging"].map((name) => ({ ...blueprint([web("api")]), name }))

  test.each(all)("of $name are read", async ({ name, declaration }) => {
    const { cwd } = await command([], {
      files: {
        "pool.config.json": declaration,
        "render.yaml": { projects: [{ name: "shop", environments }] },
      },
    })
    const document = name.startsWith("docs/render.md")
      ? ["--render", `${cwd}/render.yaml`]
      : ["--terraform", plan]
    const beside = "maxConnections" in declaration ? [] : document
    const { code, err } = await command(["check", ...beside, "--config", `${cwd}/pool.config.json`], {
      cwd: root,
    })
    expect(err).toBe("")
    expect([0, 1, 2]).toContain(code)
  })

  test("of docs/ci.md fits, strictly", async () => {
    const [alone = ""] = blocksOf(page("docs/ci.md"), "json")
    const checked = await command(["check", "--strict"], { files: { "pool.config.json": JSON.parse(alone) } })
    expect([checked.code, checked.err]).toEqual([0, "Using pool.config.json\n"])
  })

  test("beside a plan excludes and overrides what the plan has", async () => {
    const besidePlan = blocksOf(page("docs/terraform.md"), "json").find((block) => block.includes("exclude"))
    const { cwd } = await command([], { files: { "pool.config.json": besidePlan } })
    const args = ["check", "--terraform", plan, "--config", `${cwd}/pool.config.json`]
    const { out } = await command(args, { cwd: root })
    expect(out).toContain("fits: 62 of 97")
  })
})

test("every flag and format of the table of docs/ci.md is in --help", async () => {
  for (const name of COMMANDS) {
    const [row = ""] = page("docs/ci.md").match(new RegExp(`^\\| \`prisma-pool ${name}\` .*$`, "m")) ?? []
    const { out } = await command([name, "--help"])
    const named = [...row.matchAll(/`(--)?([a-z-]+)(?: ([a-z]+))?/g)].flatMap(([, , flag = "", value]) =>
      [flag, value ?? []].flat(),
    )
    expect(named.length).toBeGreaterThan(1)
    for (const word of named.filter((each) => each !== "prisma-pool" && each !== "psql"))
      expect(out).toContain(word)
  }
})

test("every platform is in the table of docs/ci.md, and in the help of the check", async () => {
  const [, section = ""] = page("docs/ci.md").split("## What is read of each platform\n")
  const rows = [...(section.split("\n## ")[0] ?? "").matchAll(/^\| (?!platform|---)(.*?) \|/gm)].map(
    ([, cell = ""]) => cell,
  )
  const { out } = await command(["check", "--help"])
  const names = [...PLATFORMS.map(({ name }) => name), "Kubernetes", "Docker Compose", "Render"]
  for (const name of names) {
    expect(rows.filter((row) => row.startsWith(name))).toHaveLength(1)
    expect(out).toContain(name)
  }
  // And nothing more, but for the row of all others.
  expect(rows).toHaveLength(names.length + 1)
})

import { expect, test } from "vitest"
import prisma8 from "../../examples/prisma-8/package.json" with { type: "json" }
import manifest from "../../package.json" with { type: "json" }
import supported from "../../scripts/supported-versions.json" with { type: "json" }
import { page } from "./pages.ts"

const oldestFirst = (versions: Readonly<Record<string, string>>) =>
  Object.keys(versions).sort((a, b) => a.localeCompare(b, "en", { numeric: true }))

test("package.json allows the oldest Node.js that is tested, and none before it", () => {
  const [oldest = ""] = oldestFirst(supported.node)
  expect(manifest.engines.node).toBe(`>=${oldest}`)
  expect(supported.node).toHaveProperty([oldest], `${oldest}.0`)
})

test.each([
  ["Node.js", supported.node],
  ["PostgreSQL", supported.postgres],
  ["TypeScript", supported.typescript],
])("docs/stability.md names each %s that is tested", (program, versions) => {
  const row = page("docs/stability.md").match(new RegExp(`^\\| ${program} \\|.*$`, "m"))?.[0] ?? ""
  const [oldest, ...others] = oldestFirst(versions)
  const named = program === "PostgreSQL" ? [oldest, others.at(-1)] : [oldest, ...others]
  expect(named.filter((version) => !row.includes(`${version}`))).toEqual([])
})

test("docs/prisma-8.md installs what its example does, and docs/stability.md names that version", () => {
  const commands =
    page("docs/prisma-8.md")
      .match(/^npm install .*$/gm)
      ?.join(" ") ?? ""
  const versions = { ...prisma8.dependencies, ...prisma8.devDependencies }
  const named = [...commands.matchAll(/(\S+)@(\d\S+)/g)].map(([, name = "", version]) => [name, version])
  expect(named.length).toBeGreaterThan(3)
  expect(versions).toMatchObject(Object.fromEntries(named))
  expect(page("docs/stability.md")).toContain(prisma8.dependencies["@prisma/orm-postgres"])
})

import { expect, test } from "vitest"
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

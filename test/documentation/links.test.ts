import { existsSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import manifest from "../../package.json" with { type: "json" }

const root = new URL("../../", import.meta.url)
const repository = manifest.homepage.replace("#readme", "")

/** As GitHub names the heading of a page. */
const anchorOf = (heading: string) =>
  `#${heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-")}`

const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading))

describe("every link of the README, which the registry shows as well,", () => {
  const readme = readFileSync(new URL("README.md", root), "utf8")
  const targets = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target)

  test("is absolute, or leads to a heading of it", () => {
    expect(targets.length).toBeGreaterThan(15)
    const anchors = anchorsOf(readme)
    const relative = targets.filter((target) => !target.startsWith("https://") && !anchors.includes(target))
    expect(relative).toEqual([])
  })

  test("into the repository leads to a file that is there, and to a heading of it", () => {
    const own = targets.filter((target) => target.startsWith(`${repository}/`))
    expect(own.length).toBeGreaterThan(5)
    for (const target of own) {
      const [, file = "", anchor = ""] = /\/(?:blob|raw)\/main\/([^#]+)(#.*)?$/.exec(target) ?? []
      expect(existsSync(new URL(file, root)), target).toBe(true)
      if (anchor) expect(anchorsOf(readFileSync(new URL(file, root), "utf8")), target).toContain(anchor)
    }
  })

  test("into the repository has the same placeholder as package.json, which CONTRIBUTING.md explains", () => {
    const all = `${readme}${JSON.stringify(manifest)}`.match(/github\.com\/[\w-]+\/prisma-pool-config/g)
    expect([...new Set(all)]).toEqual([repository.replace("https://", "")])
    const [owner = ""] = repository.split("/").slice(-2)
    expect(readFileSync(new URL("CONTRIBUTING.md", root), "utf8")).toContain(owner)
  })
})

describe("every path that a page for maintainers names is there:", () => {
  test.each(["CONTRIBUTING.md", "docs/architecture.md"])("%s", (page) => {
    const text = readFileSync(new URL(page, root), "utf8")
    const paths = [...text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, path = ""]) => path)
    expect(paths.length).toBeGreaterThan(10)
    const isThere = (path: string) =>
      [root, new URL("src/", root)].some((from) => existsSync(new URL(path, from)))
    expect(
      paths.filter(
        (path) =>
          !/^(input|commands|output|inspect|watch|metrics|terraform|platforms)\/$/.test(path) &&
          !isThere(path),
      ),
    ).toEqual([])
  })
})

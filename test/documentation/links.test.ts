import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { githubSlug } from "../../site/.vitepress/github-markdown.ts"
import { repository } from "../../site/.vitepress/repository.ts"
import { headingsOf, page, pages, root, withoutCode } from "./pages.ts"

const anchorsOf = (text: string) => headingsOf(text).map((heading) => `#${githubSlug(heading)}`)

const targetsOf = (text: string) =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target)

/** Whether a file of the repository is there, and has that heading. */
function expectThere(file: string, anchor: string | undefined, link: string): void {
  expect(existsSync(join(root, file)), link).toBe(true)
  if (anchor) expect(anchorsOf(readFileSync(join(root, file), "utf8")), link).toContain(anchor)
}

describe("every link of the README, which the registry shows as well,", () => {
  const readme = page("README.md")
  const targets = targetsOf(readme)

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
      const [, file = "", anchor] = /\/(?:blob|raw)\/main\/([^#]+)(#.*)?$/.exec(target) ?? []
      expectThere(file, anchor, target)
    }
  })

  test("into the repository has the same placeholder as package.json, which CONTRIBUTING.md explains", () => {
    const all = `${readme}${JSON.stringify(manifest)}`.match(/github\.com\/[\w-]+\/prisma-pool-config/g)
    expect([...new Set(all)]).toEqual([repository.replace("https://", "")])
    const [owner = ""] = repository.split("/").slice(-2)
    expect(readFileSync(join(root, "CONTRIBUTING.md"), "utf8")).toContain(owner)
  })

  test("together lead to every page", () => {
    const missing = pages
      .filter(({ name }) => name !== "README.md")
      .filter(({ name }) => !targets.some((target) => target.includes(`/main/${name}`)))
    expect(missing.map(({ name }) => name)).toEqual([])
  })
})

test("the site has one address, that of package.json", () => {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "src", file), "utf8"))
  const texts = [...pages.map(({ text }) => text), ...sources]
  const addresses = texts.join("\n").match(/https:\/\/[\w-]+\.github\.io\/prisma-pool-config\/?/g)
  expect([...new Set(addresses)]).toEqual([manifest.homepage])
})

test("the README is a page to read in one go: 200 lines at most", () => {
  expect(page("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(200)
})

describe.each(pages.filter(({ name }) => name !== "README.md"))("every link of $name", ({ name, text }) => {
  test("leads to a file that is there, and to a heading of it", () => {
    for (const target of targetsOf(text).filter((each) => !/^https?:/.test(each))) {
      const [path = "", anchor] = target.split("#")
      const file = path === "" ? name : join(dirname(name), path)
      expectThere(file, anchor && `#${anchor}`, target)
    }
  })
})

describe.each(pages)("every picture of $name", ({ text }) => {
  test("says in words what it shows", () => {
    const alternatives = [...text.matchAll(/!\[([^\]]*)\]/g)].map(([, words = ""]) => words)
    expect(alternatives.filter((words) => words.split(" ").length < 5)).toEqual([])
  })
})

const isThere = (path: string) => [root, join(root, "src")].some((from) => existsSync(join(from, path)))

describe("every path of the repository that a page names is there:", () => {
  test.each(pages)("$name", ({ text }) => {
    const paths = [...text.matchAll(/`((?:test|examples|bench|scripts|docs)\/[\w./-]*)`/g)]
    expect(paths.map(([, path = ""]) => path).filter((path) => !isThere(path))).toEqual([])
  })
})

describe("every path that a page for maintainers names is there:", () => {
  test.each(["CONTRIBUTING.md", "docs/architecture.md"])("%s", (name) => {
    const text = readFileSync(join(root, name), "utf8")
    const paths = [...text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, path = ""]) => path)
    expect(paths.length).toBeGreaterThan(10)
    expect(
      paths.filter(
        (path) =>
          !/^(input|commands|output|inspect|pgbouncer|watch|metrics|traces|terraform|platforms)\/$/.test(
            path,
          ) && !isThere(path),
      ),
    ).toEqual([])
  })
})

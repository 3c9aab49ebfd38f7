import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { parse } from "yaml"
import manifest from "../../package.json" with { type: "json" }
import { entryOf, withRelease } from "../../scripts/release/changelog.ts"
import { checkRelease } from "../../scripts/release/check-release.ts"
import { root } from "../documentation/pages.ts"

const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8")

const UNRELEASED = "# Changelog\n\n## Unreleased\n\n### Added\n\n- A pool.\n"

describe("the changelog", () => {
  test("has what is unreleased on top, then each version with its day, the newest first", () => {
    const [first, ...others] = [...changelog.matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading)
    expect(first).toBe("Unreleased")
    expect(others.filter((heading) => !/^\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d$/.test(heading))).toEqual([])
    const versions = others.map((heading) => heading.split(" ", 1)[0] ?? "")
    const newestFirst = versions.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))
    expect(versions).toEqual(newestFirst)
  })

  test("has an entry of the version of package.json, or what will be one", () => {
    expect(entryOf(changelog, manifest.version) || entryOf(changelog, "Unreleased")).toBeTruthy()
  })

  test("gets the version and the day above what was unreleased", () => {
    const released = withRelease(UNRELEASED, "0.1.0", "2027-01-31")
    expect(released).toBe("# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2027-01-31\n\n### Added\n\n- A pool.\n")
    expect(entryOf(released, "0.1.0")).toBe("### Added\n\n- A pool.")
    expect(entryOf(released, "Unreleased")).toBe("")
    expect(entryOf(released, "0.1")).toBeUndefined()
  })

  test("is refused where there is nothing to release, or the version is there", () => {
    const released = withRelease(UNRELEASED, "0.1.0", "2027-01-31")
    expect(() => withRelease(released, "0.2.0", "2027-02-01")).toThrow("nothing under Unreleased")
    expect(() => withRelease(released, "0.1.0", "2027-02-01")).toThrow("an entry of 0.1.0 already")
  })
})

describe("a tag", () => {
  const release = {
    manifest: { version: "0.1.0", repository: { url: "git+https://github.com/acme/prisma-pool-config.git" } },
    changelog: withRelease(UNRELEASED, "0.1.0", "2027-01-31"),
    tag: "v0.1.0",
    repository: "acme/prisma-pool-config",
  }

  test("is published where package.json, the changelog and the repository agree with it", () => {
    expect(checkRelease(release)).toEqual([])
  })

  test.each([
    ["of another version", { tag: "v0.2.0" }, "The tag is v0.2.0, and package.json has version 0.1.0"],
    [
      "in another repository",
      { repository: "else/fork" },
      "this one is git+https://github.com/else/fork.git",
    ],
    ["without an entry", { changelog: UNRELEASED }, "CHANGELOG.md has no entry of 0.1.0"],
  ])("is refused %s", (_, change, problem) => {
    expect(checkRelease({ ...release, ...change })).toEqual([expect.stringContaining(problem)])
  })
})

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: Readonly<Record<string, string>>
        readonly steps: readonly { readonly uses?: string; readonly run?: string }[]
      }
    >
  >
}

const workflows = join(root, ".github/workflows")
const workflow = (file: string): Workflow => parse(readFileSync(join(workflows, file), "utf8"))

describe.each(readdirSync(workflows))("the workflow %s", (file) => {
  const steps = Object.values(workflow(file).jobs).flatMap((job) => job.steps)

  test("takes each action in one version, that of the other workflows", () => {
    const versions = new Map<string, Set<string>>()
    for (const other of readdirSync(workflows)) {
      for (const { uses } of Object.values(workflow(other).jobs).flatMap((job) => job.steps)) {
        const [name = "", version = ""] = uses?.split("@") ?? []
        versions.set(name, (versions.get(name) ?? new Set()).add(version))
      }
    }
    for (const { uses = "" } of steps) {
      const [name = "", version] = uses.split("@")
      if (name) expect([...(versions.get(name) ?? [])], name).toEqual([version])
    }
  })

  test("runs scripts that are there", () => {
    const lines = steps.map(({ run = "" }) => run).join("\n")
    const scripts = [...lines.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name)
    expect(scripts.filter((name) => !Object.hasOwn(manifest.scripts, String(name)))).toEqual([])
  })
})

test("a release is tested first, has its provenance signed, and may write to the repository nowhere else", () => {
  const { permissions, jobs } = workflow("release.yml")
  expect(permissions).toEqual({ contents: "read" })
  expect(jobs).toMatchObject({
    test: { steps: expect.arrayContaining([{ run: 'sudo env "PATH=$PATH" bash .ci/run' }]) },
    publish: { needs: "test", permissions: { contents: "read", "id-token": "write" } },
    announce: { needs: "publish", permissions: { contents: "write" } },
  })
  const published = jobs["publish"]?.steps.find(({ run }) => run?.startsWith("npm publish"))?.run
  expect(published).toMatch(/--provenance --access public/)
})

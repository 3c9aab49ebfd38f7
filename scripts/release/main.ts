// The steps of a release: `npm version` runs `changelog`, and .github/workflows/release.yml the others.
import { readFileSync, writeFileSync } from "node:fs"
import manifest from "../../package.json" with { type: "json" }
import { billOfMaterials } from "./bill-of-materials.ts"
import { entryOf, withRelease } from "./changelog.ts"
import { checkRelease } from "./check-release.ts"

const file = new URL("../../CHANGELOG.md", import.meta.url)
const changelog = readFileSync(file, "utf8")

const STEPS: Readonly<Record<string, () => void>> = {
  /** Moves what is unreleased below the version, with the day. */
  changelog: () =>
    writeFileSync(file, withRelease(changelog, manifest.version, new Date().toISOString().slice(0, 10))),
  /** Ends with 1 where the tag of the workflow cannot be published. */
  check: () => {
    const { GITHUB_REF_NAME: tag = "", GITHUB_REPOSITORY: repository = "" } = process.env
    const problems = checkRelease({ manifest, changelog, tag, repository })
    for (const problem of problems) console.error(problem)
    process.exitCode = problems.length === 0 ? 0 : 1
  },
  /** Prints what the changelog has of the version. */
  notes: () => console.log(entryOf(changelog, manifest.version) ?? ""),
  /** Prints the bill of materials. */
  sbom: () => console.log(JSON.stringify(billOfMaterials(), null, 2)),
}

const [name = ""] = process.argv.slice(2)
const step = STEPS[name]
if (step === undefined) {
  console.error(`No step "${name}": there are ${Object.keys(STEPS).join(", ")}.`)
  process.exitCode = 1
} else step()

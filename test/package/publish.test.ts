import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { BUNDLED } from "../../tsup.config.ts"
import { root } from "../documentation/pages.ts"
import { node } from "./project.ts"

test("npm publish has nothing to correct or to warn of", async () => {
  // The scripts are the tests. With a tag, the registry's newest version may be any.
  const flags = ["--dry-run", "--ignore-scripts", "--access", "public", "--tag", "dry-run"]
  const shell = process.platform === "win32"
  const { stdout, stderr } = await promisify(execFile)("npm", ["publish", ...flags], { cwd: root, shell })
  expect(stdout).toContain(`+ ${manifest.name}@${manifest.version}`)
  const warnings = stderr.split("\n").filter((line) => /^npm (warn|error)/i.test(line))
  expect(warnings.filter((line) => !line.includes("requires you to be logged in"))).toEqual([])
})

test("the bill of materials has what is installed with the package, and what is inside of it", async () => {
  const { components, dependencies, metadata } = JSON.parse(
    await node(["--import", "tsx", "scripts/release/main.ts", "sbom"], root),
  ) as BillOfMaterials
  const dependency = Object.keys(manifest.dependencies)
  expect(components.map(({ name }) => name).sort()).toEqual([...dependency, ...BUNDLED].sort())
  for (const { name, version, licenses, properties } of components) {
    const installed = JSON.parse(await readFile(`${root}/node_modules/${name}/package.json`, "utf8"))
    expect(version, name).toBe(installed.version)
    expect(licenses, name).toEqual([{ license: { id: installed.license } }])
    const bundled = { name: "cdx:npm:package:bundled", value: "true" }
    expect(properties, name).toEqual(BUNDLED.includes(name) ? [bundled] : [])
  }
  // What they depend on themselves is in it, too: nothing.
  const refs = [metadata.component, ...components].map((each) => each["bom-ref"])
  expect(dependencies.map(({ ref }) => ref).sort()).toEqual(refs.sort())
  expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.includes(ref))).toEqual([])
})

interface Component {
  readonly "bom-ref": string
  readonly name: string
  readonly version: string
  readonly licenses: unknown
  readonly properties: unknown
}

interface BillOfMaterials {
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

// The ES modules of what is pure: a few lines over the CommonJS ones, so that what they are made of is in the package
// once. The entry `.` has a build of its own, since Prisma's classes differ between the two formats; its types do not.
import { existsSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const require = createRequire(import.meta.url)

const ENTRIES = ["index", "config/index", "sizing/index", "terraform/index", "monitor/index", "core"]

for (const entry of ENTRIES) {
  const path = (extension) => fileURLToPath(new URL(`../dist/${entry}.${extension}`, import.meta.url))
  const source = `./${entry.split("/").at(-1)}.cjs`
  if (existsSync(path("d.cts"))) writeFileSync(path("d.ts"), `export * from "${source}"\n`)
  if (existsSync(path("js"))) continue
  const names = Object.keys(require(path("cjs"))).sort()
  writeFileSync(path("js"), `import entry from "${source}"\nexport const { ${names.join(", ")} } = entry\n`)
}

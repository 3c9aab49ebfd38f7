// The ES modules of the entries that are pure: a few lines over the CommonJS ones, so that what they are made of is
// in the package once. The entry `.` has a build of its own, since Prisma's classes differ between the two formats.
import { writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const require = createRequire(import.meta.url)

for (const entry of process.argv.slice(2)) {
  const path = (extension) => fileURLToPath(new URL(`../dist/${entry}/index.${extension}`, import.meta.url))
  const names = Object.keys(require(path("cjs"))).sort()
  writeFileSync(path("js"), `import entry from "./index.cjs"\nexport const { ${names.join(", ")} } = entry\n`)
  writeFileSync(path("d.ts"), 'export * from "./index.cjs"\n')
}

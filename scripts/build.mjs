// Builds `dist`: what tsup makes, then the ES modules of what is pure, a few lines over the CommonJS ones, so that what
// they are made of is in the package once. The entry `.` has a build of its own, since Prisma's classes differ between
// the two formats.
import { execFileSync } from "node:child_process"
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL("..", import.meta.url))

// tsup's own `clean` would race: one configuration would remove what another has made.
rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true })
execFileSync(process.execPath, ["node_modules/tsup/dist/cli-default.js", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
})

const ENTRIES = ["config/index", "sizing/index", "terraform/index", "monitor/index", "core"]

const path = (entry, extension) => fileURLToPath(new URL(`../dist/${entry}.${extension}`, import.meta.url))
const source = (entry) => `./${entry.split("/").at(-1)}.cjs`

for (const entry of ENTRIES) {
  const names = Object.keys(require(path(entry, "cjs"))).sort()
  writeFileSync(
    path(entry, "js"),
    `import entry from "${source(entry)}"\nexport const { ${names.join(", ")} } = entry\n`,
  )
}

// What the types say is the same in both formats.
for (const entry of ["index", ...ENTRIES].filter((each) => existsSync(path(each, "d.cts")))) {
  writeFileSync(path(entry, "d.ts"), `export * from "${source(entry)}"\n`)
}

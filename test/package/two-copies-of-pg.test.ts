import { execFile } from "node:child_process"
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The built package beside a `pg` of its own, while `@prisma/adapter-pg` has the one of this repository. */
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "two-copies-of-pg-"))
  const modules = join(directory, "node_modules")
  await mkdir(join(modules, "prisma-pool-config"), { recursive: true })
  await cp(join(root, "dist"), join(modules, "prisma-pool-config/dist"), { recursive: true })
  await cp(join(root, "package.json"), join(modules, "prisma-pool-config/package.json"))
  await cp(join(root, "node_modules/pg"), join(modules, "pg"), { recursive: true })
  for (const name of await readdir(join(root, "node_modules"))) {
    if (/^(@prisma|pg-|pgpass|postgres-|split2|xtend)/.test(name)) {
      await symlink(join(root, "node_modules", name), join(modules, name))
    }
  }
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test("two copies of pg are refused with an error that says what to do, under its own name", async () => {
  const file = join(directory, "script.mjs")
  await writeFile(
    file,
    `import { inspect } from "node:util"
     import { coreAdapter } from "prisma-pool-config"
     const adapter = coreAdapter({ env: { DATABASE_URL_CORE: "postgresql://app@127.0.0.1:1/core" } })
     await adapter.connect().catch((error) => console.log(inspect(error)))`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: directory })
  expect(stdout).toMatch(/^PoolConfigError: pg: is installed twice.*npm dedupe/)
})

import { execFileSync } from "node:child_process"
import { readdirSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("../", import.meta.url))

/** Generates files that are not in the repository: the Prisma clients and `dist`, if they are missing or out of date. */
export function setUp(say: (line: string) => void): void {
  const clients = ["core", "analytics"].map((name) => `prisma/${name}/generated/client.ts`)
  const schemas = ["core", "analytics"].map((name) => `prisma/${name}/schema.prisma`)
  if (changedAt(clients, Math.min) < changedAt(schemas, Math.max)) {
    say("Generating the Prisma clients")
    run("scripts/generate.mjs")
  }

  const built = ["dist/index.js", "dist/sizing/index.js", "dist/monitor/index.js"]
  const sources = readdirSync(`${ROOT}src`, { recursive: true }).map((file) => `src/${file}`)
  if (changedAt(built, Math.min) < changedAt([...sources, "tsup.config.ts"], Math.max)) {
    say("Building the package")
    run("node_modules/tsup/dist/cli-default.js", "--silent")
  }
}

function changedAt(files: readonly string[], choose: (...times: number[]) => number): number {
  return choose(...files.map((file) => statSync(ROOT + file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
}

function run(script: string, ...args: string[]): void {
  // If it fails, the error contains its stderr.
  execFileSync(process.execPath, [script, ...args], { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] })
}

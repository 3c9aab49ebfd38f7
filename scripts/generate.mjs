// Generates the Prisma clients of the tests and the examples. `prisma generate` needs no schema engine, but
// downloads one unless it is told of a file that exists: any file will do.
import { execFileSync } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const prisma = createRequire(import.meta.url).resolve("prisma/build/index.js")
const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1", ...process.env }

for (const database of ["core", "analytics"]) {
  const schema = fileURLToPath(new URL(`../prisma/${database}/schema.prisma`, import.meta.url))
  execFileSync(process.execPath, [prisma, "generate", "--no-hints", "--schema", schema], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  })
}

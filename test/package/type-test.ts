import { readdir, readFile } from "node:fs/promises"

/** The names of the files that {@link typeTest} takes. */
export async function typeTests(): Promise<string[]> {
  const files = await readdir(new URL("../types", import.meta.url))
  return files.filter((file) => !file.endsWith(".test.ts"))
}

/** A file of `test/types` with the imports that a user would write. */
export async function typeTest(file: string): Promise<string> {
  const code = await readFile(new URL(`../types/${file}`, import.meta.url), "utf8")
  return code
    .replaceAll(/"\.\.\/\.\.\/prisma\/(\w+)\/generated\/client\.ts"/g, '"./$1/generated/client.js"')
    .replaceAll('"../../src/index.ts"', '"prisma-pool-config"')
    .replaceAll(/"\.\.\/\.\.\/src\/(\w+)\/index\.ts"/g, '"prisma-pool-config/$1"')
}

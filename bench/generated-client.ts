import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

export const root = fileURLToPath(new URL("..", import.meta.url))

/** The generated client as JavaScript: compiling it is no part of what is measured. */
export const generatedClient = (to: string): Promise<void> =>
  transpileFolder(join(root, "prisma/core/generated"), to)

export async function transpileFolder(from: string, to: string): Promise<void> {
  for (const file of await readdir(from, { recursive: true })) {
    if (!file.endsWith(".ts")) continue
    const source = await readFile(join(from, file), "utf8")
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    })
    const path = join(to, file.replace(/\.ts$/, ".js"))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, outputText)
  }
}

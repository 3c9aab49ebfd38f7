import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import ts from "typescript"
import { describe, expect, test } from "vitest"
import { pages, root } from "./pages.ts"

const here = join(root, "test/documentation")

/** Every TypeScript example that a user may copy: the blocks of the README and of docs/, and those of the docstrings. */
function examples(): { name: string; code: string }[] {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(root, "src", file))
  const files = [...pages.map(({ name }) => join(root, name)), ...sources]
  return files.flatMap((file) => {
    const text = readFileSync(file, "utf8")
    return [...text.matchAll(/^( \* )?```ts\n(.*?)\n\1?```$/gms)].map(([, star = "", code = ""], index) => ({
      name: `${relative(root, file)} ${index + 1}`,
      code: code.replaceAll(`\n${star}`, "\n").replace(/^ \* ?/gm, ""),
    }))
  })
}

/** As it would stand in a user's file: the package is the source here, and so are the generated clients. */
function asModule(code: string): string {
  const local = code
    .replaceAll(/"prisma-pool-config(\/\w+)?"/g, (_, subpath = "") => `"../../src${subpath}/index.ts"`)
    .replaceAll(/"[./]+\/generated\/prisma\/client\.js"/g, '"../../prisma/core/generated/client.ts"')
    .replaceAll(/"[./]+\/generated\/(\w+)\/client\.js"/g, '"../../prisma/$1/generated/client.ts"')
    .replaceAll(/"[./]+\/prisma\.js"/g, '"./prisma.ts"')
    .replaceAll('{ PrismaClient } from "@prisma/client"', '{ PrismaClient } from "./prisma-6.ts"')
  return `${local}\nexport {}\n`
}

/** The module that the quick starts import. */
const PRISMA = `
import { createPrismaClient } from "prisma-pool-config"
import { PrismaClient } from "./generated/prisma/client.js"
export const prisma = createPrismaClient(PrismaClient)
`

/** What Prisma 6 generates into `@prisma/client`, as far as an example uses it. */
const PRISMA_6 = "export declare class PrismaClient { constructor(options: { datasourceUrl?: string }) }"

const all = examples()
const files = new Map([
  [join(here, "prisma.ts"), asModule(PRISMA)],
  [join(here, "prisma-6.ts"), PRISMA_6],
  ...all.map(({ code }, index) => [join(here, `example-${index}.ts`), asModule(code)] as const),
])

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ["lib.es2023.d.ts"],
  types: ["node"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  experimentalDecorators: true,
}
const host = ts.createCompilerHost(options)
const { getSourceFile, fileExists, readFile } = host
host.fileExists = (file) => files.has(file) || fileExists(file)
host.readFile = (file) => files.get(file) ?? readFile(file)
host.getSourceFile = (file, ...rest) => {
  const text = files.get(file)
  return text === undefined
    ? getSourceFile(file, ...rest)
    : ts.createSourceFile(file, text, ts.ScriptTarget.ES2022)
}
const declarations = ["globals.d.ts", "modules.d.ts"].map((file) => join(here, file))
const program = ts.createProgram([...files.keys(), ...declarations], options, host)

describe("every example compiles", () => {
  test("and there are some", () => {
    expect(all.filter(({ name }) => name.startsWith("README")).length).toBeGreaterThan(2)
    expect(all.filter(({ name }) => name.startsWith("docs")).length).toBeGreaterThan(25)
    expect(all.filter(({ name }) => name.startsWith("src")).length).toBeGreaterThan(10)
  })

  test.each(all.map(({ name }, index) => [name, index] as const))("%s", (_, index) => {
    const source = program.getSourceFile(join(here, `example-${index}.ts`))
    const messages = ts
      .getPreEmitDiagnostics(program, source)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))
    expect(messages).toEqual([])
  })
})

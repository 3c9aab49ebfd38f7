import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { COMPILERS, compilers, folderOf, generate, PRISMA_7 } from "./prisma-project.ts"
import { compile, node, Project, removeDirectory, temporaryDirectory } from "./project.ts"

let directory: string | undefined
let pnpm: string
beforeAll(async () => {
  directory = await temporaryDirectory()
  // Of 10, the newest that runs on every Node.js that this package does.
  const tool = await Project.install(join(directory, "tool"), { pnpm: "10.34.9" })
  pnpm = tool.path("node_modules/pnpm/bin/pnpm.cjs")
})
afterAll(() => removeDirectory(directory))

// A client and a pool that are exported need types that a declaration file can name, and that are not `any`.
const SOURCE = `
import { createCoreClient, createPool, createPrismaClient, prismaAdapter } from "prisma-pool-config"
import { poolStats } from "prisma-pool-config/monitor"
import { PrismaClient } from "./core/generated/client.js"

export const pool = createPool("postgresql://app@db/core")
export const prisma = createPrismaClient(PrismaClient, { log: ["error"], onPool: (pool) => poolStats(pool) })
export const prismaCore = createCoreClient(PrismaClient, { omit: { partner: { apiKey: true } } })
export const extended = prisma.$extends({ client: { hello: () => "hello" } })
export const adapter = prismaAdapter()
export class PrismaService extends PrismaClient {
  constructor() {
    super({ adapter: prismaAdapter() })
  }
}

// @ts-expect-error a number is no text: this is an error unless the pool is any
const text: string = pool.totalCount
// @ts-expect-error there is no such model
prismaCore.nothing
export { text }
`

describe.each([
  ["its usual layout", []],
  ["hoist=false", ["hoist=false"]],
])("installed by pnpm in %s", (name, npmrc) => {
  let project: Project
  beforeAll(async () => {
    project = await Project.empty(join(directory as string, name.replace(/\W/g, "-")), {
      ...PRISMA_7.dependencies,
      ...Object.fromEntries(compilers.map((each) => [folderOf(each), `npm:typescript@${COMPILERS[each]}`])),
      "@types/node": "20.19.43",
      pg: "8.23.1",
      "prisma-pool-config": `file:${inject("packed").tarball}`,
    })
    await project.write(".npmrc", npmrc.join("\n"))
    await node([pnpm, "install", "--ignore-scripts", "--prefer-offline"], project.directory)
    await project.write("esm/package.json", JSON.stringify({ type: "module" }))
    await project.write("esm/clients.ts", SOURCE)
    await generate(project, "esm", "core", PRISMA_7)
  })

  test.each(compilers)(
    "an exported pool and exported clients keep their types on TypeScript %s",
    async (compiler) => {
      const folder = `out-${folderOf(compiler)}`
      for (const skipLibCheck of [true, false]) {
        const config = `tsconfig.${folderOf(compiler)}.json`
        const compilerOptions = {
          strict: true,
          target: "es2022",
          lib: ["es2023"],
          types: ["node"],
          module: "nodenext",
          declaration: true,
          rewriteRelativeImportExtensions: true,
          skipLibCheck,
          rootDir: ".",
          outDir: folder,
        }
        await project.write(config, JSON.stringify({ compilerOptions, include: ["esm"] }))
        expect(await compile(project.path("node_modules", folderOf(compiler)), project.path(config))).toBe("")
      }
      const declared = await readFile(project.path(folder, "esm/clients.d.ts"), "utf8")
      expect(declared).toMatch(/pool: import\("prisma-pool-config"\)\.Pool;/)
      // What leads from ES modules into CommonJS by its types is written so.
      expect(declared).not.toContain("resolution-mode")
    },
  )
})

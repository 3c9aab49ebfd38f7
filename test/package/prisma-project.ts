import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import supported from "../../scripts/supported-versions.json" with { type: "json" }
import { compile, node, Project } from "./project.ts"
import { typeTest, typeTests } from "./type-test.ts"

const { resolve } = createRequire(import.meta.url)

/** A user's project on one version of Prisma: an ESM half in `esm/`, a CommonJS half in `cjs/`. */
export interface PrismaSetup {
  readonly dependencies: Readonly<Record<string, string>>
  /** The generator block of each half. */
  readonly generators: { readonly esm: string; readonly cjs: string }
  /** Prisma 6 wants the URL in the schema, Prisma 7 refuses it there. */
  readonly urlInSchema: boolean
  /** What the consumer's TypeScript is asked beyond strictness. */
  readonly compilerOptions: Readonly<Record<string, unknown>>
}

export const PRISMA_7: PrismaSetup = {
  dependencies: { "@prisma/adapter-pg": "7.10.1", "@prisma/client": "7.10.0" },
  generators: {
    esm: 'provider = "prisma-client"\nmoduleFormat = "esm"',
    cjs: 'provider = "prisma-client"\nmoduleFormat = "cjs"',
  },
  urlInSchema: false,
  // An exported client must have a type that a declaration file can name.
  compilerOptions: { declaration: true },
}

export const PRISMA_6: PrismaSetup = {
  dependencies: { "@prisma/adapter-pg": "6.19.3", "@prisma/client": "6.19.3", prisma: "6.19.3" },
  generators: {
    esm: 'provider = "prisma-client"\nengineType = "client"\nmoduleFormat = "esm"',
    // Into a folder of the user's, this generator copies Prisma's runtime, error classes included.
    cjs: 'provider = "prisma-client-js"\nengineType = "client"',
  },
  urlInSchema: true,
  // What this version generates has no declaration files on TypeScript 6 and 7 (TS4094 in its own classes).
  compilerOptions: {},
}

/** Of version 7 there is no API for JavaScript, but its command is what users run. */
export const COMPILERS = supported.typescript
export type Compiler = keyof typeof COMPILERS
export const compilers = Object.keys(COMPILERS) as Compiler[]

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: "es2022",
  lib: ["es2023"],
  types: ["node"],
  // The generated clients import their own files by their names in TypeScript.
  rewriteRelativeImportExtensions: true,
}

const TSCONFIGS = {
  /** Both halves, each in the format of its package.json; every declaration file is checked, Prisma's included. */
  nodenext: { module: "nodenext", noEmit: true, skipLibCheck: false },
  bundler: { module: "esnext", moduleResolution: "bundler", noEmit: true, skipLibCheck: true },
  build: { module: "nodenext", declaration: false, noCheck: true, skipLibCheck: true },
} as const

export class PrismaProject {
  readonly project: Project

  /** The installed package's own. */
  readonly manifest: { readonly exports: Readonly<Record<string, unknown>> }

  private constructor(project: Project, manifest: PrismaProject["manifest"]) {
    this.project = project
    this.manifest = manifest
  }

  /** Installs, generates the clients of both schemas in both halves, and compiles them to JavaScript. */
  static async create(directory: string, tarball: string, setup: PrismaSetup): Promise<PrismaProject> {
    const project = await Project.install(directory, {
      ...setup.dependencies,
      ...Object.fromEntries(compilers.map((name) => [folderOf(name), `npm:typescript@${COMPILERS[name]}`])),
      "@opentelemetry/api": "1.9.0",
      "@opentelemetry/sdk-metrics": "2.12.0",
      "@opentelemetry/sdk-trace-base": "2.12.0",
      "@types/node": "20.19.43",
      "@types/pg": "8.23.1",
      pg: "8.23.1",
      "prisma-pool-config": `file:${tarball}`,
    })
    for (const [name, content] of Object.entries(TSCONFIGS)) {
      const compilerOptions = { ...STRICT, ...setup.compilerOptions, ...content }
      const include = name === "bundler" ? ["esm"] : ["esm", "cjs"]
      await project.write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, include }))
    }
    for (const [half, type] of [
      ["esm", "module"],
      ["cjs", "commonjs"],
    ] as const) {
      await project.write(`${half}/package.json`, JSON.stringify({ type }))
      for (const file of await typeTests()) await project.write(`${half}/${file}`, await typeTest(file))
      for (const database of ["core", "analytics"]) await generate(project, half, database, setup)
    }
    const installed = project.path("node_modules/prisma-pool-config/package.json")
    const created = new PrismaProject(project, JSON.parse(await readFile(installed, "utf8")))
    const complaints = await created.compile("7.0", "build")
    if (complaints !== "") throw new Error(complaints)
    return created
  }

  compile(compiler: Compiler, tsconfig: keyof typeof TSCONFIGS): Promise<string> {
    const { project } = this
    return compile(
      project.path("node_modules", folderOf(compiler)),
      project.path(`tsconfig.${tsconfig}.json`),
    )
  }
}

/** Generates the client of a schema into one half of a project. */
export async function generate(
  project: Project,
  half: "esm" | "cjs",
  database: string,
  { dependencies, generators, urlInSchema }: PrismaSetup,
): Promise<void> {
  const schema = `${half}/${database}/schema.prisma`
  const url = urlInSchema ? `\nurl = env("DATABASE_URL_${database.toUpperCase()}")` : ""
  const text = (await readFile(new URL(`../../prisma/${database}/schema.prisma`, import.meta.url), "utf8"))
    .replace('provider = "prisma-client"', generators[half])
    .replace('provider = "postgresql"', (provider) => provider + url)
  await project.write(schema, text)
  // Prisma 7's command is large, and is here already.
  const prisma = dependencies["prisma"]
    ? project.path("node_modules/prisma/build/index.js")
    : resolve("prisma/build/index.js")
  await node([prisma, "generate", "--no-hints", "--schema", schema], project.directory, {
    // As in scripts/generate.mjs: any file that exists keeps it from fetching an engine.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_QUERY_ENGINE_LIBRARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
  })
}

/** Where a compiler is in `node_modules` of a project. */
export const folderOf = (compiler: Compiler) => `typescript-${compiler}`

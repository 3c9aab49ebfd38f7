import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, posix } from "node:path"
import { runInNewContext } from "node:vm"
import { publint } from "publint"
import { build } from "vite"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { thirdPartyNotices } from "../../scripts/third-party-notices.ts"
import { BUNDLED } from "../../tsup.config.ts"
import { freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { filesOfCommands } from "./commands.ts"
import { compile, node, npm, Project, removeDirectory, temporaryDirectory } from "./project.ts"
import { typeTest } from "./type-test.ts"

const { resolve } = createRequire(import.meta.url)

const packed = inject("packed")
let directory: string | undefined
let empty: Project
beforeAll(async () => {
  directory = await temporaryDirectory()
  empty = await Project.install(join(directory, "empty"), dependencies())
})
afterAll(() => removeDirectory(directory))

const dependencies = () => ({ "prisma-pool-config": `file:${packed.tarball}` })

const installed = (file: string) => readFile(empty.path("node_modules/prisma-pool-config", file), "utf8")

describe("the tarball", () => {
  // Of these, 90 kB are the parser of YAML, which as a dependency would be 112 kB more to install.
  test("is at most 875 kB", () => {
    expect(packed.size).toBeLessThanOrEqual(875_000)
  })

  test("has the licences of what is bundled", async () => {
    const notices = await installed("THIRD-PARTY-NOTICES")
    expect(notices, 'run "npm run docs"').toBe(thirdPartyNotices())
    // esbuild says of each module where it is from.
    const code = await Promise.all(packed.files.filter((file) => /\.c?js$/.test(file)).map(installed))
    const bundled = code.flatMap((text) => [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/\n]+)/gm)])
    expect([...new Set(bundled.map(([, name]) => name))].sort()).toEqual(BUNDLED)
  })

  test("has every path that package.json names", async () => {
    const { exports, main, module, types, bin, typesVersions } = JSON.parse(await installed("package.json"))
    const named = leaves({ exports, main, module, types, bin, typesVersions })
    expect(named.length).toBeGreaterThan(12)
    expect(named.filter((path) => !packed.files.includes(path))).toEqual([])
  })

  test("has a README, a licence, and of the build only what an export leads to", async () => {
    const { exports, bin } = JSON.parse(await installed("package.json"))
    const needed = new Set([
      "LICENSE",
      "README.md",
      "THIRD-PARTY-NOTICES",
      "docs/pool.config.schema.json",
      "package.json",
    ])
    for (const file of leaves({ exports, bin })) await reach(file, needed)
    expect(packed.files).toEqual([...needed].sort())
  })

  test.each(["js", "cjs"])(
    "has a client of four files, since each costs a cold start: %s",
    async (extension) => {
      const loaded = new Set<string>()
      await reach(`dist/index.${extension}`, loaded)
      const names = ["formulas", "index", "pool", "settings"]
      expect([...loaded].sort()).toEqual(names.map((name) => `dist/${name}.${extension}`))
    },
  )

  test("has nothing that publint objects to", async () => {
    const tarball = await readFile(packed.tarball)
    const { messages } = await publint({ strict: true, pack: { tarball: new Uint8Array(tarball).buffer } })
    expect(messages).toEqual([])
  })

  test("has types that resolve as its JavaScript does, says attw with no rule ignored", async () => {
    const attw = join(dirname(resolve("@arethetypeswrong/cli/package.json")), "dist/index.js")
    const verdict = await node([attw, "--no-color", "--no-emoji", packed.tarball], empty.directory)
    expect(verdict).toContain("No problems found")
  })
})

describe("in a project without any peer", () => {
  test("the install adds two packages: this one, and the parser of the command's flags", async () => {
    expect(await empty.installed()).toEqual(["commander", "prisma-pool-config"])
  })

  describe.each([
    ["ESM", "esm"],
    ["CommonJS", "cjs"],
  ])("loaded as %s", (_, format) => {
    test("./config and ./sizing do what Prisma ≤ 6 needs, and ./deployments what CI does", async () => {
      expect(await empty.run("without-peers.mjs", [format])).toEqual(WITHOUT_PEERS)
    })
  })

  test("the command runs by the package's name: data on stdout, no colour in a pipe", async () => {
    const line = "check --max-connections 100 --reserved metabase=10 --consumer api=4x20 --consumer jobs=5x8"
    // Nothing is asked of the registry: `npx prisma-pool` would.
    const ran = npm(["exec", "--offline", "--", "prisma-pool-config", ...line.split(" ")], empty.directory)
    const refused = await ran.catch((error: Error) => error)
    expect(refused).toMatchObject({
      message: expect.stringContaining("✗ does not fit: 130 of 97 usable connections"),
    })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    expect((refused as Error).message).not.toMatch(/\u001b/)
  })

  test("a command that needs pg says so", async () => {
    const env = { DATABASE_URL_CORE: "postgresql://app@127.0.0.1:1/core" }
    for (const line of [["inspect"], ["preflight", "--max-connections", "9", "--consumer", "api=1x1"]]) {
      expect(await empty.command(line, env)).toEqual({
        code: 3,
        out: "",
        err: "prisma-pool: pg: is not installed, and this command needs it. Run npm install pg.\n",
      })
    }
  })

  /** A bundle for the browser of what uses one export. */
  async function inBrowser(name: string, source: string): Promise<string> {
    const entry = empty.path(name)
    await empty.write(name, source)
    const bundled = await build({
      root: empty.directory,
      logLevel: "error",
      configFile: false,
      build: { write: false, minify: "esbuild", rollupOptions: { input: entry, external: [/^node:/] } },
    })
    const [chunk] = [bundled].flat().flatMap((result) => ("output" in result ? result.output : []))
    return chunk?.type === "chunk" ? chunk.code : ""
  }

  test.each(["connectionLimitByShares", "connectionLimitBySlots", "reservedTotal", "connectionsForLoad"])(
    "%s costs a browser a few kB, without a schema, and needs nothing of Node.js",
    async (formula) => {
      const source = `import { ${formula} } from "prisma-pool-config/sizing"
      globalThis.formula = (input) => ${formula}(input)`
      const code = await inBrowser("formula.js", source)
      expect(code).toContain("is not a known field")
      expect(code.length).toBeLessThan(4_500)
      expect(code).not.toMatch(/node:|_zod/)
    },
  )

  test("./deployments needs nothing of Node.js either: it reads every format with what a browser has", async () => {
    const source = `import { fleetFromAppSpec, fleetFromCompose, fleetFromKubernetes, fleetFromRender, fleetFromTerraform } from "prisma-pool-config/deployments"
      globalThis.fleets = [fleetFromTerraform(plan), fleetFromKubernetes(manifests), fleetFromCompose(file), fleetFromRender(blueprint), fleetFromAppSpec(spec)]
        .map(({ highest: { consumers, jobs } }) => [...Object.keys(consumers), ...jobs.map(({ name }) => name)])`
    const code = await inBrowser("deployments.js", source)
    // With the parser of YAML inside, and nothing to be had from Node.js, nor a stub in its place.
    const nodes = /["'`]node:|\bprocess\.\w+|\bBuffer\.\w+|__vite-browser-external|\brequire\(/g
    expect(code.match(nodes)).toBeNull()
    const examples = (name: string) => readFile(new URL(`../../examples/${name}`, import.meta.url), "utf8")
    // Among globals of the language, these are all that a browser's script has and this one asks for.
    const browser: Record<string, unknown> = {
      atob,
      TextDecoder,
      TextEncoder,
      URL,
      URLSearchParams,
      plan: JSON.parse(await examples("terraform/plan.json")),
      manifests: [await examples("kubernetes/api.yaml"), await examples("kubernetes/jobs.yaml")],
      file: JSON.parse(await examples("compose/compose.json")),
      blueprint: filesOfCommands["render.yaml"],
      spec: filesOfCommands["app.yaml"],
    }
    runInNewContext(code, browser)
    const [terraform, kubernetes, compose, render, appSpec] = JSON.parse(JSON.stringify(browser["fleets"]))
    expect(terraform).toContain("scaleway_container.api")
    expect(kubernetes).toEqual([
      "missions/deployment/api",
      "missions/job/migrate",
      "missions/cronjob/import-missions",
      "missions/cronjob/export-stats",
    ])
    expect(compose).toContain("service/api")
    expect(render).toEqual(["service/api"])
    expect(appSpec).toEqual(["service/api"])
  })

  test.each(["nodenext", "bundler", "node10"])(
    "their types need no other package, under %s",
    async (resolution) => {
      await empty.write("package.json", JSON.stringify({ private: true, type: "module" }))
      await empty.write("config-and-sizing.ts", await typeTest("config-and-sizing.ts"))
      await empty.write(
        `tsconfig.${resolution}.json`,
        JSON.stringify({
          compilerOptions: {
            strict: true,
            noEmit: true,
            skipLibCheck: false,
            target: "es2022",
            lib: ["es2023"],
            types: [],
            module: resolution === "nodenext" ? "nodenext" : "es2022",
            moduleResolution: resolution,
            ignoreDeprecations: "6.0",
          },
          include: ["config-and-sizing.ts"],
        }),
      )
      const typescript = dirname(resolve("typescript/package.json"))
      expect(await compile(typescript, empty.path(`tsconfig.${resolution}.json`))).toBe("")
    },
  )
})

test("npm installs it beside Prisma 5 without a flag, for ./config and ./sizing", async () => {
  const directory = join(dirname(empty.directory), "prisma-5")
  const project = await Project.install(directory, { ...dependencies(), "@prisma/client": "5.22.0" })
  expect(await project.installed()).toEqual(["@prisma/client", "commander", "prisma-pool-config"])
  expect(await project.run("without-peers.mjs", ["cjs"])).toEqual(WITHOUT_PEERS)
})

describe("in a project with pg alone", () => {
  let withPg: Project
  beforeAll(async () => {
    const directory = join(dirname(empty.directory), "pg")
    withPg = await Project.install(directory, { ...dependencies(), pg: "8.23.1" })
  })

  test.each(["esm", "cjs"])(
    "./monitor asks a server, without Prisma and OpenTelemetry: %s",
    async (format) => {
      const database = await freshDatabase()
      const env = { DATABASE_URL_CORE: sharedPostgres().url(database) }
      expect(await withPg.run("monitor.mjs", [format], { env })).toEqual({
        database,
        isCounted: false,
        issues: ["meter", "meter", "fleet.maxConnections", "fleet.consumers"],
      })
    },
  )
})

const WITHOUT_PEERS = {
  url: "postgresql://app:p%40ss@db/core?schema=core&connection_limit=30&pool_timeout=20&connect_timeout=10",
  limit: 13,
  consumers: { "scaleway_container.api": { instances: 2, surge: 2, poolSize: 30, poolsPerInstance: 1 } },
  issues: ["DATABASE_URL_CORE", "PRISMA_POOL_TIMEOUT"],
}

/** Every path in a part of package.json, as the tarball spells it. */
function leaves(value: unknown): string[] {
  if (typeof value === "string") return [posix.normalize(value)]
  return Object.values(value ?? {}).flatMap(leaves)
}

/** Adds a file and all that it imports from beside it. */
async function reach(file: string, reached: Set<string>): Promise<void> {
  if (reached.has(file)) return
  reached.add(file)
  for (const [, path] of (await installed(file)).matchAll(
    /(?:from|require\(|import\(?) ?["'](\.\.?\/[^"']+)["']/g,
  )) {
    const target = posix.join(posix.dirname(file), path as string)
    // A declaration file names the JavaScript beside the declarations that it means.
    await reach(/\.d\.c?ts$/.test(file) ? target.replace(/\.(c?)js$/, ".d.$1ts") : target, reached)
  }
}

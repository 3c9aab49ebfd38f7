import { fileURLToPath } from "node:url"
import { build } from "vite"
import { describe, expect, test } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const ENTRY = "virtual:entry"

/** The modules that are in a bundle of one export of `./sizing`, from the root, and its code. */
async function bundleOf(name: string) {
  const bundled = await build({
    root,
    logLevel: "error",
    configFile: false,
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === ENTRY ? id : undefined),
        load: (id) => (id === ENTRY ? `export { ${name} } from "${root}/src/sizing/index.ts"` : undefined),
      },
    ],
    build: {
      write: false,
      minify: "esbuild",
      rollupOptions: { input: ENTRY, preserveEntrySignatures: "strict" },
    },
  })
  const [chunk] = [bundled].flat().flatMap((result) => ("output" in result ? result.output : []))
  if (chunk?.type !== "chunk") throw new Error("no chunk")
  const modules = Object.entries(chunk.modules).filter(([, { renderedLength }]) => renderedLength > 0)
  return { code: chunk.code, modules: modules.map(([id]) => id.replace(root, "")) }
}

const isZod = (module: string) => module.includes("node_modules/zod")

describe("a bundle of one formula", () => {
  test.each([
    ["connectionLimitByShares", 3_000],
    ["connectionLimitBySlots", 3_000],
    ["reservedTotal", 3_200],
    ["connectionsForLoad", 4_500],
  ])("has no schema in it: %s, in less than %i bytes", async (name, most) => {
    const { code, modules } = await bundleOf(name)
    expect(modules.filter((module) => isZod(module) || module.includes("schema"))).toEqual([])
    expect(code).toContain("is not a known field")
    expect(code.length).toBeLessThan(most)
  })

  test("of what has shape has one", async () => {
    const { modules } = await bundleOf("checkFleet")
    expect(modules.some(isZod)).toBe(true)
  })
})

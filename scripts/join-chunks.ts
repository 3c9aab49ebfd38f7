import { readdirSync, rmSync } from "node:fs"
import { isAbsolute, resolve } from "node:path"
import { type ManualChunkMeta, type RollupBuild, rollup } from "rollup"

/** What a directory of ES modules has, by file names without `.js`. */
export interface Entries {
  /** The one whose start counts. */
  readonly main: string
  /** The one whose bundles for a browser stay small. */
  readonly formulas: string
  /** What else a program may import. */
  readonly others: readonly string[]
  /** What nothing imports, and so has no CommonJS. */
  readonly commands: readonly string[]
}

/**
 * Writes the ES modules of a directory anew, with fewer chunks, and as CommonJS too.
 *
 * esbuild makes a chunk for each set of entries that share something, and opening one costs a cold start as much as 10 kB of
 * code: of its chunks the main entry would load 18. It loads three.
 */
export async function joinChunks(directory: string, entries: Entries): Promise<void> {
  const { main, formulas, others, commands } = entries
  const library = [main, formulas, ...others]
  const bundles = [
    { bundle: await read(directory, [...library, ...commands]), format: "es", extension: "js" },
    { bundle: await read(directory, library), format: "cjs", extension: "cjs" },
  ] as const
  for (const file of readdirSync(directory, { encoding: "utf8", recursive: true })) {
    if (file.endsWith(".js")) rmSync(resolve(directory, file))
  }
  for (const { bundle, format, extension } of bundles) {
    await bundle.write({
      dir: directory,
      format,
      entryFileNames: `[name].${extension}`,
      // A hash is in the names that esbuild gave.
      chunkFileNames: `[name].${extension}`,
      interop: "auto",
      manualChunks: (id, meta) => chunkOf(id, directory, entries, meta),
    })
  }
}

const read = (directory: string, names: readonly string[]): Promise<RollupBuild> =>
  rollup({
    input: Object.fromEntries(names.map((name) => [name, resolve(directory, `${name}.js`)])),
    external: (id) => !id.startsWith(".") && !isAbsolute(id),
    // As package.json says, nothing here does anything by being imported.
    treeshake: { moduleSideEffects: false },
  })

/**
 * Names the chunk of what the main entry shares: what the formulas need, what else needs nothing from outside, and the rest.
 * Nobody loads node-postgres, or a module of Node.js, for something else.
 */
function chunkOf(id: string, directory: string, { main, formulas }: Entries, meta: ManualChunkMeta) {
  const entry = (name: string) => resolve(directory, `${name}.js`)
  if (id === entry(main) || !needs(entry(main), meta).has(id)) return undefined
  if (needs(entry(formulas), meta).has(id)) return "formulas"
  return [...needs(id, meta)].every(isAbsolute) ? "settings" : "pool"
}

function needs(id: string, { getModuleInfo }: ManualChunkMeta): ReadonlySet<string> {
  const found = new Set([id])
  for (const each of found) for (const imported of getModuleInfo(each)?.importedIds ?? []) found.add(imported)
  return found
}

import { mkdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { npm } from "./project.ts"

const repository = fileURLToPath(new URL("../..", import.meta.url))

/** The package as `npm publish` would send it. */
export interface PackedPackage {
  /** The path of the `.tgz`. */
  readonly tarball: string
  /** In bytes, compressed. */
  readonly size: number
  /** Paths inside the package, sorted. */
  readonly files: readonly string[]
}

/** Packs what the last build left in `dist`; `npm test` builds before it tests. */
export async function packPackage(directory: string): Promise<PackedPackage> {
  const built = await stat(join(repository, "dist")).catch(() => undefined)
  if (built === undefined) throw new Error('There is no build to pack: run "npm run build" first')
  const destination = join(directory, "packed")
  await mkdir(destination)
  // A build here would take `dist` away from the tests that run it.
  const flags = ["--json", "--ignore-scripts", "--pack-destination", destination]
  const [packed] = JSON.parse(await npm(["pack", ...flags], repository)) as [NpmPack]
  return {
    tarball: join(destination, packed.filename),
    size: packed.size,
    files: packed.files.map(({ path }) => path).sort(),
  }
}

interface NpmPack {
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

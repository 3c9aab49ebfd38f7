// A fresh process each time: import, construct, first query. And what importing the package adds to its peers.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { median } from "../statistics.ts"
import { type Comparison, compare, type Ground, measured } from "./contenders.ts"

const FIRST_QUERY = `
await prisma.mission.findFirst()
process.stdout.write(JSON.stringify(performance.now() - start))
await prisma.$disconnect()
`

/** In milliseconds. */
export function coldStart(ground: Ground, pairs: number): Promise<Comparison<number>> {
  return compare<number>(ground, "cold-start", FIRST_QUERY, pairs)
}

const IMPORTS = `
const start = performance.now()
await import("pg")
await import("@prisma/adapter-pg")
await import("@prisma/client/runtime/client")
const peers = performance.now()
await import("prisma-pool-config")
process.stdout.write(JSON.stringify({ peers: peers - start, own: performance.now() - peers }))
`

/** What loading the package takes beside its peers, which are loaded first. */
export interface ImportCost {
  /** In milliseconds. */
  readonly own: number
  /** As a share of what the peers take. */
  readonly share: number
}

export async function importCost(ground: Ground, runs: number): Promise<ImportCost> {
  const measurements: { peers: number; own: number }[] = []
  for (let count = 0; count < runs; count++) measurements.push(await measured(ground, "import", IMPORTS))
  return {
    own: median(measurements.map(({ own }) => own)),
    share: median(measurements.map(({ own, peers }) => own / peers)),
  }
}

/** The bytes of the package that `import "prisma-pool-config"` loads: the entry and what it imports at once. */
export function loadedBytes({ directory }: Ground): number {
  const sizes = new Map<string, number>()
  function load(file: string): void {
    if (sizes.has(file)) return
    const source = readFileSync(file, "utf8")
    sizes.set(file, Buffer.byteLength(source))
    for (const [, path = ""] of source.matchAll(/^(?:import|export)\b[^"']*["'](\.[^"']+)["']/gm)) {
      load(join(file, "..", path))
    }
  }
  load(join(directory, "node_modules/prisma-pool-config/dist/index.js"))
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

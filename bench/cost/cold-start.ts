// A fresh process each time: import, construct, first query. And what importing the package adds to its peers.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Round } from "../side-by-side.ts"
import { CLOCK, compare, type Ground, measured } from "./contenders.ts"
import { instructions } from "./instructions.ts"

/** In milliseconds: by the clock, and of the processor, which does not count what else the machine does. */
export interface Taken {
  readonly millis: number
  readonly processor: number
}

/** The rest of a script that has a clock and a client. */
export const FIRST_QUERY = `
await prisma.mission.findFirst()
process.stdout.write(JSON.stringify({ millis: performance.now() - start, processor: processor(cpuAtStart) }))
await prisma.$disconnect()
`

export const coldStart = (ground: Ground, rounds: number): Promise<Round<Taken>[]> =>
  compare<Taken>(ground, "cold-start", FIRST_QUERY, rounds)

const PEERS = ["pg", "@prisma/adapter-pg", "@prisma/client/runtime/client"]

// Prisma's runtime leaves some work for later, which the next import would seem to take: it has a pause for that.
const IMPORTS = `
const taken = async (names) => {
  const [clock, cpu] = [performance.now(), process.cpuUsage()]
  for (const name of names) await import(name)
  return { millis: performance.now() - clock, processor: processor(cpu) }
}
const peers = await taken(${JSON.stringify(PEERS)})
await new Promise((resolve) => setTimeout(resolve, 50))
const own = await taken(["prisma-pool-config"])
process.stdout.write(JSON.stringify({ peers, own }))
`

/** What loading the package takes, and its peers before it. */
export interface Imports {
  readonly peers: Taken
  readonly own: Taken
}

export async function imports(ground: Ground, runs: number): Promise<Imports[]> {
  const measurements: Imports[] = []
  for (let count = 0; count < runs; count++)
    measurements.push(await measured(ground, "import", `${CLOCK}\n${IMPORTS}`))
  return measurements
}

/** The same in instructions, where the machine counts them: of a process that loads the peers, and of one that loads the package too. */
export async function importInstructions({ directory }: Ground): Promise<number | undefined> {
  const loading = (names: readonly string[]) =>
    instructions(directory, names.map((name) => `await import(${JSON.stringify(name)})`).join("\n"))
  const [bare, peers, all] = [
    await loading([]),
    await loading(PEERS),
    await loading([...PEERS, "prisma-pool-config"]),
  ]
  return bare === undefined || peers === undefined || all === undefined
    ? undefined
    : (all - peers) / (peers - bare)
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

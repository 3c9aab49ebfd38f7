// Each run is a process of its own, in a project that has the packed package installed: no run inherits what
// another one compiled, connected or left to the garbage collector.
import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { inPairs, type Pair } from "../side-by-side.ts"

const run = promisify(execFile)

/** How a script gets its client: from this package, or as people write it by hand on Prisma 7. */
const CLIENTS = {
  ours: `
    const { createCoreClient } = await import("prisma-pool-config")
    const { PrismaClient } = await import("./generated/client.js")
    const prisma = createCoreClient(PrismaClient)`,
  handWritten: `
    const { PrismaPg } = await import("@prisma/adapter-pg")
    const { PrismaClient } = await import("./generated/client.js")
    const { DATABASE_URL_CORE: connectionString, PRISMA_POOL_SIZE_CORE: size } = process.env
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: Number(size) }) })`,
}

/** Where scripts run, and what they connect to. */
export interface Ground {
  readonly directory: string
  readonly url: string
  readonly poolSize: number
}

/** Runs a script that prints one JSON value, and returns that. */
export async function measured<Result>(ground: Ground, name: string, script: string): Promise<Result> {
  const file = join(ground.directory, `${name}.mjs`)
  await writeFile(file, script)
  const env = {
    ...process.env,
    DATABASE_URL_CORE: ground.url,
    PRISMA_POOL_SIZE_CORE: String(ground.poolSize),
  }
  const { stdout } = await run(process.execPath, ["--expose-gc", file], { cwd: ground.directory, env })
  return JSON.parse(stdout) as Result
}

/** Pairs of the hand-written client (a) and ours (b), and of the hand-written one with itself. */
export interface Comparison<Result> {
  readonly compared: readonly Pair<Result>[]
  readonly itself: readonly Pair<Result>[]
}

/** Measures `script`, which finds a client named `prisma` and a clock started before anything was imported. */
export async function compare<Result>(
  ground: Ground,
  name: string,
  script: string,
  pairs: number,
): Promise<Comparison<Result>> {
  const contender = (client: keyof typeof CLIENTS) => () =>
    measured<Result>(
      ground,
      `${name}-${client}`,
      `const start = performance.now()\n${CLIENTS[client]}\n${script}`,
    )
  const [ours, handWritten] = [contender("ours"), contender("handWritten")]
  // The disk's cache is warm after the first.
  await ours()
  await handWritten()
  return {
    compared: await inPairs(pairs, handWritten, ours),
    itself: await inPairs(pairs, handWritten, handWritten),
  }
}

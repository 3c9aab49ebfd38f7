// Scripts that measure, each in a process of its own, in a project that has the packed package installed.
import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { inRounds, type Round } from "../side-by-side.ts"

const run = promisify(execFile)

/** How a script gets its client from this package, or from another version of it. */
export const clientOf = (library: string) => `
    const { createCoreClient } = await import(${JSON.stringify(library)})
    const { PrismaClient } = await import("./generated/client.js")
    const prisma = createCoreClient(PrismaClient)`

/** How a script gets its client: from this package, or as people write it by hand on Prisma 7. */
export const CLIENTS = {
  ours: clientOf("prisma-pool-config"),
  handWritten: `
    const { PrismaPg } = await import("@prisma/adapter-pg")
    const { PrismaClient } = await import("./generated/client.js")
    const { DATABASE_URL_CORE: connectionString, PRISMA_POOL_SIZE_CORE: size } = process.env
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: Number(size) }) })`,
}

/** What a script measures with, from before anything is imported. */
export const CLOCK = `
const start = performance.now()
const cpuAtStart = process.cpuUsage()
/** Milliseconds of the processor. */
const processor = (since) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1000
}`

/** What `load` of a script returns. */
export interface Speed {
  readonly perSecond: number
  /** Turns for each second of this process's processor time, in which nothing else that the machine does is counted. */
  readonly perProcessorSecond: number
  /** Milliseconds. */
  readonly p99: number
}

/** The function `load` of a script that has a clock: callers that do a turn after the other for so many milliseconds. */
export const LOAD = `
async function load(millis, callers, turn) {
  const latencies = []
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    for (let now = begin; now - begin < millis; ) {
      await turn(caller)
      const done = performance.now()
      latencies.push(done - now)
      now = done
    }
  }))
  const seconds = (performance.now() - begin) / 1000
  latencies.sort((x, y) => x - y)
  return {
    perSecond: latencies.length / seconds,
    perProcessorSecond: (1000 * latencies.length) / processor(cpu),
    p99: latencies[Math.floor(latencies.length * 0.99)],
  }
}`

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

/**
 * Runs ours between two runs of the hand-written client, which inherit nothing that another one compiled, connected or left
 * to the garbage collector. `script` finds a client named `prisma`.
 */
export async function compare<Result>(
  ground: Ground,
  name: string,
  script: string,
  rounds: number,
): Promise<Round<Result>[]> {
  const contender = (client: keyof typeof CLIENTS) => () =>
    measured<Result>(ground, `${name}-${client}`, `${CLOCK}\n${CLIENTS[client]}\n${script}`)
  const [ours, handWritten] = [contender("ours"), contender("handWritten")]
  // The disk's cache is warm after the first.
  await ours()
  await handWritten()
  return inRounds(rounds, handWritten, ours)
}

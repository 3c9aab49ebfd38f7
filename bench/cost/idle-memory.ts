// What a process holds while its client waits for work: resident memory after a first query, collected.
import { type Comparison, compare, type Ground } from "./contenders.ts"

const IDLE = `
await prisma.mission.findFirst()
await new Promise((resolve) => setTimeout(resolve, 200))
globalThis.gc()
const { rss, heapUsed } = process.memoryUsage()
process.stdout.write(JSON.stringify({ rss, heapUsed }))
await prisma.$disconnect()
`

export interface IdleMemory {
  readonly rss: number
  readonly heapUsed: number
}

/** In bytes. */
export const idleMemory = (ground: Ground, pairs: number): Promise<Comparison<IdleMemory>> =>
  compare<IdleMemory>(ground, "idle-memory", IDLE, pairs)

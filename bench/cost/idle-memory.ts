// What a process holds while its client waits for work: resident memory after a first query, collected.
import type { Round } from "../side-by-side.ts"
import { compare, type Ground } from "./contenders.ts"

const IDLE = `
await prisma.mission.findFirst()
await new Promise((resolve) => setTimeout(resolve, 200))
globalThis.gc()
process.stdout.write(JSON.stringify(process.memoryUsage.rss()))
await prisma.$disconnect()
`

/** In bytes. */
export const idleMemory = (ground: Ground, rounds: number): Promise<Round<number>[]> =>
  compare<number>(ground, "idle-memory", IDLE, rounds)

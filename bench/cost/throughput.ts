// Throughput and p99 of a model query: createCoreClient against the client that people write by hand.
import { type Comparison, compare, type Ground } from "./contenders.ts"

export interface Throughput {
  readonly perSecond: number
  readonly p99: number
}

/** Twice as many callers as connections, so that the queue is part of what is measured. */
const CALLERS = 20

const SCRIPT = `
async function load(millis) {
  const latencies = []
  const begin = performance.now()
  await Promise.all(Array.from({ length: ${CALLERS} }, async (_, caller) => {
    for (let now = begin; now - begin < millis; ) {
      await prisma.mission.findUnique({ where: { id: caller + 1 } })
      const done = performance.now()
      latencies.push(done - now)
      now = done
    }
  }))
  const perSecond = (latencies.length * 1000) / (performance.now() - begin)
  latencies.sort((x, y) => x - y)
  return { perSecond, p99: latencies[Math.floor(latencies.length * 0.99)] }
}
await load(400)
process.stdout.write(JSON.stringify(await load(800)))
await prisma.$disconnect()
`

export function throughput(ground: Ground, pairs: number): Promise<Comparison<Throughput>> {
  return compare<Throughput>(ground, "throughput", SCRIPT, pairs)
}

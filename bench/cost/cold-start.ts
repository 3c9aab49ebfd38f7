// A fresh process each time: import, construct, first query. And what importing the package adds to its peers.

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

const OWN_IMPORT = `
await import("pg")
await import("@prisma/adapter-pg")
await import("@prisma/client/runtime/client")
const start = performance.now()
await import("prisma-pool-config")
process.stdout.write(JSON.stringify(performance.now() - start))
`

/** Milliseconds that importing the package takes where its peers are loaded already. */
export async function ownImport(ground: Ground, runs: number): Promise<number> {
  const millis: number[] = []
  for (let count = 0; count < runs; count++) millis.push(await measured<number>(ground, "import", OWN_IMPORT))
  return median(millis)
}

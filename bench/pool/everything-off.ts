// What the settings of a pool cost where none is used: this package beside itself as it was before it had them.

import { FIRST_QUERY, type Taken } from "../cost/cold-start.ts"
import { CLIENTS, CLOCK, clientOf, type Ground, LOAD, measured, type Speed } from "../cost/contenders.ts"
import { inRounds, type Round } from "../side-by-side.ts"

export interface EverythingOff {
  readonly reads: readonly Round<Speed>[]
  readonly coldStart: readonly Round<Taken>[]
}

/** Three slices each, in one process. */
const READ_ROUNDS = 24
/** Three processes each. */
const START_ROUNDS = 12
const CALLERS = 20
const SLICE_MS = 150
const WARMING_MS = 1_000

// Not `findUnique`, which Prisma gathers: each of these takes a connection of its own.
const reading = (earlier: string) => `
const clients = {}
{
  ${clientOf(earlier)}
  clients.earlier = prisma
}
{
  ${CLIENTS.ours}
  clients.now = prisma
}
const slice = (name, millis = ${SLICE_MS}) =>
  load(millis, ${CALLERS}, (caller) => clients[name].mission.findFirst({ where: { id: caller + 1 } }))
for (const name of ["earlier", "now", "earlier", "now"]) await slice(name, ${WARMING_MS})
const result = []
for (let round = 0; round < ${READ_ROUNDS}; round++) {
  result.push({ before: await slice("earlier"), between: await slice("now"), after: await slice("earlier") })
}
process.stdout.write(JSON.stringify(result))
for (const client of Object.values(clients)) await client.$disconnect()`

/** @param earlier a folder in which `prisma-pool-config` is the package as it was */
export async function everythingOff(ground: Ground, earlier: string): Promise<EverythingOff> {
  const entry = `${earlier}/node_modules/prisma-pool-config/dist/index.js`
  const starting = (directory: string) => () =>
    measured<Taken>({ ...ground, directory }, "first-query", `${CLOCK}\n${CLIENTS.ours}\n${FIRST_QUERY}`)
  const [before, now] = [starting(earlier), starting(ground.directory)]
  // The disk's cache is warm after the first.
  await before()
  await now()
  return {
    reads: await measured(ground, "everything-off", `${CLOCK}\n${LOAD}\n${reading(entry)}`),
    coldStart: await inRounds(START_ROUNDS, before, now),
  }
}

// What an application does, as fast as it goes: createCoreClient against the client that people write by hand. Both are in one
// process and take turns, so that both have the same compiled code, and a machine that changes does so for both.
import type { Round } from "../side-by-side.ts"
import { CLIENTS, CLOCK, type Ground, LOAD, measured, type Speed } from "./contenders.ts"

/** By name: what one caller does in a turn, and how many callers there are at a time. */
const WORKLOADS = {
  "a read of one row": {
    callers: 20,
    turn: "prisma.mission.findUnique({ where: { id: caller + 1 } })",
  },
  "50 reads in parallel, each a statement of its own": {
    callers: 50,
    turn: "prisma.mission.findFirst({ where: { id: caller + 1 } })",
  },
  "an interactive transaction of three reads": {
    callers: 20,
    turn: `prisma.$transaction(async (tx) => {
      for (let id = 1; id <= 3; id++) await tx.mission.findFirst({ where: { id: caller + id } })
    }, { maxWait: 20_000, timeout: 20_000 })`,
  },
  "a statement that the server refuses": {
    callers: 20,
    turn: `prisma.partner.create({ data: { name: "Partner 1" } }).catch(({ code }) => {
      if (code !== "P2002") throw new Error("refused with " + code)
    })`,
  },
} as const

export type Workload = keyof typeof WORKLOADS

const WARMING_MS = 1_000
const SLICE_MS = 150

const script = (rounds: number) => `
const clients = {}
{
  ${CLIENTS.ours}
  clients.ours = prisma
}
{
  ${CLIENTS.handWritten}
  clients.handWritten = prisma
}
const workloads = {
  ${Object.entries(WORKLOADS)
    .map(
      ([name, { callers, turn }]) =>
        `${JSON.stringify(name)}: { callers: ${callers}, turnOf: (prisma) => (caller) => ${turn} }`,
    )
    .join(",\n  ")}
}
const result = {}
for (const [name, { callers, turnOf }] of Object.entries(workloads)) {
  const slice = (client, millis = ${SLICE_MS}) => load(millis, callers, turnOf(clients[client]))
  for (const client of ["ours", "handWritten", "ours", "handWritten"]) await slice(client, ${WARMING_MS / 2})
  result[name] = []
  for (let round = 0; round < ${rounds}; round++) {
    result[name].push({
      before: await slice("handWritten"),
      between: await slice("ours"),
      after: await slice("handWritten"),
    })
  }
}
process.stdout.write(JSON.stringify(result))
for (const client of Object.values(clients)) await client.$disconnect()
`

export const workloads = (ground: Ground, rounds: number): Promise<Record<Workload, Round<Speed>[]>> =>
  measured(ground, "workloads", `${CLOCK}\n${LOAD}\n${script(rounds)}`)

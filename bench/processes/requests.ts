import { setTimeout as sleep } from "node:timers/promises"
import type { Client } from "./ways.ts"

const MISSIONS = 4_000

/** Makes a session that ends slowly: it has temporary tables to drop, and keeps its slot until it has. */
const TEMPORARY_TABLES = `DO $$ BEGIN
  SET client_min_messages = warning;
  FOR i IN 1..3 LOOP EXECUTE format('CREATE TEMP TABLE IF NOT EXISTS t%s (id serial PRIMARY KEY, x text UNIQUE)', i); END LOOP;
END $$`

export type Request = (client: Client, turn: number) => Promise<unknown>

/** What an API does, each as often as it stands here. */
const MIXED: readonly Request[] = [
  ...Array.from({ length: 10 }, () => read),
  list,
  list,
  list,
  create,
  transaction,
  transaction,
  duplicate,
  temporaryTables,
]

/** Each request a statement of its own: Prisma joins the `findUnique` of one turn of the event loop into one. */
const STATEMENTS: readonly Request[] = [readFirst, readFirst, readFirst, list, create, duplicate]

const LOADS = {
  mixed: MIXED,
  statements: STATEMENTS,
  /** One in three is an interactive transaction. */
  transactions: [...STATEMENTS, transaction, transaction, transaction],
}

export type Load = keyof typeof LOADS

/** The requests of a load in turn, so that every contender gets the same ones. Default `mixed`. */
export function requestsOf(load = "mixed"): Request {
  const requests = LOADS[load as Load]
  return (client, turn) => (requests[turn % requests.length] ?? read)(client, turn)
}

function read(client: Client, turn: number) {
  return client.mission.findUnique({ where: { id: 1 + (turn % MISSIONS) } })
}

function readFirst(client: Client, turn: number) {
  return client.mission.findFirst({ where: { id: 1 + (turn % MISSIONS) } })
}

function list(client: Client, turn: number) {
  return client.mission.findMany({ where: { partnerId: 1 + (turn % 40) }, take: 20 })
}

function create(client: Client, turn: number) {
  return client.mission.create({ data: { title: `Created ${turn}`, partnerId: 1 + (turn % 40) } })
}

/** With what an application does in between. */
function transaction(client: Client, turn: number) {
  return client.$transaction(
    async (tx) => {
      await tx.mission.findUnique({ where: { id: 1 + (turn % MISSIONS) } })
      await sleep(5)
      await tx.mission.findMany({ where: { partnerId: 1 + (turn % 40) }, take: 5 })
    },
    { maxWait: 20_000, timeout: 20_000 },
  )
}

/** A form that was sent twice: the server refuses the statement, which is an answer. */
async function duplicate(client: Client) {
  try {
    await client.partner.create({ data: { name: "Partner 1" } })
  } catch (error) {
    if ((error as { code?: unknown }).code !== "P2002") throw error
  }
}

export function temporaryTables(client: Client) {
  return client.$executeRawUnsafe(TEMPORARY_TABLES)
}

// How a process of the fleet gets its client. This folder runs as it is installed: see ../fleet-project.ts.
import { cpus } from "node:os"
import { PrismaPg } from "@prisma/adapter-pg"
import { createCoreClient } from "prisma-pool-config"
import { bestByHand } from "./best-by-hand.ts"

const { PrismaClient } = (await import(
  new URL("../generated/client.js", import.meta.url).href
)) as typeof import("../../prisma/core/generated/client.ts")

export type Client = InstanceType<typeof PrismaClient>

/** Size and timeouts as the sizing document joins them to the URL. */
const CONCATENATED = "?connection_limit=15&pool_timeout=20&connect_timeout=10"

/** The values of the example in node-postgres's own documentation of its pool. */
const FROM_THE_DOCUMENTATION = { max: 20, idleTimeoutMillis: 30_000, connectionTimeoutMillis: 2_000 }

const plain = (config: ConstructorParameters<typeof PrismaPg>[0]) =>
  new PrismaClient({ adapter: new PrismaPg(config) })

const ours = () => createCoreClient(PrismaClient)

const connectionString = () => process.env["DATABASE_URL_CORE"] ?? ""

const CLIENTS = {
  planned: ours,
  plannedPgbouncer: ours,
  auto: ours,
  pgbouncer: () => plain({ connectionString: connectionString() }),
  bestByHand: () => bestByHand(PrismaClient, connectionString()),
  bestByHandPlanned: () => bestByHand(PrismaClient, connectionString()),
  url: () => plain({ connectionString: connectionString() + CONCATENATED }),
  prisma7: () => plain({ connectionString: connectionString() }),
  // Its native engine cannot be had everywhere: its size and its timeouts on the engine of Prisma 7.
  prisma6: () =>
    plain({
      connectionString: connectionString(),
      max: cpus().length * 2 + 1,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 300_000,
    }),
  handWritten: () => plain({ connectionString: connectionString(), ...FROM_THE_DOCUMENTATION }),
} satisfies Record<string, () => Client>

export type Way = keyof typeof CLIENTS

export const client = (): Client => CLIENTS[(process.env["BENCH_WAY"] ?? "planned") as Way]()

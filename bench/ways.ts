import { cpus } from "node:os"
import type { Way } from "./processes/ways.ts"

/** A way to configure a client, as people see it. Its code is in `processes/ways.ts`. */
export interface WayInWords {
  /** As tables and legends have it. */
  readonly name: string
  /** What it is, below the tables. */
  readonly what: string
  /** On the charts; as different from the others as so many colours can be. */
  readonly color: string
  /** The variable that tells a process how many connections it may have, where a plan does. */
  readonly sizedBy?: "PRISMA_POOL_SIZE_CORE" | "DATABASE_POOL_MAX"
  readonly isOurs?: true
  /** True if it is behind a PgBouncer. */
  readonly isPooled?: true
}

const OURS = { sizedBy: "PRISMA_POOL_SIZE_CORE", isOurs: true } as const

/** In the order of the tables: ours, then the others. */
export const WAYS: Readonly<Record<Way, WayInWords>> = {
  planned: {
    ...OURS,
    name: "**this library, as planned**",
    what: "`createCoreClient`, with the sizes that `sizeFleet` (`prisma-pool plan`) gives for this very fleet, the deploy that doubles it included.",
    color: "#1f6feb",
  },
  auto: {
    ...OURS,
    name: "**this library, `auto`**",
    what: "the same with `PRISMA_POOL_SIZE_CORE=auto` for the instances, as a role of their own whose `CONNECTION LIMIT` is the budget that `sizeFleet` gives; the jobs have their number.",
    color: "#79c0ff",
  },
  plannedPgbouncer: {
    ...OURS,
    isPooled: true,
    name: "**this library, planned with PgBouncer**",
    what: "as planned, behind a PgBouncer whose `default_pool_size` and `max_client_conn` `sizeFleet` gives as well, in transaction mode.",
    color: "#1b9e9e",
  },
  pgbouncer: {
    isPooled: true,
    name: "Prisma 7's defaults, through PgBouncer's",
    what: "`new PrismaPg({ connectionString })` to a PgBouncer in transaction mode with its own defaults, `default_pool_size` 20 and `max_client_conn` 100.",
    color: "#3fb950",
  },
  bestByHand: {
    name: "the best client by hand",
    what: "the rules and settings of the best hand-written client for Prisma 7 that is public, in code of our own (`bench/processes/best-by-hand.ts`): 15 connections, 5 s to get one, 5 s idle, and one more try, after 50 to 250 ms, of what had no connection or lost it in a read.",
    color: "#a371f7",
  },
  bestByHandPlanned: {
    sizedBy: "DATABASE_POOL_MAX",
    name: "the best client by hand, sized by this plan",
    what: "the same, with the sizes of `sizeFleet` in its `DATABASE_POOL_MAX`.",
    color: "#db61a2",
  },
  url: {
    name: "`?connection_limit=15…` in the URL, Prisma 7",
    what: "the sizing document's `?connection_limit=15&pool_timeout=20&connect_timeout=10`, joined to the URL that `PrismaPg` gets.",
    color: "#bf8700",
  },
  prisma7: {
    name: "Prisma 7's defaults",
    what: "`new PrismaPg({ connectionString })`.",
    color: "#f0883e",
  },
  prisma6: {
    name: "Prisma 6's default size",
    what: `CPU count × 2 + 1, ${cpus().length * 2 + 1} on this machine, with Prisma 6's 10 s \`pool_timeout\` and 300 s idle time, on the client engine of Prisma 7: the native engine of Prisma 6 was not run. On a host with more processors the same default is larger.`,
    color: "#8b949e",
  },
  handWritten: {
    name: "an adapter by hand, `max: 20`",
    what: "`new PrismaPg({ connectionString, max: 20, idleTimeoutMillis: 30_000, connectionTimeoutMillis: 2_000 })`, the values of the example in node-postgres's documentation.",
    color: "#cf222e",
  },
}

export const inFull = (ways: readonly Way[]): string =>
  ways.map((way) => `- ${WAYS[way].name}: ${WAYS[way].what}`).join("\n")

import { cpus } from "node:os"
import type { Way } from "../processes/ways.ts"

/** The ways to configure the same fleet, as the tables name them. */
export const WAYS: Readonly<Record<Way, string>> = {
  planned: "**this library, as planned**",
  plannedPgbouncer: "**this library, planned with PgBouncer**",
  pgbouncer: "Prisma 7's defaults, through PgBouncer's",
  url: "`?connection_limit=15…` in the URL, Prisma 7",
  prisma7: "Prisma 7's defaults",
  prisma6: "Prisma 6's default size",
  handWritten: "an adapter by hand, `max: 20`",
}

/** Ours first, then the others as the issue lists them: and, every second time, backwards. */
export const ORDER = Object.keys(WAYS) as Way[]

export const WAYS_IN_FULL = `
- **this library, as planned**: \`createCoreClient\`, with the sizes that \`sizeFleet\` (\`prisma-pool plan\`) gives for this very fleet, the deploy that doubles it included.
- **this library, planned with PgBouncer**: the same, behind a PgBouncer whose \`default_pool_size\` and \`max_client_conn\` \`sizeFleet\` gives as well, in transaction mode.
- **Prisma 7's defaults, through PgBouncer's**: \`new PrismaPg({ connectionString })\` to a PgBouncer in transaction mode with its own defaults, \`default_pool_size\` 20 and \`max_client_conn\` 100.
- **\`?connection_limit=15…\` in the URL, Prisma 7**: the sizing document's \`?connection_limit=15&pool_timeout=20&connect_timeout=10\`, joined to the URL that \`PrismaPg\` gets.
- **Prisma 7's defaults**: \`new PrismaPg({ connectionString })\`.
- **Prisma 6's default size**: CPU count × 2 + 1, ${cpus().length * 2 + 1} on this machine, with Prisma 6's 10 s \`pool_timeout\` and 300 s idle time, on the client engine of Prisma 7: the native engine of Prisma 6 was not run. On a host with more processors the same default is larger.
- **an adapter by hand**: \`new PrismaPg({ connectionString, max: 20, idleTimeoutMillis: 30_000, connectionTimeoutMillis: 2_000 })\`, the values of the example in node-postgres's documentation.
`.trim()

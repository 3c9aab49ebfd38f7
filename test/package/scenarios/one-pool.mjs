// Two clients in one process: one through the package's and the client's ESM, one through their CommonJS.
import { createRequire } from "node:module"

const require = createRequire(import.meta.url)
const esm = { ...(await import("prisma-pool-config")), ...(await import("./esm/core/generated/client.js")) }
const cjs = { ...require("prisma-pool-config"), ...require("./cjs/core/generated/client.js") }

const clients = [esm, cjs].map(({ createCoreClient, PrismaClient }) => createCoreClient(PrismaClient))
const queries = Array.from({ length: 30 }, (_, i) => clients[i % 2].$queryRaw`SELECT 1 FROM pg_sleep(0.03)`)
await Promise.all(queries)
// A pool opens no connection for who has been served before. All of them at a time, and they stay open.
let held = 0
const hold = async () => {
  held += 1
  while (held < 3) await new Promise((resolve) => setTimeout(resolve, 10))
}
const patient = { maxWait: 60_000, timeout: 60_000 }
await Promise.all([0, 1, 0].map((i) => clients[i].$transaction(hold, patient)))
const [{ backends }] = await clients[0].$queryRaw`SELECT count(*)::int AS backends FROM pg_stat_activity
  WHERE datname = current_database() AND usename = current_user AND backend_type = 'client backend'`
await Promise.all(clients.map((client) => client.$disconnect()))

const copies = new Set([esm.createCoreClient, cjs.createCoreClient]).size
console.log(JSON.stringify({ copies, served: queries.length, backends }))

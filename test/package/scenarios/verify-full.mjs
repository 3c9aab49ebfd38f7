// Whether a connection comes of a URL, and on which pg.
import { createRequire } from "node:module"
import { createPool } from "prisma-pool-config"

const { version } = createRequire(import.meta.url)("pg/package.json")
const pool = createPool(process.argv[2])
const ended = await pool.query("SELECT 1").then(
  () => "connected",
  ({ code }) => code,
)
await pool.end()
console.log(JSON.stringify({ pg: version, ended }))

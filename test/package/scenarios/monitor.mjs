// What an operator's script needs, in a project with no other peer than pg. Argument: the format to load.
import { createRequire } from "node:module"

const load = process.argv[2] === "cjs" ? createRequire(import.meta.url) : (name) => import(name)

const { inspectDatabase, observeDatabase, observePools, PoolConfigError } = await load(
  "prisma-pool-config/monitor",
)

const { session } = await inspectDatabase(process.env.DATABASE_URL_CORE)

function issuesOf(run) {
  try {
    run()
  } catch (error) {
    if (error instanceof PoolConfigError) return error.issues.map(({ name }) => name)
  }
}

console.log(
  JSON.stringify({
    database: session.database,
    isCounted: session.isCounted,
    issues: [
      ...issuesOf(() => observePools({})),
      ...issuesOf(() => observeDatabase({}, process.env.DATABASE_URL_CORE, { fleet: {} })),
    ],
  }),
)

// What Prisma ≤ 6 on its native engine needs, and what CI does, in a project without any peer. Argument: the format to load.
import { createRequire } from "node:module"

const load = process.argv[2] === "cjs" ? createRequire(import.meta.url) : (name) => import(name)

const { coreDatabaseUrl, PoolConfigError, readPoolSettings } = await load("prisma-pool-config/config")
const { connectionLimitBySlots } = await load("prisma-pool-config/sizing")
const { fleetFromTerraform } = await load("prisma-pool-config/deployments")

const env = { DATABASE_URL_CORE: "postgresql://app:p%40ss@db/core?schema=core", PRISMA_POOL_SIZE_CORE: "30" }

const api = { max_scale: 2, environment_variables: env }
const resources = [
  {
    address: "scaleway_container.api",
    mode: "managed",
    type: "scaleway_container",
    name: "api",
    values: api,
  },
]
const plan = { format_version: "1.2", planned_values: { root_module: { resources } } }

function issuesOf(run) {
  try {
    run()
  } catch (error) {
    if (error instanceof PoolConfigError) return error.issues.map(({ name }) => name)
  }
}

console.log(
  JSON.stringify({
    url: coreDatabaseUrl(env),
    limit: connectionLimitBySlots({
      maxConnections: 100,
      apiInstances: 3,
      concurrentJobs: 0,
      databases: 2,
      reserved: 20,
    }),
    consumers: fleetFromTerraform(plan).highest.consumers,
    issues: issuesOf(() => readPoolSettings({ PRISMA_POOL_TIMEOUT: "soon" })),
  }),
)

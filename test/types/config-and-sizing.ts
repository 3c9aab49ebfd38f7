// Type tests of the subpaths that need no peer, compiled by `npm run typecheck` here, and in a project without any
// other package by the test of the packed tarball. Nothing in this file runs.

import type { Environment, PoolConfigIssue, PoolSettings } from "../../src/config/index.ts"
import {
  coreDatabaseUrl,
  databaseUrl,
  PoolConfigError,
  readPoolSettings,
  redactUrl,
  toLibpqUrl,
} from "../../src/config/index.ts"
import {
  type DeployedFleet,
  fleetFromAppSpec,
  fleetFromCompose,
  fleetFromKubernetes,
  fleetFromRender,
  fleetFromTerraform,
} from "../../src/deployments/index.ts"
import {
  checkFleet,
  connectionLimitByShares,
  connectionLimitBySlots,
  connectionsForLoad,
  type FleetCheck,
  maxConcurrentRuns,
  type Pooler,
  reservedTotal,
  PoolConfigError as SizingError,
  scalewayPlans,
  sizeFleet,
} from "../../src/sizing/index.ts"

export function config(env: Environment): string {
  const settings: PoolSettings = readPoolSettings(env)
  const budget: number | undefined = settings.auto?.budget
  const seconds: number =
    (budget ?? 0) + settings.poolTimeout + settings.connectTimeout + settings.reconnectTimeout
  const name: string | undefined = settings.applicationName
  // @ts-expect-error settings are not written to
  settings.connectionLimit = seconds
  // @ts-expect-error variables are texts
  readPoolSettings({ PRISMA_POOL_SIZE_CORE: 15 })
  return redactUrl(coreDatabaseUrl({ ...env, PRISMA_APPLICATION_NAME: name }))
}

/** A database by its name, and the URL of any of them as text. */
export function named(env: Environment): string {
  const settings: PoolSettings = readPoolSettings(env, { database: "BILLING" })
  const url: string = databaseUrl(env, { database: "BILLING" })
  // @ts-expect-error a name is a text
  databaseUrl(env, { database: 1 })
  // @ts-expect-error no such option
  readPoolSettings(env, { databse: "BILLING" })
  // @ts-expect-error Core's name is CORE
  coreDatabaseUrl(env, { database: "BILLING" })
  // @ts-expect-error a URL that may be missing is none
  redactUrl(env["DATABASE_URL"])
  // @ts-expect-error a URL that may be missing is none
  toLibpqUrl(env["DATABASE_URL"])
  return databaseUrl() + databaseUrl(env) + toLibpqUrl(url) + settings.connectionLimit
}

export function terraform(plan: unknown): number | undefined {
  const fleet: DeployedFleet = fleetFromTerraform([plan], { keys: ["DATABASE_URL_CORE"] })
  // @ts-expect-error no such option
  fleetFromTerraform(plan, { key: "DATABASE_URL_CORE" })
  // @ts-expect-error what was read is not written to
  fleet.unknowns.push()
  return fleetFromTerraform(plan).maxConnections
}

export function kubernetes(manifests: string): number | undefined {
  const fleet: DeployedFleet = fleetFromKubernetes([manifests, {}], { namespace: "prod" })
  // @ts-expect-error a namespace is a name
  fleetFromKubernetes(manifests, { namespace: ["prod"] })
  // @ts-expect-error what was read is not written to
  fleet.excluded.push()
  return fleet.maxConnections
}

export function compose(json: unknown): number | undefined {
  const fleet: DeployedFleet = fleetFromCompose(json, { maxConnections: 200 })
  // @ts-expect-error a document is JSON that was parsed, and options are an object
  fleetFromCompose(json, "prod")
  // @ts-expect-error what was read is not written to
  fleet.unknowns.push()
  return fleet.maxConnections
}

export function appSpec(text: string): number | undefined {
  const fleet: DeployedFleet = fleetFromAppSpec([text, {}], { server: "database/db" })
  // @ts-expect-error a server is an address
  fleetFromAppSpec(text, { server: 1 })
  return fleet.maxConnections
}

export function render(text: string): number | undefined {
  const fleet: DeployedFleet = fleetFromRender([text, {}], { server: "database/shop-db" })
  // @ts-expect-error a server is an address
  fleetFromRender(text, { server: 1 })
  // @ts-expect-error what was read is not written to
  fleet.servers.push()
  return fleet.maxConnections
}

export function load(): number {
  const answer = connectionsForLoad({
    acquisitionsPerSecond: 50,
    holdTimeMs: 20,
    maxWaitMs: 10,
    fairShare: 10,
  })
  const binding: "load" | "burst" | "fairShare" = answer.binding
  // @ts-expect-error a load has a hold time
  connectionsForLoad({ acquisitionsPerSecond: 50, maxWaitMs: 10 })
  const kept: number = reservedTotal({ reserved: { metabase: 10 }, superuserReserved: 3 })
  // @ts-expect-error a reservation has a name
  reservedTotal({ reserved: 10 })
  return answer.connections + kept + binding.length
}

export function sizing(): number {
  const fleet = checkFleet({
    maxConnections: scalewayPlans["DB-GP-S"],
    reserved: { metabase: 10 },
    consumers: { api: { instances: 1, poolSize: 30 }, jobs: { instances: 2, poolSize: 10, surge: 1 } },
  })
  const fits: boolean = fleet.fits && fleet.deploy.fits
  // @ts-expect-error no such consumer
  fleet.consumers.worker
  // @ts-expect-error no such plan
  scalewayPlans["DB-GP-XXL"]
  const slots = { maxConnections: 100, apiInstances: 3, concurrentJobs: 0, reserved: 20 }
  // @ts-expect-error the formula by shares has no default for databases
  connectionLimitByShares({ ...slots, otherServices: 0, adminConnections: 0, safetyMargin: 0 })
  // @ts-expect-error unknown field
  connectionLimitBySlots({ ...slots, instances: 3 })
  return fits ? connectionLimitBySlots(slots) : connectionLimitBySlots({ ...slots, databases: 2 })
}

export function fleets(): readonly number[] {
  const api = { instances: 3, weight: 2 }
  const sizing = sizeFleet({
    maxConnections: 100,
    limits: { role: 50 },
    consumers: { api, worker: { instances: 2, poolSize: 5 } },
    jobs: [{ name: "import", schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "45m", max: 10 }],
    fill: 1,
  })
  // @ts-expect-error a consumer has a number of instances
  sizeFleet({ maxConnections: 100, consumers: { api: { weight: 2 } } })
  const runs: number = maxConcurrentRuns(sizing.fleet.jobs ?? []).runs
  // @ts-expect-error a size to solve for is none to count
  maxConcurrentRuns([{ name: "import", max: 10 }])
  // @ts-expect-error no such consumer
  sizing.sizes.jobs
  // @ts-expect-error a size to solve for is none to check
  checkFleet({ maxConnections: 100, consumers: { api } })
  // @ts-expect-error a fleet to check fills what it fills
  checkFleet({ maxConnections: 100, consumers: {}, fill: 1 })
  const binding: "maxConnections" | "database" | "role" = sizing.check.binding
  const check = checkFleet({
    servers: { primary: sizing.fleet, replica: { maxConnections: 50, consumers: {} } },
  })
  // @ts-expect-error no such server
  check.servers.standby
  const solved = sizeFleet({ servers: { primary: { maxConnections: 100, consumers: { api } } } })
  return [
    runs,
    sizing.sizes.api,
    sizing.jobSizes[binding] ?? 0,
    sizing.check.jobs.connections,
    check.servers.primary.consumers.worker.deploy.total,
    solved.servers.primary.sizes.api,
    Number(solved.fleet.servers.primary.consumers.api.poolSize),
  ]
}

export function poolers(): number {
  const api = { instances: 40, pooler: "pgbouncer" }
  const sizing = sizeFleet({
    maxConnections: 100,
    consumers: { api },
    poolers: { pgbouncer: { instances: 1 } },
  })
  const read: Pooler = {
    instances: 2,
    pools: [{ database: "core", user: "app", poolSize: 60 }],
    poolSize: 20,
    maxClientConnections: 1_000,
  }
  const check: FleetCheck<"api"> = checkFleet({
    maxConnections: 100,
    consumers: { api: { ...api, poolSize: 5 } },
    jobs: [{ name: "import", poolSize: 5, pooler: "pgbouncer" }],
    poolers: { pgbouncer: read },
  })
  // @ts-expect-error a pooler to check has a size
  checkFleet({ maxConnections: 100, consumers: {}, poolers: { pgbouncer: { instances: 1 } } })
  const auto = { poolSize: "auto", budget: 20, pooler: "pgbouncer" } as const
  // @ts-expect-error no auto behind a pooler
  checkFleet({ maxConnections: 100, consumers: { auto }, poolers: { pgbouncer: read } })
  const tier: "server" | `poolers.${string}` | undefined = check.bindingTier
  // @ts-expect-error without poolers there are none
  check.tiers.length
  return (sizing.poolers?.["pgbouncer"]?.poolSize ?? 0) + (tier ?? "").length
}

export function errors(error: unknown): readonly PoolConfigIssue[] {
  if (error instanceof PoolConfigError) {
    const code: "POOL_CONFIG" = error.code
    return error.issues.filter(({ name, problem, remedy }) => name + problem + remedy !== code)
  }
  return error instanceof SizingError ? error.issues : []
}

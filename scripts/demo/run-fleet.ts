import { setTimeout as sleep } from "node:timers/promises"
import type { Sampler } from "../../test/support/sampler.ts"
import type { Scope } from "../../test/support/scope.ts"
import type { DemoServer } from "../../test/support/seeded-server.ts"
import { freePort } from "../../test/support/server.ts"
import { type Application, startApplication } from "./application.ts"
import { type ApplicationName, DRIVER_DEFAULT, type FleetPlan } from "./fleet.ts"
import { startLoad, untilHealthy } from "./load.ts"
import { LiveView, type Row, rowOf, say } from "./screen.ts"

const CONCURRENT_REQUESTS = 64
const LEAST_LOAD_MS = 5_000
/** The `application_name` of the legacy database's connections. */
const ANALYTICS = "analytics, in api"
/** A few samples, after the last connection has been closed. */
const SETTLE_MS = 200

/** The observations of a fleet's run. */
export interface FleetRun {
  /** The applications whose pools the package limits. */
  readonly limited: readonly Row[]
  readonly analytics: Row
  readonly concurrentRequests: number
  readonly failedRequests: number
  /** Connections that the server refused, by its own log. */
  readonly refusals: number
  /** The most connections that the server had at once, the sampler's own included. */
  readonly peakOfAll: number
  /** Connections of the API after it had stopped. */
  readonly left: number
  /** Names of the processes that failed. */
  readonly failed: readonly string[]
}

/** Runs the API under load together with both jobs, each with its planned pool, until all have stopped. */
export async function runFleet(
  scope: Scope,
  server: DemoServer,
  sampler: Sampler,
  plan: FleetPlan,
): Promise<FleetRun> {
  say(`Starting the API, then ${CONCURRENT_REQUESTS} requests at a time and both jobs`)
  const start = (name: ApplicationName, file: string, environment: Record<string, string> = {}) =>
    startApplication(scope, name, file, {
      DATABASE_URL_CORE: server.url("core"),
      PRISMA_POOL_SIZE_CORE: String(plan.poolSize),
      ...environment,
    })
  const [port, metricsPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const api = start("api", "api/src/server.ts", {
    DATABASE_URL_ANALYTICS: server.url("analytics", { application_name: ANALYTICS }),
    HOST: "127.0.0.1",
    PORT: String(port),
    OTEL_EXPORTER_PROMETHEUS_HOST: "127.0.0.1",
    OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
  })
  say(`For Prometheus, while it runs: http://127.0.0.1:${metricsPort}/metrics`)
  const healthy = await Promise.race([untilHealthy(scope, url), api.ended.then(() => false)])
  if (!healthy) throw new Error(`The API did not start:\n${api.lastOutput}`)
  const load = startLoad(scope, url, CONCURRENT_REQUESTS)
  const jobs = [
    start("job-import-missions", "jobs/import-missions.ts"),
    start("job-export-stats", "jobs/export-stats.ts"),
  ]

  const limited = () => [
    rowOf(sampler, api.name, plan.poolSize, `${load.served} requests`, api.refusals),
    ...jobs.map((job) => rowOf(sampler, job.name, plan.poolSize, job.done, job.refusals)),
  ]
  const analytics = () => rowOf(sampler, ANALYTICS, DRIVER_DEFAULT, "no pool setting, by design")
  const live = new LiveView(scope, sampler, () => [...limited(), analytics()])
  await Promise.all([...jobs.map((job) => job.ended), sleep(LEAST_LOAD_MS)])
  await load.stop()
  const { peakOfAll } = sampler
  await api.stop()
  await sleep(SETTLE_MS)
  live.stop()

  return {
    limited: limited(),
    analytics: analytics(),
    concurrentRequests: CONCURRENT_REQUESTS,
    failedRequests: load.failed,
    refusals: server.refusals,
    peakOfAll,
    left: sampler.now(api.name) + sampler.now(ANALYTICS),
    failed: await failedOf([api, ...jobs]),
  }
}

async function failedOf(applications: readonly Application[]): Promise<string[]> {
  const failed: string[] = []
  for (const application of applications) {
    if (await application.ended) continue
    failed.push(application.name)
    say(`\n${application.name} failed:\n${application.lastOutput}`)
  }
  return failed
}

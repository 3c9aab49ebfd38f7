// A size that follows the living instances: who is served when, what the server has, and what it costs.
import { startServer } from "../../test/support/seeded-server.ts"
import { USERVER_TABLE } from "../processes/userver.ts"
import type { Scenario } from "../scenario.ts"
import { autoCharts } from "./charts.ts"
import { AUTO_WAYS, type Compared, compareOn, FLEETS } from "./comparing.ts"
import { type AutoCost, costOf } from "./costing.ts"
import { CROWD, type Crowded, crowd, JOBS, jobsBeside } from "./crowding.ts"
import { type Growth, grow, LIMIT, type Step } from "./growing.ts"
import { startInstances } from "./instances.ts"
import { autoPage, autoReport } from "./report.ts"

/** Autoscaled from 3 to 20, doubled in a deploy, and the old ones gone. */
const STEPS: readonly Step[] = [
  { instances: 3, millis: 3_000 },
  { instances: 10, millis: 6_500 },
  { instances: 20, millis: 6_500 },
  { instances: 40, millis: 8_000 },
  { instances: 20, millis: 9_000 },
]
const IDLE_STEPS: readonly Step[] = [
  { instances: 3, millis: 3_000 },
  { instances: 10, millis: 3_500 },
  { instances: 20, millis: 3_500 },
  { instances: 40, millis: 6_000 },
]
const CALLERS_EACH = 16

export interface AutoResult {
  readonly busy: Growth
  readonly idle: Growth
  readonly compared: readonly Compared[]
  readonly crowd: Crowded
  readonly jobs: Crowded
  readonly cost: AutoCost
  readonly refusals: number
}

export const auto: Scenario<AutoResult> = {
  name: "auto",
  title: "Auto",
  report: autoReport,
  charts: autoCharts,
  page: autoPage,
  async run(ground) {
    const { scope, say } = ground
    const server = await startServer(scope, 100)
    await server.sql(`CREATE ROLE fleet LOGIN PASSWORD 'fleet' CONNECTION LIMIT ${LIMIT} IN ROLE app`)
    await server.sql(`${USERVER_TABLE}; GRANT ALL ON u_clients TO fleet`, [], "core")
    const url = `postgresql://fleet:fleet@127.0.0.1:${server.port}/core`
    const patient = `${url}?pool_timeout=60`
    const instances = await startInstances(ground, 40)
    say(`  ${instances.length} instances have loaded`)
    const busy = await grow(scope, server, patient, instances.concat(instances), STEPS, CALLERS_EACH, false)
    const { refusals } = server
    say("  grown under load")
    const idle = await grow(scope, server, patient, instances, IDLE_STEPS, CALLERS_EACH, true)
    say("  grown beside idle instances")
    const compared: Compared[] = []
    for (const count of FLEETS) {
      for (const way of AUTO_WAYS) {
        compared.push(await compareOn(scope, server, url, instances.slice(0, count), way))
        say(`  ${count}, ${way}: ${Math.round(compared.at(-1)?.perSecond ?? 0)}/s`)
      }
    }
    const crowded = await crowd(scope, server, patient, instances.slice(0, CROWD.instances))
    const jobs = await jobsBeside(
      scope,
      server,
      patient,
      instances.slice(0, JOBS.instances),
      instances.slice(JOBS.instances, JOBS.instances + JOBS.jobs),
    )
    say("  crowd and jobs measured")
    const cost = await costOf(ground, url)
    await server.destroy()
    return { busy, idle, compared, crowd: crowded, jobs, cost, refusals }
  },
}

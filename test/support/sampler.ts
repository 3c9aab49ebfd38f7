import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { type DatabaseReport, inspectDatabase } from "prisma-pool-config/monitor"
import type { Scope } from "./scope.ts"

const INTERVAL_MS = 10

/** By `application_name`, which the package sets from PRISMA_APPLICATION_NAME. */
const CONNECTIONS = {
  name: "connections",
  text: `
    SELECT application_name AS name, count(*)::int AS connections
    FROM pg_stat_activity
    WHERE backend_type = 'client backend'
    GROUP BY application_name`,
}

/** What the server says about who holds its connections. */
export interface Sampler {
  /** Connections of an application in the latest sample. */
  now(application: string): number
  /** The most that any sample showed for it. */
  peak(application: string): number
  /** The most that any sample showed for all together, this one's connection included. */
  readonly peakOfAll: number
  readonly samples: number
  /** What `prisma-pool inspect` shows, asked for on the same connection. */
  inspect(): Promise<DatabaseReport>
  /** Ends it before the run ends. */
  stop(): Promise<void>
  /** Forgets the peaks and samples so far: another part of the run begins. */
  startAnew(): void
}

/** Looks every 10 ms from one connection of its own, until the run is over. */
export async function startSampler(scope: Scope, adminUrl: string): Promise<Sampler> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: "monitoring" })
  client.on("error", () => {})
  await client.connect()

  let latest = new Map<string, number>()
  let peaks = new Map<string, number>()
  let peakOfAll = 0
  let samples = 0
  let stopped = false

  async function sample() {
    const { rows } = await client.query<{ name: string; connections: number }>(CONNECTIONS)
    latest = new Map(rows.map(({ name, connections }) => [name, connections]))
    for (const [name, connections] of latest) peaks.set(name, Math.max(connections, peaks.get(name) ?? 0))
    const all = rows.reduce((sum, { connections }) => sum + connections, 0)
    peakOfAll = Math.max(peakOfAll, all)
    samples += 1
  }

  async function sampling() {
    while (!stopped && !scope.signal.aborted) {
      const next = sleep(INTERVAL_MS)
      await sample()
      await next
    }
  }
  const over = sampling()
  // A figure from a sampler that has stopped would be a false one.
  over.catch((error) => {
    if (!scope.signal.aborted) throw error
  })
  async function stop() {
    if (stopped) return
    stopped = true
    await over.catch(() => {})
    await client.end()
  }
  scope.atEnd(stop)

  return {
    inspect: () => inspectDatabase(client),
    now: (application) => latest.get(application) ?? 0,
    peak: (application) => peaks.get(application) ?? 0,
    get peakOfAll() {
      return peakOfAll
    },
    get samples() {
      return samples
    },
    stop,
    startAnew() {
      peaks = new Map()
      peakOfAll = 0
      samples = 0
    },
  }
}

import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import type { Scope } from "../../test/support/scope.ts"

const INTERVAL_MS = 20

/** The client backends of the fleet's role, by the instance's name. */
const BACKENDS = {
  name: "backends",
  text: `
    SELECT split_part(application_name, '#', 1) AS name, count(*)::int AS connections
    FROM pg_stat_activity WHERE usename = 'fleet' AND backend_type = 'client backend' GROUP BY 1`,
}

/** The connections of each instance at one instant. */
export interface Sample {
  /** Milliseconds since the recording began. */
  readonly at: number
  readonly connections: Readonly<Record<string, number>>
  readonly all: number
}

/** What the server said, again and again. */
export interface Recorder {
  readonly samples: readonly Sample[]
  /** Milliseconds since the recording began. */
  now(): number
  stop(): Promise<void>
}

export async function record(scope: Scope, adminUrl: string): Promise<Recorder> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: "monitoring" })
  await client.connect()
  const start = performance.now()
  const samples: Sample[] = []
  let stopped = false
  const over = (async () => {
    while (!stopped) {
      const { rows } = await client.query<{ name: string; connections: number }>(BACKENDS)
      samples.push({
        at: performance.now() - start,
        connections: Object.fromEntries(rows.map(({ name, connections }) => [name, connections])),
        all: rows.reduce((sum, { connections }) => sum + connections, 0),
      })
      await sleep(INTERVAL_MS)
    }
  })()
  // A figure from a recorder that has stopped would be a false one.
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
  return { samples, now: () => performance.now() - start, stop }
}

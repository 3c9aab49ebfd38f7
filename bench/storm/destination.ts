// What the processes of a way connect to: the server itself, or a PgBouncer before it; as the role of all, or as one with a limit.
import { installed } from "../../test/support/client-tools.ts"
import { startPgBouncer } from "../../test/support/pgbouncer.ts"
import type { DemoServer } from "../../test/support/seeded-server.ts"
import type { Way } from "../processes/ways.ts"
import { WAYS } from "../ways.ts"
import type { StormFleet } from "./fleet.ts"

/** Where a process connects to, and with how many connections where its way knows a plan. */
export interface Place {
  readonly url: string
  readonly poolSize: number | "auto"
}

export interface Destination extends Readonly<Record<"api" | "jobs", Place>> {
  /** The most backends of a deploy by the plan, monitoring included; undefined for a way that knows none. */
  readonly plan: number | undefined
  close(): Promise<void>
}

/** PgBouncer's own: https://www.pgbouncer.org/config.html */
export const PGBOUNCER_DEFAULTS = { poolSize: 20, settings: { max_client_conn: 100 } }

/** A role with the rights of the other one, for the instances with `auto`. */
const AUTO_ROLE = "api_auto"

export async function destinationOf(way: Way, server: DemoServer, fleet: StormFleet): Promise<Destination> {
  const { sizing, auto } = fleet
  const direct = server.url("core")
  const places = (url: string, { sizes }: Pick<StormFleet["sizing"], "sizes">) => ({
    api: { url, poolSize: sizes.api },
    jobs: { url, poolSize: sizes.jobs },
  })
  const close = async () => {}
  if (WAYS[way].isPooled) return pooled(way, server, fleet)
  if (way !== "auto") {
    const plan = WAYS[way].sizedBy && sizing.check.deploy.total
    return { ...places(direct, sizing), plan, close }
  }
  await limitedRole(server, auto.sizes.api)
  const url = `postgresql://${AUTO_ROLE}:${AUTO_ROLE}@127.0.0.1:${server.port}/core`
  return {
    api: { url, poolSize: "auto" },
    jobs: { url: direct, poolSize: auto.sizes.jobs },
    plan: auto.check.deploy.total,
    close,
  }
}

async function limitedRole(server: DemoServer, limit: number): Promise<void> {
  const [there] = await server.sql("SELECT 1 FROM pg_roles WHERE rolname = $1", [AUTO_ROLE])
  if (!there) await server.sql(`CREATE ROLE ${AUTO_ROLE} LOGIN PASSWORD '${AUTO_ROLE}' IN ROLE app`)
  await server.sql(`ALTER ROLE ${AUTO_ROLE} CONNECTION LIMIT ${limit}`)
}

async function pooled(way: Way, server: DemoServer, { pooled: plan }: StormFleet): Promise<Destination> {
  if (!installed("pgbouncer")) throw new Error("The storm needs PgBouncer: apt-get install pgbouncer")
  const { poolSize = Number.NaN, maxClientConnections = Number.NaN } = plan.poolers?.["pgbouncer"] ?? {}
  const isPlanned = WAYS[way].isOurs === true
  const pooler = await startPgBouncer(
    server,
    isPlanned
      ? {
          poolSize,
          settings: { max_client_conn: maxClientConnections, query_wait_timeout: 20, server_login_retry: 1 },
        }
      : PGBOUNCER_DEFAULTS,
  )
  const url = pooler.url("core", isPlanned ? { pgbouncer: "true" } : {})
  return {
    api: { url, poolSize: plan.sizes.api },
    jobs: { url, poolSize: plan.sizes.jobs },
    plan: isPlanned ? plan.check.deploy.total : undefined,
    close: () => pooler.destroy(),
  }
}

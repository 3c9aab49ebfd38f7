import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { sizeFleet } from "prisma-pool-config/sizing"
import { installed } from "../../test/support/client-tools.ts"
import { type PgBouncer, startPgBouncer } from "../../test/support/pgbouncer.ts"
import { type Sampler, startSampler } from "../../test/support/sampler.ts"
import type { Scope } from "../../test/support/scope.ts"
import { type DemoServer, readCeiling, startServer } from "../../test/support/seeded-server.ts"
import { paint, say } from "./screen.ts"
import type { Claim } from "./verdict.ts"

const MAX_CONNECTIONS = 30
const PROCESSES = 40
const SECONDS = 5
/** Seconds that a caller waits for a connection: through PgBouncer none waits as long, however slow the machine. */
const POOL_TIMEOUT = 20
/** Without it each of those that get none waits all of it. */
const SHORT_POOL_TIMEOUT = 2

/** What the clients of a run saw, and the server. */
interface Run {
  readonly served: number
  readonly failed: number
  readonly codes: Readonly<Record<string, number>>
  /** Connections that the server refused, by its own log. */
  readonly refused: number
  /** The most connections that the server had at once, the sampler's own included. */
  readonly peak: number
}

/** Runs 40 API processes' worth of clients on a server of 30 slots: through a PgBouncer as planned, then directly. */
export async function runWithPooler(scope: Scope): Promise<boolean> {
  if (!installed("pgbouncer")) return false
  say("Starting PostgreSQL")
  const server = await startServer(scope, MAX_CONNECTIONS)
  const plan = sizeFleet({
    ...(await readCeiling(server)),
    reserved: { monitoring: 1 },
    consumers: { api: { instances: PROCESSES, pooler: "pgbouncer" } },
    poolers: { pgbouncer: { instances: 1 } },
  })
  const { api: poolSize } = plan.sizes
  const { poolSize: serverPool = 0, maxClientConnections = 0 } = plan.poolers?.["pgbouncer"] ?? {}
  say(`\n${paint("bold", `${PROCESSES} API processes, by sizeFleet`)}`)
  for (const line of plan.check.arithmetic) say(`  ${line}`)

  const pooler = await startPgBouncer(server, {
    poolSize: serverPool,
    settings: {
      max_client_conn: maxClientConnections,
      query_wait_timeout: POOL_TIMEOUT,
      server_login_retry: 1,
    },
  })
  scope.atEnd(() => pooler.destroy())
  const sampler = await startSampler(scope, server.adminUrl())
  say(`\nThrough PgBouncer: ${PROCESSES} × ${poolSize} connections, for ${SECONDS} s`)
  const through = await run(scope, server, sampler, pooler, {
    connection_limit: poolSize,
    pool_timeout: POOL_TIMEOUT,
    pgbouncer: "true",
  })
  say(`Without it, the same ${PROCESSES} × ${poolSize}, for ${SECONDS} s`)
  const directly = await run(scope, server, sampler, server, {
    connection_limit: poolSize,
    pool_timeout: SHORT_POOL_TIMEOUT,
    connect_timeout: 1,
  })

  say(`\n${paint("bold", "What this run shows")}`)
  const claims = judge(plan.check.total, plan.check.usable, through, directly)
  for (const { holds, text } of claims) {
    say(`  ${holds ? paint("green", "✓") : paint("red", "✗ NOT SO:")} ${text}`)
  }
  return claims.every(({ holds }) => holds)
}

async function run(
  scope: Scope,
  server: DemoServer,
  sampler: Sampler,
  to: Pick<PgBouncer, "url">,
  parameters: Record<string, string | number>,
): Promise<Run> {
  const before = server.refusals
  sampler.startAnew()
  const child = fork(fileURLToPath(new URL("pooler-clients.ts", import.meta.url)), {
    env: {
      ...process.env,
      DATABASE_URL_CORE: to.url("core", parameters),
      PROCESSES: String(PROCESSES),
      SECONDS: String(SECONDS),
    },
    execArgv: ["--import", import.meta.resolve("tsx")],
  })
  scope.atEnd(() => void child.kill("SIGKILL"))
  const ended = once(child, "exit").then(() => {
    throw new Error("The clients ended early")
  })
  const [message] = (await Promise.race([once(child, "message"), ended])) as [
    { served: number; codes: Record<string, number> },
  ]
  ended.catch(() => {})
  const { served, codes } = message
  const failed = Object.values(codes).reduce((sum, count) => sum + count, 0)
  return { served, failed, codes, refused: server.refusals - before, peak: sampler.peakOfAll }
}

function judge(total: number, usable: number, through: Run, directly: Run): Claim[] {
  const codes = Object.entries(directly.codes).map(([code, count]) => `${count} × ${code}`)
  return [
    {
      holds: through.failed === 0 && through.refused === 0 && through.served > 0,
      text: `Through PgBouncer ${through.served} requests were served: ${through.failed} failed, ${through.refused} connections refused (the server's log).`,
    },
    {
      holds: through.peak <= total,
      text: `The server had ${through.peak} connections at most, of ${total} that were planned and ${usable} that are usable.`,
    },
    {
      holds: directly.refused > 0,
      text: `Without it the server refused ${directly.refused} connections, and ${directly.failed} requests failed (${codes.join(", ") || "none"}).`,
    },
  ]
}

import { setTimeout as sleep } from "node:timers/promises"
import type { PrismaClient } from "../../prisma/core/generated/client.ts"
import type { TcpProxy } from "../support/proxy.ts"
import type { Random } from "../support/random.ts"
import type { PostgresServer } from "../support/server.ts"

/** What faults are done to. */
export interface Scene {
  readonly random: Random
  readonly proxy: TcpProxy
  readonly server: PostgresServer
  readonly database: string
  readonly clients: readonly PrismaClient[]
}

type Fault = (scene: Scene) => Promise<unknown>

const shortly = (random: Random) => sleep(random.between(50, 700))

async function pids({ server, database }: Scene): Promise<number[]> {
  const rows = await server.sql<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND usename = 'app'",
    [database],
  )
  return rows.map(({ pid }) => pid)
}

/** Does something to one backend, where there is one. */
const toOne =
  (sql: string): Fault =>
  async (scene) => {
    const all = await pids(scene)
    if (all.length > 0) await scene.server.sql(sql, [scene.random.of(all)])
  }

/** Tells the server something for a moment. */
const forAMoment =
  (begin: (scene: Scene) => string, end: (scene: Scene) => string): Fault =>
  async (scene) => {
    await scene.server.sql(begin(scene))
    await shortly(scene.random)
    await scene.server.sql(end(scene))
  }

/** Stops the processes of its backends, as a server that swaps does. */
async function freezeServer(scene: Scene): Promise<void> {
  const stopped = (await pids(scene)).filter((pid) => signal(pid, "SIGSTOP"))
  try {
    await sleep(scene.random.between(100, 2_500))
  } finally {
    for (const pid of stopped) signal(pid, "SIGCONT")
  }
}

/** A backend that crashes takes all others with it. */
async function crash(scene: Scene): Promise<void> {
  const [pid] = await pids(scene)
  if (pid !== undefined) signal(pid, "SIGKILL")
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

async function restart({ server }: Scene): Promise<void> {
  await server.stop()
  await server.start()
}

/** Work of the application's own, during which nothing of ours runs. */
async function blockLoop({ random }: Scene): Promise<void> {
  const end = performance.now() + random.between(50, 1_500)
  while (performance.now() < end);
}

/** Faults, by the names that a report gives them. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  async reset({ proxy }) {
    proxy.cut("reset")
  },
  async close({ proxy }) {
    proxy.cut("close")
  },
  async "reset, and nothing can connect"({ proxy, random }) {
    await proxy.newConnections("refuse")
    proxy.cut("reset")
    await shortly(random)
    await proxy.newConnections("pass")
  },
  async "nothing can connect"({ proxy, random }) {
    await proxy.newConnections(random.of(["refuse", "reset"]))
    await shortly(random)
    await proxy.newConnections("pass")
  },
  async "nobody answers who connects"({ proxy, random }) {
    await proxy.newConnections("ignore")
    await shortly(random)
    await proxy.thaw()
  },
  async "a slow network"({ proxy, random }) {
    proxy.delay(random.between(5, 150))
    await shortly(random)
    proxy.delay(0)
  },
  async "a frozen network"({ proxy, random }) {
    await proxy.freeze()
    await sleep(random.between(100, 4_000))
    await proxy.thaw()
  },
  async "a NAT that forgets"({ proxy, random }) {
    await proxy.freeze({ newConnections: "pass" })
    await sleep(random.between(3_000, 7_000))
    await proxy.thaw()
  },
  "a backend is terminated": toOne("SELECT pg_terminate_backend($1)"),
  "a statement is cancelled": toOne("SELECT pg_cancel_backend($1)"),
  async "all backends are terminated"(scene) {
    await scene.server.sql("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", [
      await pids(scene),
    ])
  },
  "the server is full": forAMoment(
    ({ database, random }) => `ALTER DATABASE "${database}" CONNECTION LIMIT ${random.between(0, 3)}`,
    ({ database }) => `ALTER DATABASE "${database}" CONNECTION LIMIT -1`,
  ),
  "the role may not log in": forAMoment(
    () => "ALTER ROLE app NOLOGIN",
    () => "ALTER ROLE app LOGIN",
  ),
  "a table is locked": async ({ server, database, random }) => {
    const seconds = random.between(1, 20) / 10
    await server.sql(`BEGIN; LOCK TABLE ledger; SELECT pg_sleep(${seconds}); COMMIT`, [], database)
  },
  "the server freezes": freezeServer,
  "a backend crashes": crash,
  "the server restarts": restart,
  "the process is busy": blockLoop,
  async "a client disconnects"({ clients, random }) {
    await random.of(clients).$disconnect()
  },
}

/** After these, documentation names that a backend may outlive its slot: nobody can tell the server that it is lost. */
export const HIDES_BACKENDS: ReadonlySet<string> = new Set(["a frozen network", "a NAT that forgets"])

import { writeFileSync } from "node:fs"
import { connect, createServer, type Server } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { startProxy, type TcpProxy } from "../../test/support/proxy.ts"
import type { PostgresServer } from "../../test/support/server.ts"
import { type Instance, startInstance } from "../instance.ts"
import type { Ground } from "../scenario.ts"
import type { Contender } from "./contender.ts"

export const POOL_SIZE = 5
const INSTANCES = 2
const CALLERS = 12
/** Long enough for every pool to be full, on a machine that serves so many requests meanwhile; else again. */
const WARM_UP_MS = 500
const WARM_REQUESTS = 5 * CALLERS
const MOST_ROUNDS = 12
const NAME = "db.bench.internal"

/** What a fault can get at: a server, a proxy and a name before it, and instances under load. */
export interface Stage {
  readonly server: PostgresServer
  readonly proxy: TcpProxy
  readonly instances: Instance[]
  /** Points the name that instances may connect to at the one server or the other. */
  moveName(to: "server" | "other"): void
  /** Something to say of the fault, beside what is measured of every one. */
  note(text: string): void
  /** Keeps how long those requests took that fail meanwhile. */
  watchFailures(during: () => Promise<unknown>): Promise<void>
}

/** How instances reach the server. */
export type Route = "direct" | "proxy" | "name"

/** Everything but the instances, for all faults in turn. */
export interface Setting extends Omit<Stage, "instances" | "note" | "watchFailures"> {
  url(route: Route): string
  /** What a process needs that connects to the name. */
  readonly env: Readonly<Record<string, string>>
}

/** Sets up what stands before a server, and before another one where the name is to move to. */
export async function setStage(
  { scope }: Ground,
  server: PostgresServer,
  other?: PostgresServer,
): Promise<Setting> {
  const proxy = await startProxy(server.port)
  scope.atEnd(() => proxy.close())
  const name = other && (await startName(scope, server, other))
  // A statement on a connection that the network froze is bounded by the first of them alone.
  const direct = server.url("core", { socket_timeout: 2, connect_timeout: 5 })
  return {
    server,
    proxy,
    moveName: (to) => name?.move(to),
    env: name?.env ?? {},
    url(route) {
      if (route === "proxy") return proxy.url(direct)
      return route === "name" && name ? direct.replace(`127.0.0.1:${server.port}`, name.host) : direct
    },
  }
}

/** One port at two addresses of the loopback interface, as a name has them one after the other. */
async function startName(scope: Ground["scope"], server: PostgresServer, other: PostgresServer) {
  const first = await forward("127.0.0.1", 0, server.port)
  const { port } = first.address() as { port: number }
  const second = await forward("127.0.0.2", port, other.port)
  scope.atEnd(() => first.close())
  scope.atEnd(() => second.close())
  const file = join(scope.directory, "address")
  const move = (to: "server" | "other") => writeFileSync(file, to === "server" ? "127.0.0.1" : "127.0.0.2")
  move("server")
  return { host: `${NAME}:${port}`, env: { BENCH_NAME: NAME, BENCH_ADDRESS_FILE: file }, move }
}

async function forward(host: string, port: number, to: number): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connect(to, "127.0.0.1")
    client.pipe(upstream).pipe(client)
    client.on("error", () => upstream.destroy())
    upstream.on("error", () => client.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve)
  })
  server.unref()
  return server
}

/** Instances that are under load already. */
export async function instancesUnderLoad(
  { scope, project }: Ground,
  { way, load: kind }: Contender,
  url: string,
  env: Readonly<Record<string, string>>,
  count = INSTANCES,
): Promise<Instance[]> {
  const role = { project, way, url, poolSize: POOL_SIZE, load: kind, env }
  const instances = await Promise.all(
    Array.from({ length: count }, (_, index) => startInstance(scope, { ...role, name: `api-${index}` })),
  )
  await load(instances)
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await sleep(WARM_UP_MS)
    const reports = await Promise.all(instances.map((instance) => instance.report()))
    if (reports.every(({ served }) => served > WARM_REQUESTS)) break
  }
  return instances
}

export const load = (instances: readonly Instance[], callers = CALLERS) =>
  Promise.all(instances.map((instance) => instance.callers(callers)))

import { writeFileSync } from "node:fs"
import { connect, createServer, type Server } from "node:net"
import { join } from "node:path"
import type { Scope } from "../../test/support/scope.ts"
import type { PostgresServer } from "../../test/support/server.ts"
import type { Environment } from "../processes/environment.ts"

const NAME = "db.bench.internal"

/** A name that leads to one server or another, as a zone's owner may have it. */
export interface MovingName {
  /** The name, with its port. */
  readonly host: string
  /** What a process needs that connects to it. */
  readonly env: Environment
  move(to: "server" | "other"): void
}

/** One port at two addresses of the loopback interface, as a name has them one after the other. */
export async function startName(
  scope: Scope,
  server: PostgresServer,
  other: PostgresServer,
): Promise<MovingName> {
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

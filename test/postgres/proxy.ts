import { connect, createServer, type Socket } from "node:net"
import { freePort } from "./server.ts"

/** A TCP proxy to a port of the loopback interface, which can stop passing anything on without closing. */
export interface Proxy {
  readonly port: number
  freeze(): void
  close(): Promise<void>
}

export async function startProxy(to: number): Promise<Proxy> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let frozen = false
  const server = createServer((client) => {
    const upstream = connect(to, "127.0.0.1")
    for (const [from, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on("data", (data) => void (frozen || other.write(data)))
      from.on("end", () => void (frozen || other.end()))
      from.on("error", () => {})
      from.on("close", () => sockets.delete(from))
    }
  })
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))
  return {
    port,
    freeze() {
      frozen = true
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

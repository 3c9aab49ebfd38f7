import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { message, TLS_REQUEST } from "./wire-session.ts"

/**
 * What becomes of a new connection: passed on, refused, accepted and reset, accepted and never answered; or answered as by a
 * server that starts, or that has no slot left.
 */
export type NewConnections = "pass" | "refuse" | "reset" | "ignore" | "starting" | "full"

const ANSWERS: Partial<Record<NewConnections, Buffer>> = {
  starting: message("E", "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"),
  full: message("E", "SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0"),
}

/** Answers whoever logs in, and hangs up. */
function answer(client: Socket, text: Buffer): void {
  client.on("error", () => {})
  client.on("data", (request) => {
    const isTls = request.length === 8 && request.readUInt32BE(4) === TLS_REQUEST
    if (isTls) client.write("N")
    else client.end(text)
  })
  // One that gives up before it has asked anything.
  client.on("end", () => client.end())
}

/** A TCP proxy to a port of the loopback interface, with the faults of a network. */
export interface TcpProxy {
  readonly port: number
  /** The connections that their client has not ended. */
  readonly connections: number
  /** Connections that were made to it so far, whatever became of them. */
  readonly attempts: number
  /** The URL of the server behind it, changed to go through the proxy. */
  url(direct: string): string
  newConnections(what: NewConnections): Promise<void>
  /**
   * Nothing passes any more on the connections that there are, or on the `count` oldest of them, and nothing is closed. A NAT
   * that forgot its connections lets new ones pass. Returns the ports that the server knows the frozen ones by.
   */
  freeze(options?: { readonly newConnections?: NewConnections; readonly count?: number }): Promise<number[]>
  /** What was frozen or ignored goes on, with all that was sent meanwhile, and new connections pass. */
  thaw(): Promise<void>
  /** Every byte takes so much longer, in each direction. */
  delay(millis: number): void
  /** Ends every connection, on both sides: with a reset (ECONNRESET), or in an orderly way. */
  cut(how?: "reset" | "close"): void
  close(): Promise<void>
}

interface Link {
  readonly client: Socket
  readonly upstream: Socket
  /** Resolves when bytes may pass. */
  open: Promise<void>
  /** Undefined while they may. */
  thaw: (() => void) | undefined
}

/** @param to the port, or what names it for each new connection */
export async function startProxy(to: number | (() => number)): Promise<TcpProxy> {
  const links = new Set<Link>()
  let arriving: NewConnections = "pass"
  let delayMillis = 0
  let attempts = 0

  // Half-open: otherwise Node itself answers an end, which the other side may never have heard of.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    attempts += 1
    const refusal = ANSWERS[arriving]
    if (refusal !== undefined) return answer(client, refusal)
    if (arriving === "reset") {
      client.resetAndDestroy()
      return
    }
    const upstream = connect({
      port: typeof to === "number" ? to : to(),
      host: "127.0.0.1",
      allowHalfOpen: true,
      noDelay: true,
    })
    const link: Link = { client, upstream, open: Promise.resolve(), thaw: undefined }
    links.add(link)
    if (arriving === "ignore") freeze(link)
    pass(link, client, upstream)
    pass(link, upstream, client)
  })

  function pass(link: Link, from: Socket, to: Socket): void {
    let last = Promise.resolve()
    /** In the order of the calls, each after the delay, and none while the link is frozen. */
    function later(act: () => void): void {
      const due = delayMillis > 0 && new Promise((resolve) => setTimeout(resolve, delayMillis))
      last = last
        .then(() => due)
        .then(() => link.open)
        .then(act)
    }
    from.on("data", (data) => {
      later(() => {
        if (to.write(data)) return
        from.pause()
        to.once("drain", () => from.resume())
      })
    })
    from.on("end", () => later(() => to.end()))
    from.on("error", () => later(() => to.resetAndDestroy()))
    from.on("close", () => to.closed && links.delete(link))
  }

  async function listen(port: number): Promise<void> {
    server.listen(port, "127.0.0.1")
    await once(server, "listening")
  }

  async function newConnections(what: NewConnections): Promise<void> {
    arriving = what
    if (what === "refuse") server.close()
    else if (!server.listening) await listen(port)
  }

  const sockets = () => [...links].flatMap(({ client, upstream }) => [client, upstream])

  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    port,
    get connections() {
      return [...links].filter(({ client }) => !client.readableEnded && !client.closed).length
    },
    get attempts() {
      return attempts
    },
    url: (direct) => direct.replace(/:\d+\//, `:${port}/`),
    newConnections,
    async freeze({ newConnections: arriving = "ignore", count = links.size } = {}) {
      const open = [...links].filter(({ client }) => !client.readableEnded && !client.closed)
      const frozen = count < links.size ? open.slice(0, count) : [...links]
      for (const link of frozen) freeze(link)
      await newConnections(arriving)
      return frozen.flatMap(({ upstream }) => upstream.localPort ?? [])
    },
    thaw() {
      for (const link of links) link.thaw?.()
      return newConnections("pass")
    },
    delay(millis) {
      delayMillis = millis
    },
    cut(how = "reset") {
      for (const socket of sockets()) {
        if (how === "reset") socket.resetAndDestroy()
        else socket.destroySoon()
      }
    },
    async close() {
      for (const socket of sockets()) socket.destroy()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

function freeze(link: Link): void {
  if (link.thaw !== undefined) return
  link.open = new Promise((resolve) => {
    link.thaw = () => {
      link.thaw = undefined
      resolve()
    }
  })
}

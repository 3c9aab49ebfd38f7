import dns from "node:dns"
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import tls from "node:tls"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { createPool } from "../../src/index.ts"
import {
  DATABASES,
  ENCRYPTED,
  expectConnection,
  startTlsServer,
  type TlsServer,
  throughPool,
  throughPrisma,
} from "../support/certificates.ts"
import { eventually, rejection } from "../support/helpers.ts"

let server: TlsServer
beforeAll(async () => {
  server = await startTlsServer()
})
afterAll(() => server.destroy())
beforeEach(() => server.present("right"))

// https://www.postgresql.org/docs/current/protocol-message-formats.html
const SSL_REQUEST = Buffer.from("0000000804d2162f", "hex")
const CANCEL_REQUEST = Buffer.from("0000001004d2162e", "hex")

interface Listener {
  readonly port: number
  /** The number of open connections. */
  readonly open: number
  close(): Promise<void>
}

async function listen(onConnection: (socket: Socket) => unknown): Promise<Listener> {
  const sockets = new Set<Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket.on("error", () => {}))
    socket.on("close", () => sockets.delete(socket))
    onConnection(socket)
  })
  listener.listen(0, "127.0.0.1")
  await once(listener, "listening")
  return {
    port: (listener.address() as AddressInfo).port,
    get open() {
      return sockets.size
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

interface Intermediary extends Listener {
  /** The certificate for new connections. */
  cert: string
  /** The first bytes of every connection. */
  readonly openings: Buffer[]
  /** The clients' bytes, decrypted, by connection. */
  readonly said: Buffer[]
}

/** A man in the middle, who answers with a certificate of the server's key and talks TLS with the server. */
async function intermediary(
  cert: string,
  change: (answer: Buffer) => Buffer = (answer) => answer,
): Promise<Intermediary> {
  const openings: Buffer[] = []
  const said: Buffer[] = []
  const key = server.certificates.serverKey
  async function pass(client: Socket): Promise<void> {
    const [opening] = (await once(client, "data")) as [Buffer]
    openings.push(opening)
    const upstream = connect(server.port, "127.0.0.1").on("error", () => {})
    upstream.write(SSL_REQUEST)
    await once(upstream, "data")
    const index = said.push(Buffer.alloc(0)) - 1
    const outer = tls.connect({ socket: upstream, rejectUnauthorized: false }).on("error", () => {})
    client.write("S")
    const inner = new tls.TLSSocket(client, { isServer: true, cert: between.cert, key }).on("error", () => {})
    inner.on("data", (data: Buffer) => {
      said[index] = Buffer.concat([said[index] ?? data, data])
      outer.write(data)
    })
    outer.on("data", (data: Buffer) => inner.write(change(data)))
    inner.on("close", () => outer.end())
    outer.on("close", () => inner.end())
  }
  const between: Intermediary = Object.assign(await listen((client) => void pass(client)), {
    cert,
    openings,
    said,
  })
  return between
}

/** The URL of the server, through another listener. */
const through = ({ port }: Listener, parameters: string, database?: string) =>
  server.tlsUrl(parameters, database).replace(`:${server.port}/`, `:${port}/`)

describe("channel_binding", () => {
  async function mechanism(parameters: string): Promise<string | undefined> {
    const between = await intermediary(server.certificates.server.right)
    await expectConnection(through(between, parameters), ENCRYPTED)
    await between.close()
    const used = between.said.map((said) => /SCRAM-SHA-256[-A-Z]*/.exec(said.toString("latin1"))?.[0])
    expect(new Set(used).size).toBe(1)
    return used[0]
  }

  test("ties the login to the TLS connection, unless it is disabled", async () => {
    expect(await mechanism("sslmode=require&sslcert=<ca>")).toBe("SCRAM-SHA-256-PLUS")
    expect(await mechanism("sslmode=prefer")).toBe("SCRAM-SHA-256-PLUS")
    expect(await mechanism("channel_binding=prefer")).toBe("SCRAM-SHA-256-PLUS")
    expect(await mechanism("channel_binding=require")).toBe("SCRAM-SHA-256-PLUS")
    expect(await mechanism("channel_binding=disable")).toBe("SCRAM-SHA-256")
  })

  test("keeps a man in the middle from relaying the login, even where nothing is verified", async () => {
    const between = await intermediary(server.certificates.server.otherHost)
    await expectConnection(through(between, "channel_binding=disable"), ENCRYPTED)
    for (const parameters of ["", "channel_binding=require", "sslmode=no-verify"]) {
      expect(await rejection(throughPool(through(between, parameters)))).toMatchObject({ code: "28000" })
    }
    await between.close()
  })

  /** A man in the middle who claims that the server cannot do it. */
  const withoutBinding = () =>
    intermediary(server.certificates.server.otherHost, (answer) => {
      const offer = "\0\0\0\nSCRAM-SHA-256"
      if (!answer.includes(`${offer}-PLUS\0`, 0, "latin1")) return answer
      return Buffer.from(`R\0\0\0\x17${offer}\0\0`, "latin1")
    })

  test("prefer is not talked out of it: the server notices", async () => {
    const between = await withoutBinding()
    await expectConnection(through(between, "channel_binding=disable"), ENCRYPTED)
    expect(await rejection(throughPool(through(between, "")))).toMatchObject({ code: "28000" })
    await between.close()
  })

  test("require says nothing to a server that does not offer it", async () => {
    const between = await withoutBinding()
    for (const through_ of [throughPool, throughPrisma]) {
      const error = await rejection(through_(through(between, "channel_binding=require")))
      expect(error).toMatchObject({ code: "P1011", message: expect.stringContaining("channel_binding") })
    }
    expect(between.said).toHaveLength(2)
    for (const said of between.said) expect(said.toString("latin1")).not.toContain("SCRAM")
    await between.close()
  })

  test("require refuses plain text, and a login by certificate alone", async () => {
    const required = "sslmode=require&channel_binding=require&sslcert=<clientCertificate>&sslkey=<clientKey>"
    const url = server.tlsUrl(`${required}&sslrootcert=<ca>`, DATABASES.certificate)
    expect(await rejection(throughPool(url))).toMatchObject({ code: "P1011" })
    for (const parameters of ["sslmode=disable&channel_binding=require", "channel_binding=require"]) {
      const error = await rejection(throughPool(server.tlsUrl(parameters)))
      expect(error).toMatchObject({ code: "P1011", message: expect.stringContaining("channel_binding") })
      await server.present(undefined)
    }
  })
})

describe("a query that is given up", () => {
  const running = async () => {
    const rows = await server.sql(
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3600)%' AND state = 'active' AND usename = 'app'",
    )
    return rows.length
  }

  test.each([
    "sslmode=prefer",
    "sslmode=verify-full&sslcert=<ca>",
    "sslmode=require&sslaccept=accept_invalid_certs",
  ])("is cancelled over TLS as well, with %s", async (parameters) => {
    const between = await intermediary(server.certificates.server.right)
    const pool = createPool(through(between, parameters, DATABASES.tls))
    const connection = await pool.connect()
    const query = rejection(connection.query("SELECT pg_sleep(3600)"))
    await eventually("it runs", async () => (await running()) === 1)
    connection.release()
    await query
    await eventually("the server has stopped it", async () => (await running()) === 0)
    await pool.end()
    await between.close()
    // Its key would let anybody who reads it cancel queries.
    expect(between.openings).toEqual([SSL_REQUEST, SSL_REQUEST])
    expect(between.said[1]?.subarray(0, 8)).toEqual(CANCEL_REQUEST)
  })

  test("is not cancelled through anything but the server", async () => {
    const between = await intermediary(server.certificates.server.right)
    const pool = createPool(through(between, "sslmode=verify-full&sslcert=<ca>"))
    const connection = await pool.connect()
    const query = rejection(connection.query("SELECT pg_sleep(3600)"))
    await eventually("it runs", async () => (await running()) === 1)
    between.cert = server.certificates.server.selfSigned
    connection.release()
    await eventually(
      "the other connection is over",
      async () => between.openings.length === 2 && between.open < 2,
    )
    expect(between.said[1]).toEqual(Buffer.alloc(0))
    await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
    await query
    await pool.end()
    await between.close()
  })
})

/** A server of its own kind, which remembers the first thing that each client says. */
async function trickster(answer: (socket: Socket) => void) {
  const asked: Buffer[] = []
  const listener = await listen((socket) => {
    socket.once("data", (question) => {
      asked.push(question)
      answer(socket)
    })
  })
  return Object.assign(listener, { asked })
}

test("sslnegotiation=direct says nothing before the handshake", async () => {
  const listener = await trickster((socket) => socket.destroy())
  const url = through(listener, "sslmode=require&sslnegotiation=direct").replace("127.0.0.1", "localhost")
  await rejection(throughPool(url))
  const [hello] = listener.asked
  // A TLS record that holds a handshake, in it the server's name and the protocol's.
  expect(hello?.[0]).toBe(0x16)
  expect(hello?.toString("latin1")).toContain("localhost")
  expect(hello?.toString("latin1")).toContain("postgresql")
  await listener.close()
})

describe("a server that plays tricks before TLS", () => {
  const [YES, NO] = [Buffer.from("S"), Buffer.from("N")]
  /** AuthenticationOk and ReadyForQuery, as if the client had logged in. */
  const LOGGED_IN = Buffer.from("520000000800000000" + "5a0000000549", "hex")

  const tricks: [string, string, (socket: Socket) => void][] = [
    ["yes, and more in plain text", "P1011", (socket) => socket.write(Buffer.concat([YES, LOGGED_IN]))],
    ["no, and more at once", "P1011", (socket) => socket.write(Buffer.concat([NO, LOGGED_IN]))],
    ["an error", "P1011", (socket) => socket.end("E")],
    [
      "yes, and then something else than TLS",
      "P1011",
      (socket) => {
        socket.write(YES)
        socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
      },
    ],
    ["yes, and closes", "P1017", (socket) => socket.end(YES)],
    ["nothing, and closes", "P1017", (socket) => socket.end()],
  ]
  describe.each(["sslmode=prefer", "sslmode=require&sslaccept=accept_invalid_certs"])("%s", (parameters) => {
    test.each(tricks)("%s: %s, and no plain text", async (_, code, answer) => {
      const listener = await trickster(answer)
      await rejection(throughPool(through(listener, parameters)))
      expect(await rejection(throughPrisma(through(listener, parameters)))).toMatchObject({ code })
      expect(listener.asked).toEqual([SSL_REQUEST, SSL_REQUEST])
      await listener.close()
    })

    test("yes, and nothing more: P1001 after connect_timeout", async () => {
      const listener = await trickster((socket) => socket.write("S"))
      const url = through(listener, `${parameters}&connect_timeout=1`)
      expect(await rejection(throughPool(url))).toMatchObject({ code: "ETIMEDOUT" })
      expect(await rejection(throughPrisma(url))).toMatchObject({ code: "P1001" })
      await listener.close()
    })
  })
})

describe("channel_binding=require takes no login that was not bound to its end", () => {
  const message = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length + 4)
    return Buffer.concat([Buffer.from(type), length, body])
  }
  const authentication = (kind: number, text = "") => {
    const code = Buffer.alloc(4)
    code.writeInt32BE(kind)
    return message("R", Buffer.concat([code, Buffer.from(text)]))
  }
  const OK = authentication(0)
  const CLEARTEXT = authentication(3)
  const BOUND = authentication(10, "SCRAM-SHA-256-PLUS\0\0")
  const UNBOUND = authentication(10, "SCRAM-SHA-256\0\0")
  const READY = message("Z", Buffer.from("I"))

  /** A server of its own making: to each message of the client, the next of these. */
  async function impostor(...answers: readonly Buffer[]) {
    const said: string[] = []
    const { cert, key } = { cert: server.certificates.server.right, key: server.certificates.serverKey }
    const listener = await listen(async (socket) => {
      await once(socket, "data")
      socket.write("S")
      const secure = new tls.TLSSocket(socket, { isServer: true, cert, key }).on("error", () => {})
      let next = 0
      secure.on("data", (data: Buffer) => {
        said.push(data.toString("latin1"))
        const answer = answers[next++]
        if (answer !== undefined) secure.write(answer)
      })
    })
    return { ...listener, port: listener.port, said }
  }

  test.each([
    ["asks for no login at all", [READY]],
    ["says that all is well", [OK]],
    ["asks for the password", [CLEARTEXT, OK]],
    ["begins a bound one and says that all is well", [BOUND, Buffer.concat([OK, READY])]],
    ["begins a bound one and asks for the password", [BOUND, CLEARTEXT, Buffer.concat([OK, READY])]],
    ["begins a bound one and then another", [BOUND, UNBOUND]],
    ["begins a bound one and a second", [BOUND, BOUND]],
  ])("from a server that %s", async (_, answers) => {
    const impersonated = await impostor(...answers)
    const url = `postgresql://app:topsecret@127.0.0.1:${impersonated.port}/core?channel_binding=require`
    expect(await rejection(throughPool(url))).toMatchObject({
      code: "P1011",
      message: expect.stringContaining("channel_binding=require"),
    })
    expect(impersonated.said.join()).not.toContain("topsecret")
    await impersonated.close()
  })
})

test("a query is cancelled where it runs, even if its host name has moved since", async () => {
  const lookup = vi.spyOn(dns, "lookup")
  let isMoved = false
  lookup.mockImplementation(((
    _host: string,
    options: dns.LookupOptions,
    answer: (...of: unknown[]) => void,
  ) => {
    const address = isMoved ? "127.0.0.2" : "127.0.0.1"
    if (options.all) answer(null, [{ address, family: 4 }])
    else answer(null, address, 4)
  }) as unknown as typeof dns.lookup)
  try {
    const url = server
      .tlsUrl("sslaccept=accept_invalid_certs&query_timeout=300")
      .replace("127.0.0.1", "moving.test")
    const pool = createPool(url)
    const client = await pool.connect()
    isMoved = true
    await rejection(client.query("SELECT pg_sleep(600)"))
    const active = () =>
      server.sql("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'")
    await eventually("cancelled", async () => (await active()).length === 0)
    client.release()
    await pool.end()
  } finally {
    lookup.mockRestore()
  }
})

// A job that reaches its database through an SSH tunnel: the server is at 127.0.0.1, and its certificate is for
// another name.
import { afterAll, beforeAll, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient } from "../../src/index.ts"
import { startTlsServer, type TlsServer, throughPool, throughPrisma } from "../support/certificates.ts"
import { eventually, rejection } from "../support/helpers.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"

let server: TlsServer
let tunnel: TcpProxy
beforeAll(async () => {
  server = await startTlsServer()
  await server.present("otherHost")
  tunnel = await startProxy(server.port)
})
afterAll(async () => {
  await tunnel.close()
  await server.destroy()
})

const VERIFIED = "sslmode=verify-ca&sslcert=<ca>"
const url = (parameters: string) => tunnel.url(server.tlsUrl(parameters))

test.each(["sslmode=require", "sslmode=require&sslcert=<ca>"])(
  "what %s is refused for offers what works",
  async (parameters) => {
    for (const through of [throughPool, throughPrisma]) {
      const error = await rejection(through(url(parameters)))
      expect(error).toMatchObject({ code: "P1011" })
      expect(error.message).toContain("sslmode=verify-ca")
      expect(error.message).toContain("sslcert")
    }
  },
)

test("the CA is verified where the name cannot be", async () => {
  for (const through of [throughPool, throughPrisma]) {
    expect(await through(url(VERIFIED))).toMatchObject({ ssl: true })
    expect(await rejection(through(url("sslmode=verify-ca&sslcert=<otherCa>")))).toMatchObject({
      code: "P1011",
    })
  }
})

test.each(["refuse", "ignore"] as const)(
  "a tunnel that dies in mid-job and then meets connections with %s",
  async (afterwards) => {
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: url(`${VERIFIED}&connect_timeout=3&connection_limit=2`) },
    })
    await client.$connect()
    const job = rejection(client.$queryRaw`SELECT 1 FROM pg_sleep(60)`)
    await eventually("the statement runs", async () => {
      const [row] = await server.sql<{ running: number }>(
        "SELECT count(*)::int AS running FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
      )
      return row?.running === 1
    })
    await tunnel.newConnections(afterwards)
    tunnel.cut("reset")
    expect(await job).toMatchObject({ code: "P1017" })
    expect(await rejection(client.mission.count())).toMatchObject({ code: "P1001" })

    await tunnel.newConnections("pass")
    await eventually("it is reached again", () =>
      client.mission.count().then(
        () => true,
        () => false,
      ),
    )
    await client.$disconnect()
    // The server would run it to its end, for nobody, and the next test would count it.
    await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
  },
)

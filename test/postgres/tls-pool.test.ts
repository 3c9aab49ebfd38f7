import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { DATABASES, startTlsServer, type TlsServer } from "../support/certificates.ts"
import {
  countBackends,
  eventually,
  rejection,
  sampleBackends,
  TEMPORARY_TABLE,
  times,
} from "../support/helpers.ts"

let server: TlsServer
beforeAll(async () => {
  server = await startTlsServer()
  await server.present("right")
})
afterAll(() => server.destroy())

describe("connection_limit holds with TLS", () => {
  const LIMIT = 3
  /** Refused by the server itself, however short the excess. */
  beforeAll(() => server.sql(`ALTER ROLE app CONNECTION LIMIT ${LIMIT}`))
  afterAll(() => server.sql("ALTER ROLE app CONNECTION LIMIT -1"))

  const parameters = `sslmode=verify-full&sslcert=<ca>&connection_limit=${LIMIT}&pool_timeout=60`

  test("while every connection is used once, and ends slowly", async () => {
    const url = server.tlsUrl(`${parameters}&single_use_connections=true`)
    const pool = createPool(url)
    const { peak } = await sampleBackends(server, DATABASES.anything, async () => {
      await Promise.all(times(20, () => pool.query(TEMPORARY_TABLE)))
      await pool.end()
    })
    expect(peak).toBe(LIMIT)
    await eventually("all are closed", async () => (await countBackends(server, DATABASES.anything)) === 0)
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    const core = await sampleBackends(server, DATABASES.anything, async () => {
      await Promise.all(times(30, () => client.mission.count()))
      await client.$disconnect()
    })
    expect(core.peak).toBeLessThanOrEqual(LIMIT)
    await eventually("all are closed", async () => (await countBackends(server, DATABASES.anything)) === 0)
  })

  test("and a handshake that fails gives its place back", async () => {
    const pool = createPool(server.tlsUrl(`sslmode=require&connection_limit=${LIMIT}&pool_timeout=60`))
    const errors = await Promise.all(times(30, () => rejection(pool.query("SELECT 1"))))
    for (const error of errors) expect(error).toMatchObject({ code: "P1011" })
    await eventually("all are given up", async () => pool.totalCount === 0)
    await pool.end()
  })
})

describe("clients of one process", () => {
  const makeClient = (parameters: string) =>
    createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: server.tlsUrl(parameters) } })

  test.each([
    "sslmode=require",
    "sslmode=require&sslcert=<otherCa>",
    "sslmode=verify-full&sslcert=<clientCertificate>&sslkey=<clientKey>&sslrootcert=<selfSigned>",
  ])(
    "one that asks for %s does not get the connections of another that trusts the server",
    async (stricter) => {
      const trusting = ["sslmode=no-verify", "sslmode=require&sslcert=<ca>", "sslmode=disable"].map(
        makeClient,
      )
      for (const client of trusting) await client.mission.count()
      const client = makeClient(stricter)
      expect(await rejection(client.mission.count())).toMatchObject({ code: "P1011" })
      await Promise.all([client, ...trusting].map((one) => one.$disconnect()))
    },
  )

  test("those that ask for the same share them", async () => {
    const clients = [1, 2, 3].map(() => makeClient("sslmode=require&sslcert=<ca>&connection_limit=2"))
    const { peak } = await sampleBackends(server, DATABASES.anything, () =>
      Promise.all(
        clients.flatMap((client) => [1, 2].map(() => client.$queryRaw`SELECT 1 FROM pg_sleep(0.1)`)),
      ),
    )
    expect(peak).toBeLessThanOrEqual(2)
    await Promise.all(clients.map((client) => client.$disconnect()))
  })
})

import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { poolConfigFromUrl, toLibpqUrl } from "../../src/index.ts"
import {
  ENCRYPTED,
  expectConnection,
  expectTlsError,
  PLAIN,
  startTlsServer,
  type TlsServer,
} from "../support/certificates.ts"
import { collectWarnings } from "../support/helpers.ts"

let server: TlsServer
beforeAll(async () => {
  server = await startTlsServer()
  await server.present("right")
})
afterAll(() => server.destroy())
afterEach(() => vi.unstubAllEnvs())

const UNKNOWN_CA = /self-signed certificate/

// First, since a process says each warning once.
describe("parameters at odds with each other", () => {
  test.each([
    ["sslmode=verify-ca&sslaccept=accept_invalid_certs", "sslaccept"],
    ["sslmode=verify-full&sslaccept=accept_invalid_certs", "sslaccept"],
    ["sslmode=no-verify&sslaccept=strict", "sslmode"],
    ["sslmode=disable&sslaccept=strict", "sslaccept"],
    ["sslmode=disable&sslrootcert=<ca>", "sslrootcert"],
    ["sslmode=no-verify&sslcert=<ca>", "sslcert"],
    ["sslmode=prefer&sslnegotiation=direct", "sslnegotiation"],
    ["sslmode=require&sslpassword=x", "sslpassword"],
  ])("%s warns, and is an error when strict", async (parameters, name) => {
    const url = server.tlsUrl(parameters)
    expect(await collectWarnings(async () => poolConfigFromUrl(url))).toEqual([
      expect.stringContaining(`${name} in the URL`),
    ])
    expect(() => poolConfigFromUrl(url, { strict: true })).toThrow(
      expect.objectContaining({ code: "POOL_CONFIG", issues: [expect.objectContaining({ name })] }),
    )
  })

  test("are not those that belong together", () => {
    for (const parameters of [
      "sslmode=verify-full&sslcert=<ca>",
      "sslmode=require&sslaccept=strict&sslrootcert=<ca>",
      "sslmode=prefer",
      "sslmode=require&sslcert=<clientCertificate>&sslkey=<clientKey>&sslrootcert=<ca>",
    ]) {
      expect(() => poolConfigFromUrl(server.tlsUrl(parameters), { strict: true })).not.toThrow()
    }
  })
})

test.each([
  "sslmode=Require",
  "sslmode=verify",
  "sslaccept=accept_invalid",
  "ssl=yes",
  "uselibpqcompat=1",
  "ssl_min_protocol_version=TLSv9",
  "sslnegotiation=maybe",
])("%s is refused rather than taken for something weaker", (parameters) => {
  const [name] = parameters.split("=")
  expect(() => poolConfigFromUrl(server.tlsUrl(parameters))).toThrow(
    expect.objectContaining({ code: "POOL_CONFIG", issues: [expect.objectContaining({ name })] }),
  )
})

test("sslrootcert=system verifies where nothing else is said, and refuses what verifies less", async () => {
  await expectTlsError(server.tlsUrl("sslrootcert=system"), UNKNOWN_CA)
  for (const weaker of ["sslmode=disable", "sslmode=prefer", "sslmode=no-verify", "ssl=0"]) {
    for (const convert of [poolConfigFromUrl, toLibpqUrl]) {
      expect(() => convert(server.tlsUrl(`sslrootcert=system&${weaker}`))).toThrow(
        /^sslrootcert: is system, .* Write sslmode=verify-full/,
      )
    }
  }
})

describe("versions of TLS", () => {
  test("ssl_min_protocol_version refuses a server that has only older ones", async () => {
    await server.present("right", { ssl_max_protocol_version: "TLSv1.2" })
    await expectConnection(server.tlsUrl("ssl_min_protocol_version=TLSv1.2"), {
      ssl: true,
      version: "TLSv1.2",
    })
    await expectTlsError(
      server.tlsUrl("sslmode=require&sslcert=<ca>&ssl_min_protocol_version=TLSv1.3"),
      /protocol version/,
    )
  })

  test("a handshake that fails is not followed by plain text, which this server would take", async () => {
    await expectConnection(server.tlsUrl("sslmode=disable"), PLAIN)
    for (const mode of ["prefer", "allow"]) {
      await expectTlsError(
        server.tlsUrl(`sslmode=${mode}&ssl_min_protocol_version=TLSv1.3`),
        /protocol version/,
      )
    }
  })

  test("ssl_max_protocol_version keeps to older ones", async () => {
    await server.present("right")
    await expectConnection(server.tlsUrl(""), { ssl: true, version: "TLSv1.3" })
    await expectConnection(server.tlsUrl("ssl_max_protocol_version=TLSv1.2"), {
      ssl: true,
      version: "TLSv1.2",
    })
  })
})

test("sslnegotiation=direct starts TLS without asking, from PostgreSQL 17 on", async ({ skip }) => {
  const [row] = await server.sql<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  )
  skip((row?.version ?? 0) < 170_000, "this server is older")
  await expectConnection(server.tlsUrl("sslmode=require&sslcert=<ca>&sslnegotiation=direct"), ENCRYPTED)
  await expectTlsError(server.tlsUrl("sslmode=require&sslnegotiation=direct"), UNKNOWN_CA)
})

describe("the environment", () => {
  test("of libpq and node-postgres changes nothing", async () => {
    for (const name of ["PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"]) vi.stubEnv(name, "/none")
    vi.stubEnv("PGSSLMODE", "disable")
    await expectConnection(server.tlsUrl(""), ENCRYPTED)
    vi.stubEnv("PGSSLMODE", "require")
    await expectConnection(server.tlsUrl("sslmode=disable"), PLAIN)
  })

  test("of Node.js does not undo what the URL asks for", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0")
    await expectTlsError(server.tlsUrl("sslmode=require"), UNKNOWN_CA)
    await expectTlsError(server.tlsUrl("sslmode=verify-full"), UNKNOWN_CA)
  })

  test("NODE_EXTRA_CA_CERTS makes a private CA one of Node's own", async () => {
    const source = `
      import { createPool } from "./src/index.ts"
      for (const url of JSON.parse(process.env.URLS)) {
        const pool = createPool(url)
        console.log(await pool.query("SELECT 1").then(() => "connected", ({ code }) => code))
        await pool.end()
      }`
    async function connect(parameters: string[], extra: Record<string, string>): Promise<string[]> {
      const URLS = JSON.stringify(parameters.map((one) => server.tlsUrl(one)))
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--import", "tsx", "--input-type=module", "--eval", source],
        { env: { ...process.env, URLS, ...extra } },
      )
      return stdout.trim().split("\n")
    }
    const extra = { NODE_EXTRA_CA_CERTS: server.certificates.files.ca }
    const trusting = [
      "sslmode=require",
      "sslmode=verify-full",
      "sslmode=verify-ca",
      "sslaccept=strict",
      "sslrootcert=system",
    ]
    const all = (outcome: string) => trusting.map(() => outcome)
    expect(await connect(trusting, {})).toEqual(all("P1011"))
    expect(await connect(trusting, extra)).toEqual(all("connected"))
    // A CA that is given takes their place.
    expect(await connect(["sslmode=require&sslcert=<otherCa>"], extra)).toEqual(["P1011"])
    // Node's CAs sign for anyone, so that even verify-ca looks at the host name.
    await server.present("otherHost")
    expect(await connect(trusting, extra)).toEqual(all("P1011"))
  })
})

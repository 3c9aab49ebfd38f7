import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  type ConnectionState,
  DATABASES,
  ENCRYPTED,
  expectConnection,
  expectTlsError,
  PLAIN,
  type ServerCertificate,
  startTlsServer,
  type TlsServer,
  throughPool,
  throughPrisma,
} from "../support/certificates.ts"
import { rejection } from "../support/helpers.ts"

let server: TlsServer
beforeAll(async () => {
  server = await startTlsServer({ unix_socket_directories: "/tmp" })
})
afterAll(() => server.destroy())

const NO_TLS = /does not support SSL/
const UNKNOWN_CA = /self-signed certificate(?=.*\bsslcert\b)/s
const WRONG_HOST = /127\.0\.0\.1 is not in the cert's list/
const EXPIRED = /certificate has expired/

type Case = [parameters: string, expected: Partial<ConnectionState> | RegExp]

function each(cases: Case[]): void {
  test.each(cases)("%s", async (parameters, expected) => {
    if (expected instanceof RegExp) await expectTlsError(server.tlsUrl(parameters), expected)
    else await expectConnection(server.tlsUrl(parameters), expected)
  })
}

function against(what: string, certificate: ServerCertificate | undefined, cases: Case[]): void {
  describe(what, () => {
    beforeAll(() => server.present(certificate))
    each(cases)
  })
}

/** Those that verify nothing, and so connect with any certificate of the server. */
const UNVERIFIED: Case[] = [
  ["", ENCRYPTED],
  ["sslmode=prefer", ENCRYPTED],
  ["sslmode=allow", ENCRYPTED],
  ["sslmode=prefer&sslaccept=accept_invalid_certs", ENCRYPTED],
  ["sslmode=require&sslaccept=accept_invalid_certs", ENCRYPTED],
  ["sslmode=no-verify", ENCRYPTED],
  ["uselibpqcompat=true&sslmode=require", ENCRYPTED],
  ["sslmode=disable", PLAIN],
  ["ssl=false", PLAIN],
  ["ssl=0", PLAIN],
]

/** Those that verify the chain and the host name with the CA that is given. */
const VERIFIED = [
  "sslmode=require&sslcert=<ca>",
  "sslmode=require&sslrootcert=<ca>",
  "sslmode=require&sslcert=<otherCa>&sslrootcert=<ca>",
  "ssl=true&sslcert=<ca>",
  "ssl=1&sslcert=<ca>",
  "sslmode=prefer&sslaccept=strict&sslcert=<ca>",
  "sslaccept=strict&sslcert=<ca>",
  "sslmode=require&sslaccept=strict&sslcert=<ca>",
  "sslmode=verify-full&sslcert=<ca>",
  "sslmode=verify-full&sslrootcert=<ca>",
  "sslmode=verify-full&sslaccept=accept_invalid_certs&sslcert=<ca>",
  "sslmode=verify-ca&sslaccept=strict&sslcert=<ca>",
  "uselibpqcompat=true&sslmode=require&sslaccept=strict&sslcert=<ca>",
]

/** Those that verify the chain only. */
const CHAIN = [
  "sslmode=verify-ca&sslcert=<ca>",
  "sslmode=verify-ca&sslrootcert=<ca>",
  "sslmode=verify-ca&sslaccept=accept_invalid_certs&sslcert=<ca>",
  "uselibpqcompat=true&sslmode=require&sslrootcert=<ca>",
]

/** Those that verify, and trust the CAs that Node does. */
const PUBLIC = [
  "sslmode=require",
  "ssl=true",
  "sslrootcert=system",
  "sslmode=require&sslrootcert=system",
  "sslmode=verify-ca",
  "sslmode=verify-ca&sslaccept=accept_invalid_certs",
  "sslmode=verify-full",
  "sslmode=prefer&sslaccept=strict",
  "sslaccept=strict",
]

const all = (parameters: string[], expected: Case[1]) => parameters.map((one): Case => [one, expected])

against("a server without TLS", undefined, [
  ["", PLAIN],
  ["sslmode=prefer", PLAIN],
  ["sslmode=allow", PLAIN],
  // What verifies TLS has nothing to say where there is none: this is what require is for.
  ["sslmode=prefer&sslaccept=strict", PLAIN],
  ["sslmode=disable", PLAIN],
  ["sslmode=require", NO_TLS],
  ["ssl=true", NO_TLS],
  ["sslmode=no-verify", NO_TLS],
  ["sslmode=require&sslaccept=accept_invalid_certs", NO_TLS],
  ["sslmode=verify-ca", NO_TLS],
  ["sslmode=verify-full&sslcert=<ca>", NO_TLS],
])

against("a certificate from a private CA, for this host", "right", [
  ...UNVERIFIED,
  ...all([...VERIFIED, ...CHAIN], ENCRYPTED),
  ...all(PUBLIC, UNKNOWN_CA),
  ["sslmode=require&sslcert=<otherCa>", UNKNOWN_CA],
  ["sslmode=verify-ca&sslcert=<otherCa>", UNKNOWN_CA],
  ["sslmode=require&sslcert=<selfSigned>", UNKNOWN_CA],
])

against("a certificate from a private CA, for another host", "otherHost", [
  ...UNVERIFIED,
  ...all(CHAIN, ENCRYPTED),
  ...all(VERIFIED, WRONG_HOST),
  ...all(PUBLIC, UNKNOWN_CA),
])

against("a certificate that has expired", "expired", [
  ...UNVERIFIED,
  ...all([...VERIFIED, ...CHAIN, ...PUBLIC], EXPIRED),
])

against("a self-signed certificate", "selfSigned", [
  ...UNVERIFIED,
  ...all([...VERIFIED, ...CHAIN, ...PUBLIC], UNKNOWN_CA),
  ["sslmode=require&sslcert=<selfSigned>", ENCRYPTED],
  ["sslmode=verify-full&sslrootcert=<selfSigned>", ENCRYPTED],
  ["sslmode=verify-ca&sslcert=<selfSigned>", ENCRYPTED],
])

describe("what fails with sslmode=require says how to encrypt without verifying", () => {
  const failing: [ServerCertificate, string, RegExp][] = [
    ["right", "sslmode=require", UNKNOWN_CA],
    ["selfSigned", "sslmode=require", UNKNOWN_CA],
    ["otherHost", "sslmode=require&sslcert=<ca>", WRONG_HOST],
    ["expired", "sslmode=require&sslcert=<ca>", EXPIRED],
  ]
  test.each(failing)("%s: %s", async (certificate, parameters, text) => {
    await server.present(certificate)
    await expectTlsError(server.tlsUrl(parameters), text)
    await expectTlsError(server.tlsUrl(parameters), /\bsslaccept=accept_invalid_certs\b/)
    await expectConnection(server.tlsUrl(`${parameters}&sslaccept=accept_invalid_certs`), ENCRYPTED)
  })
})

describe("the server's name", () => {
  beforeAll(() => server.present("right"))

  test("may be a name as well as an address", async () => {
    const named = server.tlsUrl("sslmode=verify-full&sslcert=<ca>").replace("127.0.0.1", "localhost")
    await expectConnection(named, ENCRYPTED)
  })

  test("that counts is the host parameter's, where there is one", async () => {
    const right = server
      .tlsUrl("sslmode=verify-full&sslcert=<ca>&host=127.0.0.1")
      .replace("@127.0.0.1", "@db.example.com")
    await expectConnection(right, ENCRYPTED)
    await server.present("otherHost")
    await expectTlsError(right, WRONG_HOST)
  })
})

describe("a server that sends no more than its own certificate", () => {
  // The server adds the CA that it knows, unless that is another one.
  beforeAll(() => server.present("right", { ssl_ca_file: "selfSigned.pem" }))
  each([
    ["sslmode=require", /unable to verify the first certificate(?=.*\bsslcert\b)/s],
    ["sslmode=require&sslcert=<ca>", ENCRYPTED],
  ])
})

describe("a server that takes no plain text", () => {
  beforeAll(() => server.present("right"))

  test("is reached without sslmode, and with sslmode=require", async () => {
    for (const parameters of ["", "sslmode=require&sslcert=<ca>"]) {
      expect(await throughPool(server.tlsUrl(parameters, DATABASES.tls))).toMatchObject(ENCRYPTED)
    }
  })

  test("refuses sslmode=disable", async () => {
    const disabled = server.tlsUrl("sslmode=disable", DATABASES.tls)
    expect(await rejection(throughPool(disabled))).toMatchObject({ code: "28000" })
    expect(await rejection(throughPrisma(disabled))).toMatchObject({ code: "P1010" })
  })
})

describe("a Unix socket", () => {
  beforeAll(() => server.present("right"))
  each([
    ["host=/tmp", PLAIN],
    ["host=/tmp&sslmode=prefer", PLAIN],
    ["host=/tmp&sslmode=require", NO_TLS],
    ["host=/tmp&sslmode=verify-full&sslcert=<ca>", NO_TLS],
  ])
})

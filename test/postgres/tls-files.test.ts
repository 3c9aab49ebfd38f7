import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool, PoolConfigError, poolConfigFromUrl } from "../../src/index.ts"
import {
  DATABASES,
  ENCRYPTED,
  expectConnection,
  SSL_PASSWORD,
  startTlsServer,
  type TlsServer,
  throughPool,
  throughPrisma,
} from "../support/certificates.ts"
import { collectWarnings, rejection } from "../support/helpers.ts"
import { ROLE } from "../support/server.ts"

let server: TlsServer
beforeAll(async () => {
  server = await startTlsServer()
  await server.present("right")
})
afterAll(() => server.destroy())

/** The error of a URL; fails if there is none. */
function problems(parameters: string): PoolConfigError {
  try {
    poolConfigFromUrl(server.tlsUrl(parameters))
  } catch (error) {
    if (error instanceof PoolConfigError) return error
    throw error
  }
  throw new Error("it was accepted")
}

const password = encodeURIComponent(SSL_PASSWORD)
const IDENTITY = `sslidentity=<identity>&sslpassword=${password}`

describe("a server that demands a client's certificate", () => {
  const AS_APP = { ssl: true, client: `/CN=${ROLE.user}` }
  const demanding = [DATABASES.passwordAndCertificate, DATABASES.certificate]

  const accepted = [
    `sslmode=prefer&${IDENTITY}`,
    `sslmode=require&sslaccept=accept_invalid_certs&${IDENTITY}`,
    `sslmode=require&sslcert=<ca>&${IDENTITY}`,
    `sslmode=verify-full&sslrootcert=<ca>&${IDENTITY}`,
    "sslmode=require&sslcert=<clientCertificate>&sslkey=<clientKey>&sslrootcert=<ca>",
    `sslmode=require&sslcert=<clientCertificate>&sslkey=<encryptedKey>&sslpassword=${password}&sslrootcert=<ca>`,
  ]
  test.each(accepted)("accepts %s", async (parameters) => {
    for (const database of demanding) await expectConnection(server.tlsUrl(parameters, database), AS_APP)
  })

  test("is not given one that was not asked for", async () => {
    await expectConnection(server.tlsUrl("sslmode=require&sslcert=<ca>"), { ssl: true, client: null })
  })

  test("refuses a client without one, in words that say so", async () => {
    for (const database of demanding) {
      const url = server.tlsUrl("sslmode=require&sslcert=<ca>", database)
      for (const error of [await rejection(throughPool(url)), await rejection(throughPrisma(url))]) {
        expect(error.message).toMatch(/certificate/)
        expect(error.message).toContain("sslidentity")
      }
    }
  })

  test("refuses one from a CA that it does not know", async () => {
    const strange = IDENTITY.replace("<identity>", "<strangeIdentity>")
    const url = server.tlsUrl(`sslmode=require&sslcert=<ca>&${strange}`, DATABASES.certificate)
    // Its last words, that it does not know the CA, may be lost when the connection is reset.
    expect(await rejection(throughPool(url))).toMatchObject({
      code: expect.stringMatching(/^(P1011|ECONNRESET|EPIPE)$/),
    })
    expect(await rejection(throughPrisma(url))).toMatchObject({
      code: expect.stringMatching(/^(P1011|P1017)$/),
    })
  })

  test("the client's certificate alone is not a CA", async () => {
    const url = server.tlsUrl("sslmode=require&sslcert=<clientCertificate>&sslkey=<clientKey>")
    expect(await rejection(throughPool(url))).toMatchObject({ code: "P1011" })
  })
})

describe("an identity that cannot be used names its parameter", () => {
  test.each([
    ["a wrong password", "sslidentity=<identity>&sslpassword=wrong-pass", "sslidentity"],
    ["no password", "sslidentity=<identity>", "sslidentity"],
    ["a file that is no PKCS#12", "sslidentity=<ca>&sslpassword=wrong-pass", "sslidentity"],
    [
      "a wrong password of the key",
      "sslcert=<clientCertificate>&sslkey=<encryptedKey>&sslpassword=wrong-pass",
      "sslkey",
    ],
    ["no password of the key", "sslcert=<clientCertificate>&sslkey=<encryptedKey>", "sslkey"],
    ["a file that is no key", "sslcert=<clientCertificate>&sslkey=<ca>", "sslkey"],
    ["the key of another certificate", "sslcert=<ca>&sslkey=<clientKey>", "sslkey"],
  ])("%s", (_, parameters, name) => {
    const { code, issues, message } = problems(`sslmode=require&${parameters}`)
    expect({ code, issues }).toMatchObject({ code: "POOL_CONFIG", issues: [{ name }] })
    expect(message).not.toContain("wrong-pass")
  })
})

describe("files", () => {
  const home = process.cwd()
  let directory: string
  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), "prisma-pool-config-files-")))
    await mkdir(join(directory, "prisma"))
    process.chdir(directory)
  })
  afterEach(async () => {
    process.chdir(home)
    await rm(directory, { recursive: true })
  })

  const { ca, otherCa } = {
    ca: () => server.certificates.files.ca,
    otherCa: () => server.certificates.files.otherCa,
  }
  const expectTrusted = (parameters: string) => expectConnection(server.tlsUrl(parameters), ENCRYPTED)

  test.each(["sslcert", "sslrootcert"])("%s is looked for in the working directory", async (name) => {
    await copyFile(ca(), "ca.pem")
    // That one would be the wrong one.
    await copyFile(otherCa(), "prisma/ca.pem")
    await expectTrusted(`sslmode=require&${name}=ca.pem`)
    await expectTrusted(`sslmode=require&${name}=./ca.pem`)
  })

  test.each(["sslcert", "sslrootcert"])(
    "%s is then looked for in ./prisma, as Prisma 6 did",
    async (name) => {
      await mkdir("prisma/certs")
      await copyFile(ca(), "prisma/certs/the%20 ca.pem")
      await expectTrusted(`sslmode=require&${name}=${encodeURIComponent("certs/the%20 ca.pem")}`)
    },
  )

  test("so are those of the client's certificate", async () => {
    const { files } = server.certificates
    await copyFile(files.identity, "prisma/client.p12")
    await copyFile(files.clientCertificate, "prisma/client.pem")
    await copyFile(files.clientKey, "prisma/client.key")
    for (const parameters of [
      `sslidentity=client.p12&sslpassword=${password}`,
      "sslcert=client.pem&sslkey=client.key",
    ]) {
      await expectConnection(server.tlsUrl(parameters, DATABASES.certificate), ENCRYPTED)
    }
  })

  test("an intermediate file may hold several certificates", async () => {
    const { certificates } = server
    await writeFile("bundle.pem", `# ours\n${certificates.server.selfSigned}\n${certificates.ca}`)
    await expectTrusted("sslmode=verify-full&sslcert=bundle.pem")
  })

  const parameters = ["sslcert", "sslrootcert", "sslidentity", "sslkey"]
  /** A URL in which nothing else is wrong with the file of this parameter. */
  const naming = (name: string, path: string) =>
    `sslmode=require&${name}=${encodeURIComponent(path)}${name === "sslkey" ? "&sslcert=<clientCertificate>" : ""}`

  describe.each(parameters)("%s", (name) => {
    test("that is not there names the path and both places", () => {
      const { code, issues } = problems(naming(name, "certs/none.pem"))
      expect({ code, issues }).toMatchObject({ code: "POOL_CONFIG", issues: [{ name }] })
      expect(issues[0]?.problem).toContain('"certs/none.pem"')
      expect(issues[0]?.problem).toContain(join(directory, "certs/none.pem"))
      expect(issues[0]?.problem).toContain(join(directory, "prisma/certs/none.pem"))
    })

    test("that is absolute and not there names one place", () => {
      const { issues } = problems(naming(name, "/no/such.pem"))
      expect(issues).toMatchObject([{ name, problem: expect.stringContaining("/no/such.pem") }])
      expect(issues[0]?.problem).not.toContain(join(directory, "prisma"))
    })

    test("that is a directory, or a link to nowhere", async () => {
      await symlink("nowhere.pem", "link.pem")
      for (const path of ["prisma", "link.pem"]) {
        expect(problems(naming(name, path)).issues).toMatchObject([
          { name, problem: expect.stringContaining(path) },
        ])
      }
    })

    test("that holds something else", async () => {
      await writeFile("other.pem", "-----BEGIN NOTHING-----\n")
      await writeFile("empty.pem", "")
      for (const path of ["other.pem", "empty.pem"]) {
        expect(problems(naming(name, path)).issues).toMatchObject([{ name }])
      }
    })
  })

  test("all that are wrong are named at once", () => {
    const { issues } = problems("sslmode=require&sslcert=a&sslrootcert=b&sslidentity=c&connection_limit=0")
    expect(issues.map(({ name }) => name).toSorted()).toEqual([
      "connection_limit",
      "sslcert",
      "sslidentity",
      "sslrootcert",
    ])
  })

  test("a Core client rejects a file that is not there when it is made", () => {
    const env = { DATABASE_URL_CORE: server.tlsUrl("sslmode=require&sslcert=none.pem") }
    expect(() => createCoreClient(PrismaClient, { env })).toThrow(
      expect.objectContaining({
        code: "POOL_CONFIG",
        issues: [expect.objectContaining({ name: "sslcert" })],
      }),
    )
  })
})

describe("nothing secret", () => {
  const everythingOf = (value: unknown) =>
    inspect(value, {
      showHidden: true,
      depth: null,
      getters: true,
      maxArrayLength: null,
      maxStringLength: null,
    })

  function expectNoSecret(text: string): void {
    // The key's own bytes, without the lines of its file.
    const key = server.certificates.clientKey.split("\n").slice(1, -2)
    expect(text.length).toBeGreaterThan(0)
    for (const secret of [SSL_PASSWORD, password, ROLE.password, ...key]) expect(text).not.toContain(secret)
    // The files as a Buffer shows itself.
    expect(text).not.toMatch(/<Buffer|Uint8Array/)
  }

  const secretive = [
    `sslmode=require&sslcert=<ca>&${IDENTITY}`,
    "sslmode=require&sslcert=<clientCertificate>&sslkey=<clientKey>&sslrootcert=<ca>",
    `sslmode=require&sslcert=<clientCertificate>&sslkey=<encryptedKey>&sslpassword=${password}&sslrootcert=<ca>`,
  ]
  test.each(secretive)("in the configuration of %s", (parameters) => {
    const config = poolConfigFromUrl(server.tlsUrl(parameters))
    expectNoSecret(everythingOf(config))
    expectNoSecret(JSON.stringify(config))
  })

  test.each(secretive)("in a pool, its connections and a client of %s", async (parameters) => {
    const url = server.tlsUrl(parameters, DATABASES.certificate)
    const pool = createPool(url)
    const connection = await pool.connect()
    expectNoSecret(everythingOf(pool))
    expectNoSecret(JSON.stringify(pool.options))
    connection.release()
    await pool.end()
    const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
    await client.mission.count()
    expectNoSecret(everythingOf(client))
    await client.$disconnect()
  })

  test("in errors and warnings", async () => {
    const warnings = await collectWarnings(async () => {
      poolConfigFromUrl(server.tlsUrl(`sslmode=disable&${IDENTITY}`))
      poolConfigFromUrl(server.tlsUrl(`sslmode=require&sslcert=<ca>&sslpassword=${password}`))
    })
    expectNoSecret(warnings.join("\n"))
    const strange = IDENTITY.replace("<identity>", "<strangeIdentity>")
    const url = server.tlsUrl(`sslmode=require&sslcert=<ca>&${strange}`, DATABASES.certificate)
    for (const error of [
      problems(`sslmode=require&sslidentity=<ca>&sslpassword=${password}`),
      await rejection(throughPool(url)),
      await rejection(throughPrisma(url)),
    ]) {
      expectNoSecret(everythingOf(error))
    }
  })
})

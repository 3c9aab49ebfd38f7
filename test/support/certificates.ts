import { createPrivateKey, generateKeyPair } from "node:crypto"
import { chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import forge from "node-forge"
import { expect } from "vitest"
import { Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient, createPool } from "../../src/index.ts"
import { eventually, rejection } from "./helpers.ts"
import { type PostgresServer, ROLE, startPostgres } from "./server.ts"

/** The password of the client's files: nothing may ever print it. ASCII, since forge mistakes anything else. */
export const SSL_PASSWORD = "p12 secret & %+/"

/** What a server may present: for 127.0.0.1 and localhost unless its name says otherwise, and all of one key. */
export type ServerCertificate = "right" | "otherHost" | "name" | "address" | "expired" | "selfSigned"

/** Certificates of a private CA, in PEM, and the files that a URL names. */
export interface Certificates {
  readonly directory: string
  readonly ca: string
  readonly server: Readonly<Record<ServerCertificate, string>>
  readonly serverKey: string
  readonly clientKey: string
  readonly files: {
    readonly ca: string
    /** A CA that signed nothing of the server's. */
    readonly otherCa: string
    readonly selfSigned: string
    /** The client's certificate, for the role's name. */
    readonly clientCertificate: string
    readonly clientKey: string
    /** The same, encrypted with {@link SSL_PASSWORD}. */
    readonly encryptedKey: string
    /** The client's certificate and key in PKCS#12, encrypted with {@link SSL_PASSWORD}. */
    readonly identity: string
    /** The same from the CA that the server does not know. */
    readonly strangeIdentity: string
  }
  remove(): Promise<void>
}

/** Makes them all, in about a second. */
export async function makeCertificates(): Promise<Certificates> {
  const [caKey, serverKey, clientKey] = await Promise.all([newKey(), newKey(), newKey()])
  const ca: Issuer = { certificate: sign({ name: "Private CA", key: caKey, profile: CA }), key: caKey }
  const otherCa: Issuer = {
    certificate: sign({ name: "Another CA", key: clientKey, profile: CA }),
    key: clientKey,
  }
  const server = (order: Partial<Order>) =>
    pem(sign({ name: "server", key: serverKey, issuer: ca, profile: serverOf(HERE), ...order }))
  const client = (issuer: Issuer) => sign({ name: ROLE.user, key: clientKey, issuer, profile: CLIENT })

  const directory = await mkdtemp(join(tmpdir(), "prisma-pool-config-tls-"))
  async function file(name: string, content: string | Buffer): Promise<string> {
    const path = join(directory, name)
    await writeFile(path, content)
    return path
  }
  const certificates = {
    right: server({}),
    otherHost: server({ profile: serverOf(ELSEWHERE) }),
    name: server({ profile: serverOf([NAME]) }),
    address: server({ profile: serverOf([ADDRESS]) }),
    expired: server({ days: [-2, -1] }),
    selfSigned: server({ issuer: undefined }),
  }
  return {
    directory,
    ca: pem(ca.certificate),
    server: certificates,
    serverKey: serverKey.pem,
    clientKey: clientKey.pem,
    files: {
      ca: await file("ca.pem", pem(ca.certificate)),
      otherCa: await file("other-ca.pem", pem(otherCa.certificate)),
      selfSigned: await file("self-signed.pem", certificates.selfSigned),
      clientCertificate: await file("client.pem", pem(client(ca))),
      clientKey: await file("client.key", clientKey.pem),
      encryptedKey: await file("client-encrypted.key", encrypted(clientKey)),
      identity: await file("client.p12", pkcs12(client(ca), clientKey)),
      strangeIdentity: await file("strange.p12", pkcs12(client(otherCa), clientKey)),
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

interface Key {
  readonly pem: string
  readonly private: forge.pki.rsa.PrivateKey
}

interface Issuer {
  readonly certificate: forge.pki.Certificate
  readonly key: Key
}

interface Order {
  readonly name: string
  readonly key: Key
  /** Without one it signs itself. */
  readonly issuer?: Issuer | undefined
  /** X.509 extensions. */
  readonly profile: object[]
  /** From and to, in days from now. */
  readonly days?: readonly [number, number]
}

const CA = [
  { name: "basicConstraints", cA: true, critical: true },
  { name: "keyUsage", keyCertSign: true, critical: true },
]
const CLIENT = [{ name: "extKeyUsage", clientAuth: true }]
const serverOf = (altNames: object[]) => [
  { name: "extKeyUsage", serverAuth: true },
  { name: "subjectAltName", altNames },
]
// Type 2 is a name, 7 an address.
const NAME = { type: 2, value: "localhost" }
const ADDRESS = { type: 7, ip: "127.0.0.1" }
const HERE = [NAME, ADDRESS]
const ELSEWHERE = [{ type: 2, value: "db.example.com" }]

let serialNumber = 1

function sign({ name, key, issuer, profile, days: [from, to] = [-1, 1] }: Order): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate()
  const subject = [{ name: "commonName", value: name }]
  certificate.publicKey = forge.pki.setRsaPublicKey(key.private.n, key.private.e)
  certificate.serialNumber = (serialNumber++).toString(16).padStart(4, "0")
  certificate.validity = { notBefore: inDays(from), notAfter: inDays(to) }
  certificate.setSubject(subject)
  certificate.setIssuer(issuer?.certificate.subject.attributes ?? subject)
  certificate.setExtensions(profile)
  certificate.sign((issuer?.key ?? key).private, forge.md.sha256.create())
  return certificate
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000)

const pem = (certificate: forge.pki.Certificate) => forge.pki.certificateToPem(certificate)

/** By Node, which is ten times as fast. */
async function newKey(): Promise<Key> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  })
  return { pem: privateKey, private: forge.pki.privateKeyFromPem(privateKey) }
}

const encrypted = ({ pem }: Key) =>
  createPrivateKey(pem).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: SSL_PASSWORD,
  })

function pkcs12(certificate: forge.pki.Certificate, key: Key): Buffer {
  const store = forge.pkcs12.toPkcs12Asn1(key.private, certificate, SSL_PASSWORD, { algorithm: "aes256" })
  return Buffer.from(forge.asn1.toDer(store).getBytes(), "latin1")
}

/** A server with TLS, whose settings change from one connection to the next. */
export interface TlsServer extends PostgresServer {
  readonly certificates: Certificates
  /** A URL in whose parameters `<ca>` stands for the path of that file; see {@link Certificates.files}. */
  tlsUrl(parameters: string, database?: string): string
  /** Presents this certificate from now on, with these settings; undefined: it has no TLS. */
  present(certificate: ServerCertificate | undefined, settings?: Record<string, string>): Promise<void>
}

/** The databases of {@link startTlsServer}, by what the server demands of the ordinary role there. */
export const DATABASES = {
  anything: "core",
  tls: "tls_only",
  passwordAndCertificate: "password_and_certificate",
  certificate: "certificate_only",
} as const

/** The first that matches counts: https://www.postgresql.org/docs/current/auth-pg-hba-conf.html */
const RULES = `
host       all                                   postgres  all  scram-sha-256
hostnossl  ${DATABASES.tls}                      all       all  reject
hostssl    ${DATABASES.passwordAndCertificate}   all       all  scram-sha-256  clientcert=verify-full
hostssl    ${DATABASES.certificate}              all       all  cert
host       ${DATABASES.anything},${DATABASES.tls} all      all  scram-sha-256
local      ${DATABASES.anything}                 all            scram-sha-256
`

/** It starts without TLS. */
export async function startTlsServer(
  settings?: Record<string, string>,
  onLog?: (text: string) => void,
): Promise<TlsServer> {
  const [server, certificates] = await Promise.all([startPostgres(settings, onLog), makeCertificates()])
  const data = await show(server, "data_directory")
  const { uid, gid } = await stat(data)
  async function give(name: string, content: string): Promise<void> {
    // The server reads no key that others might.
    await writeFile(join(data, name), content, { mode: 0o600 })
    await chown(join(data, name), uid, gid)
  }
  await Promise.all([
    give("server.key", certificates.serverKey),
    give("ca.pem", certificates.ca),
    ...Object.entries(certificates.server).map(([name, pem]) => give(`${name}.pem`, pem)),
    writeFile(await show(server, "hba_file"), RULES),
  ])
  for (const database of Object.values(DATABASES)) await server.createDatabase(database)

  let changed: string[] = []
  async function change(wanted: Record<string, string>): Promise<void> {
    for (const name of changed) await server.sql(`ALTER SYSTEM RESET ${name}`)
    for (const [name, value] of Object.entries(wanted)) {
      await server.sql(`ALTER SYSTEM SET ${name} = '${value}'`)
    }
    changed = Object.keys(wanted)
    const before = await lastRead(server)
    await server.sql("SELECT pg_reload_conf()")
    // When a new connection sees the new settings, the next one gets the new certificate.
    await eventually("the settings are read", async () => (await lastRead(server)) !== before)
  }

  return {
    ...server,
    certificates,
    tlsUrl(parameters, database) {
      const files: Record<string, string> = certificates.files
      const named = parameters.replace(/<(\w+)>/g, (_, name: string) => encodeURIComponent(files[name] ?? ""))
      return `${server.url(database)}?${named}`
    },
    present: (certificate, settings = {}) =>
      certificate === undefined
        ? change({ ssl: "off" })
        : change({ ssl: "on", ssl_cert_file: `${certificate}.pem`, ssl_ca_file: "ca.pem", ...settings }),
    async destroy() {
      await server.destroy()
      await certificates.remove()
    },
  }
}

async function show(server: PostgresServer, setting: string): Promise<string> {
  const [row] = await server.sql<Record<string, string>>(`SHOW ${setting}`)
  return row?.[setting] ?? ""
}

async function lastRead(server: PostgresServer): Promise<string> {
  const [row] = await server.sql<{ at: string }>("SELECT pg_conf_load_time()::text AS at")
  return row?.at ?? ""
}

/** How the server sees the connection that asks. */
export const CONNECTION_STATE =
  "SELECT ssl, version, client_dn AS client FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
export interface ConnectionState {
  ssl: boolean
  version: string | null
  client: string | null
}

export async function throughPool(url: string): Promise<ConnectionState | undefined> {
  const pool = createPool(url)
  try {
    return (await pool.query<ConnectionState>(CONNECTION_STATE)).rows[0]
  } finally {
    await pool.end()
  }
}

export async function throughPrisma(url: string): Promise<ConnectionState | undefined> {
  const client = createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
  try {
    await client.mission.findMany()
    return (await client.$queryRawUnsafe<ConnectionState[]>(CONNECTION_STATE))[0]
  } finally {
    await client.$disconnect()
  }
}

/** Connects both ways, and expects the server to see the same. */
export async function expectConnection(url: string, expected: Partial<ConnectionState>): Promise<void> {
  expect(await throughPool(url)).toMatchObject(expected)
  expect(await throughPrisma(url)).toMatchObject(expected)
}

/** Expects P1011 with this text, both ways. */
export async function expectTlsError(url: string, text: RegExp): Promise<void> {
  const errors = [await rejection(throughPool(url)), await rejection(throughPrisma(url))]
  for (const error of errors) {
    expect(error).toMatchObject({ code: "P1011" })
    expect(error.message).toMatch(/^Error opening a TLS connection: |\nError opening a TLS connection: /)
    expect(error.message).toMatch(text)
  }
  expect(errors[1]).toBeInstanceOf(Prisma.PrismaClientKnownRequestError)
}

export const ENCRYPTED = { ssl: true }
export const PLAIN = { ssl: false }

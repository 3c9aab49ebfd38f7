// Several processes whose pools are cold begin at the same moment, as in a deploy: before the limit of four openings, and with it.
import type { Stats } from "node:fs"
import { chown, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import forge from "node-forge"
import pg from "pg"
import type { Scope } from "../../test/support/scope.ts"
import { type PostgresServer, startPostgres } from "../../test/support/server.ts"
import type { ColdStart } from "../processes/cold-pool.ts"
import type { Ground } from "../scenario.ts"
import { inPairs, type Pair } from "../side-by-side.ts"
import { most, quantile } from "../statistics.ts"
import { type Child, startChild } from "./child.ts"

export const PROCESSES = [1, 6] as const
export const HOLDS_MS = [0, 100] as const
const PAIRS = 4

/** One moment at which all pools were cold. */
export interface Start {
  /** Milliseconds until the last caller was served, and half of them. */
  readonly last: number
  readonly half: number
  readonly connections: number
  /** The longest query of a client that is connected already. */
  readonly bystander: number
}

export interface ColdStarts {
  readonly processes: number
  readonly holdMillis: number
  /** a: before; b: now. */
  readonly pairs: readonly Pair<Start>[]
}

/** A server with TLS and SCRAM, as managed ones are. */
export async function startTlsServer(scope: Scope): Promise<PostgresServer> {
  const keys = forge.pki.rsa.generateKeyPair(2048)
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = keys.publicKey
  certificate.validity.notAfter.setFullYear(certificate.validity.notBefore.getFullYear() + 1)
  certificate.setSubject([{ name: "commonName", value: "127.0.0.1" }])
  certificate.setIssuer(certificate.subject.attributes)
  certificate.sign(keys.privateKey, forge.md.sha256.create())
  const server = await startPostgres({ max_connections: 200 })
  scope.atEnd(() => server.destroy())
  const [row] = await server.sql<{ directory: string }>(
    "SELECT current_setting('data_directory') AS directory",
  )
  const directory = row?.directory ?? ""
  const files = [join(directory, "bench.crt"), join(directory, "bench.key")] as const
  const owner = await stat(directory)
  await writeFor(owner, files[0], forge.pki.certificateToPem(certificate))
  await writeFor(owner, files[1], forge.pki.privateKeyToPem(keys.privateKey))
  for (const [name, value] of [
    ["ssl_cert_file", files[0]],
    ["ssl_key_file", files[1]],
    ["ssl", "on"],
  ]) {
    await server.sql(`ALTER SYSTEM SET ${name} = '${value}'`)
  }
  await server.sql("SELECT pg_reload_conf()")
  await server.createDatabase("core", "core")
  return server
}

async function writeFor(owner: Stats, path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 })
  await chown(path, owner.uid, owner.gid)
}

type Pool = Child<number, ColdStart>

/** Lets all pools start, beside a client that asks the server all the time. */
async function start(pools: readonly Pool[], holdMillis: number, admin: string): Promise<Start> {
  const bystander = new pg.Client(admin)
  await bystander.connect()
  const asked: number[] = []
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const begin = performance.now()
      await bystander.query("SELECT 1")
      asked.push(performance.now() - begin)
    }
  })()
  const starts = await Promise.all(pools.map((pool) => pool.ask(holdMillis)))
  isOver = true
  await asking
  await bystander.end()
  const millis = starts.flatMap((each) => each.millis)
  return {
    last: most(millis),
    half: quantile(millis, 50),
    connections: starts.reduce((sum, { connections }) => sum + connections, 0),
    bystander: most(asked),
  }
}

export async function coldStarts(ground: Ground, earlier: string): Promise<ColdStarts[]> {
  const server = await startTlsServer(ground.scope)
  const url = server.url("core", {
    sslmode: "require",
    sslaccept: "accept_invalid_certs",
    connection_limit: 15,
    pool_timeout: 60,
  })
  const env = { DATABASE_URL_CORE: url }
  const started = async (project: string) =>
    Promise.all(
      Array.from({ length: Math.max(...PROCESSES) }, () =>
        startChild<number, ColdStart>(ground, project, "cold-pool.js", env),
      ),
    )
  const [before, now] = [await started(earlier), await started(ground.project)]
  const all: ColdStarts[] = []
  for (const processes of PROCESSES) {
    for (const holdMillis of HOLDS_MS) {
      const one = (pools: readonly Pool[]) => () =>
        start(pools.slice(0, processes), holdMillis, server.adminUrl("core"))
      await one(before)()
      await one(now)()
      all.push({ processes, holdMillis, pairs: await inPairs(PAIRS, one(before), one(now)) })
    }
  }
  for (const pool of [...before, ...now]) pool.stop()
  return all
}

import { spawnSync } from "node:child_process"
import { chmod, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parse } from "dotenv"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { createPool } from "../../src/index.ts"
import { startTlsServer, type TlsServer } from "../support/certificates.ts"
import { installed, PATH } from "../support/client-tools.ts"
import { command, directoryWith, words } from "../support/command.ts"
import { countBackends, eventually, openAll, rejection, sampleBackends, times } from "../support/helpers.ts"
import { type PgBouncer, startPgBouncerWith } from "../support/pgbouncer.ts"
import { PooledProcess } from "../support/pooled-process.ts"
import { markedLines } from "../support/read-ini.ts"
import { ROLE } from "../support/server.ts"

const VERSION = Number(/^\d+/.exec(process.env["POSTGRES_VERSION"] ?? "18")?.[0])
const SLOTS = 30
const POOLS = [{ database: "core", user: ROLE.user }]

/** Four processes with 15 connections each: twice as many as the server has slots. */
const FLEET = {
  maxConnections: SLOTS,
  consumers: { api: { instances: 4, surge: 1, poolSize: 15, pooler: "pgbouncer" } },
  poolers: { pgbouncer: { instances: 1, surge: 1, pools: POOLS } },
}

/** Small pools whose clients can fill them alone: no process of the pooler is added. */
const SMALL = {
  maxConnections: SLOTS,
  consumers: { api: { instances: 2, surge: 0, poolSize: 3, pooler: "pgbouncer" } },
  poolers: { pgbouncer: { instances: 1, surge: 0, poolSize: 3, pools: POOLS } },
}

/** What a plan prints, each part as its user takes it out of the file. */
interface Printed {
  readonly ini: string
  readonly sql: string
  readonly environment: Readonly<Record<string, string>>
  readonly poolSize: number
  /** What the plan says of the worst instant, in a deploy. */
  readonly worst: number
}

async function planned(fleet: object): Promise<Printed> {
  const files = { "pool.config.json": fleet }
  const { code, out } = await command(words("plan --format pgbouncer"), { files })
  expect(code).toBe(0)
  const [{ check, poolers }] = JSON.parse((await command(words("plan --format json"), { files })).out).servers
  return {
    ini: out,
    sql: markedLines(out, ";sql"),
    environment: parse(markedLines(out, ";env")),
    poolSize: poolers.pgbouncer.poolSize,
    worst: check.poolers.pgbouncer.deploy.total,
  }
}

let server: TlsServer
let log = ""
beforeAll(async () => {
  server = await startTlsServer({ max_connections: `${SLOTS}` }, (text) => {
    log += text
  })
  await server.present("right")
  // As root PgBouncer runs as another user, who reads the CA.
  await chmod(server.certificates.directory, 0o755)
})
afterAll(() => server.destroy())

/** Starts what is printed, with nothing changed but what only its user knows. */
async function start({ ini }: Printed): Promise<PgBouncer> {
  const bouncer = await startPgBouncerWith(({ port, authFile }) => {
    const own: Readonly<Record<string, string>> = {
      "host=DATABASE_HOST port=5432": `host=127.0.0.1 port=${server.port}`,
      "listen_addr = *": "listen_addr = 127.0.0.1",
      "listen_port = 6432": `listen_port = ${port}`,
      "/etc/pgbouncer/userlist.txt": authFile,
      "/etc/pgbouncer/server-ca.pem": server.certificates.files.ca,
      pgbouncer_admin: "postgres",
    }
    return Object.entries(own).reduce((text, [placeholder, value]) => {
      expect(text).toContain(placeholder)
      return text.replaceAll(placeholder, value)
    }, ini)
  })
  onTestFinished(() => bouncer.destroy())
  return bouncer
}

/** The environment that is printed, for a pooler that listens there. */
function environmentFor({ environment }: Printed, { port }: PgBouncer): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]) => [
    name,
    value
      .replace("PASSWORD", encodeURIComponent(ROLE.password))
      .replace("PGBOUNCER_HOST:6432", `127.0.0.1:${port}`),
  ])
  return Object.fromEntries(entries)
}

function client(env: Record<string, string>): PooledProcess {
  const process = new PooledProcess(env)
  onTestFinished(() => process.kill())
  return process
}

/** Runs statements by psql, and takes back what they have set when the test is over. */
async function enforce(sql: string): Promise<void> {
  onTestFinished(async () => {
    await server.sql(`ALTER ROLE ${ROLE.user} RESET ALL; ALTER ROLE ${ROLE.user} CONNECTION LIMIT -1`)
  })
  const directory = await directoryWith({})
  const file = join(directory, "limits.sql")
  await writeFile(file, sql)
  const { status, stderr } = spawnSync(
    "psql",
    ["-XAtq", "-v", "ON_ERROR_STOP=1", "-f", file, server.adminUrl("core")],
    { encoding: "utf8", env: { PATH } },
  )
  expect([status, stderr]).toEqual([0, ""])
}

const HANGING =
  "SELECT count(*)::int AS count FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' || $1 || '%' AND state = 'active' AND usename = $2"
/** The queries of a client that run for ten minutes. */
async function hanging({ pid }: PooledProcess): Promise<number> {
  const [row] = await server.sql<{ count: number }>(HANGING, [`/* ${pid} */`, ROLE.user])
  return row?.count ?? 0
}
const endHanging = () =>
  server.sql(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()",
  )

/** Asks every process to have served some more. */
async function progress(processes: readonly PooledProcess[]): Promise<string[]> {
  const errors: string[] = []
  for (const process of processes) {
    const before = await process.tell("tell")
    errors.push(...before.errors)
    await eventually("it has served some more", async () => {
      const now = await process.tell("tell")
      errors.push(...now.errors)
      return now.served > before.served + 10
    })
  }
  return errors
}

const REFUSED = /53300|P2037|too many|remaining connection slots/

describe.runIf(installed("pgbouncer", "psql") && VERSION >= 14)("what is printed, with PgBouncer", () => {
  test("a fleet of twice the server's slots is served, through all that may happen, within the plan", async () => {
    const printed = await planned(FLEET)
    expect([printed.poolSize, printed.worst]).toEqual([6, 2 * 6 + 2 * 6])
    await enforce(printed.sql)
    const bouncer = await start(printed)
    const env = environmentFor(printed, bouncer)
    log = ""

    const during = async () => {
      const fleet = times(4, () => client(env))
      for (const each of fleet) await each.tell("work")
      const errors = await progress(fleet)
      await eventually(
        "the pool is full",
        async () => (await countBackends(server, "core")) >= printed.poolSize,
      )

      for (const order of ["RELOAD", "RECONNECT", "RECONNECT", "RELOAD", "RECONNECT"]) {
        await bouncer.console(order)
        errors.push(...(await progress(fleet)))
      }

      const impatient = createPool(`${env["DATABASE_URL_CORE"]}&socket_timeout=1`)
      const cancelled = await Promise.all(times(6, () => rejection(impatient.query("SELECT pg_sleep(5)"))))
      expect(cancelled.map(({ code }) => code)).toEqual(times(6, () => "P1008"))
      await impatient.end()
      errors.push(...(await progress(fleet)))

      for (let round = 0; round < 3; round += 1) {
        const vanishing = client(env)
        await vanishing.tell("hang")
        await eventually("it has the whole pool", async () => (await hanging(vanishing)) === printed.poolSize)
        await vanishing.kill()
        errors.push(...(await progress(fleet)))
      }
      expect(errors).toEqual([])

      // A deploy of the clients, and of PgBouncer beside them: one new process for each old one.
      const next = await start(printed)
      for (const [index, old] of [...fleet].entries()) {
        const replacement = client(environmentFor(printed, next))
        await replacement.tell("work")
        await progress([replacement])
        expect((await old.tell("stop")).errors).toEqual([])
        await old.kill()
        fleet[index] = replacement
        if (index !== 1) continue
        // The worst instant of the plan: both are full, and a client of one vanishes.
        const vanishing = client(environmentFor(printed, next))
        await vanishing.tell("hang")
        await eventually(
          "it has the whole pool of the new one",
          async () => (await hanging(vanishing)) === printed.poolSize,
        )
        await vanishing.kill()
        expect(await progress(fleet)).toEqual([])
      }
      await bouncer.kill("SIGTERM")
      expect(await progress(fleet)).toEqual([])

      // What is on its way when PgBouncer ends is lost, and nothing else is.
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        await next.kill(signal)
        await next.start()
        const lost = await progress(fleet)
        expect(lost.filter((error) => REFUSED.test(error))).toEqual([])
        expect(await progress(fleet)).toEqual([])
      }
      for (const each of fleet) expect((await each.tell("stop")).errors).toEqual([])
    }

    const { peak, samples } = await sampleBackends(server, "core", during)
    expect(samples).toBeGreaterThan(100)
    expect(peak).toBeGreaterThanOrEqual(printed.poolSize)
    expect(peak).toBeLessThanOrEqual(printed.worst)
    expect(log.split("\n").filter((line) => REFUSED.test(line))).toEqual([])
  })

  /** Whether each of so many clients in a row is served, after the one before was killed in the middle of its queries. */
  async function servedInARow(sql: string, count: number): Promise<boolean[]> {
    const printed = await planned(SMALL)
    await enforce(sql)
    const bouncer = await start({
      ...printed,
      ini: printed.ini.replace("query_wait_timeout = 20", "query_wait_timeout = 3"),
    })
    onTestFinished(async () => void (await endHanging()))
    const served: boolean[] = []
    for (let index = 0; index < count; index += 1) {
      const each = client(environmentFor(printed, bouncer))
      await each.tell("work")
      await eventually("it is served, or told that it is not", async () => {
        const answer = await each.tell("tell")
        if (answer.served + answer.errors.length > 0) served.push(answer.served > 0)
        return served.length > index
      })
      await each.kill()
      if (served[index] !== true) return served
      const vanishing = client(environmentFor(printed, bouncer))
      await vanishing.tell("hang")
      await eventually("its queries run", async () => (await hanging(vanishing)) === printed.poolSize)
      await vanishing.kill()
    }
    return served
  }

  test("clients that are killed in their queries cost the others nothing", async () => {
    const { sql } = await planned(SMALL)
    expect(await servedInARow(sql, 4)).toEqual([true, true, true, true])
  })

  test("without client_connection_check_interval the room for orphans is used up", async () => {
    const { sql } = await planned(SMALL)
    const without = sql.replace(/^ALTER ROLE .* SET client_connection_check_interval .*$/m, "")
    expect(without).not.toBe(sql)
    expect(await servedInARow(without, 4)).toEqual([true, true, false])
  })

  test("without the room for orphans either, the first that is killed blocks the next", async () => {
    const { sql, worst, poolSize } = await planned(SMALL)
    expect(worst).toBe(2 * poolSize)
    const without = sql
      .replace(/^ALTER ROLE .* SET client_connection_check_interval .*$/m, "")
      .replace(`CONNECTION LIMIT ${worst};`, `CONNECTION LIMIT ${poolSize};`)
    expect(await servedInARow(without, 4)).toEqual([true, false])
  })

  test.each(["1.16", "1.17", "1.18"])("a file for %s starts here", async (version) => {
    const sized = {
      user: ROLE.user,
      poolSize: 2,
      reservePoolSize: 1,
      maxDbConnections: 2,
      maxUserConnections: 9,
    }
    const pools = [
      { database: "core", user: ROLE.user },
      { database: "other.name-1", ...sized },
    ]
    const pooler = {
      instances: 2,
      pools,
      poolSize: 3,
      reservePoolSize: 2,
      maxDbConnections: 5,
      maxUserConnections: 9,
    }
    const lookup = { instances: 1, pools: POOLS, poolSize: 3, authUser: "lookup" }
    for (const each of [pooler, lookup]) {
      const files = { "pool.config.json": { ...SMALL, maxConnections: 200, poolers: { pgbouncer: each } } }
      const { code, out } = await command(words(`plan --format pgbouncer --pgbouncer-version ${version}`), {
        files,
      })
      expect(code).toBe(0)
      const bouncer = await start({ ...(await planned(SMALL)), ini: out })
      expect(await bouncer.sql("SELECT 1 AS one", [], "core")).toEqual([{ one: 1 }])
    }
  })
})

test("its sampler and its waits see what they are about", async () => {
  const pool = createPool(server.url("core", { connection_limit: 2, sslmode: "disable" }))
  const { peak } = await sampleBackends(server, "core", async (sampled) => {
    await openAll(pool, 2)
    await sampled()
  })
  expect(peak).toBe(2)
  await pool.end()
})

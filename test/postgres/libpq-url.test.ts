import { execFile } from "node:child_process"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import fc from "fast-check"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createPool, PoolConfigError, poolConfigFromUrl, toLibpqUrl } from "../../src/index.ts"
import { installed, PATH } from "../support/client-tools.ts"
import { runs } from "../support/properties.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

const run = promisify(execFile)
// Nothing of the machine's own: no PGHOST, no ~/.pgpass, no service.
const env = { PATH, HOME: "/nonexistent", PGCLIENTENCODING: "UTF8" }

let server: PostgresServer
let socketDirectory: string
beforeAll(async () => {
  if (!installed("psql", "pg_dump")) return
  socketDirectory = await mkdtemp(join(tmpdir(), "libpq:eu:"))
  // The server is another user's where the tests are root's.
  await chmod(socketDirectory, 0o777)
  server = await startPostgres({
    listen_addresses: "127.0.0.1,::1",
    unix_socket_directories: socketDirectory,
  })
  await server.createDatabase("core")
})
afterAll(async () => {
  await server?.destroy()
  if (socketDirectory) await rm(socketDirectory, { recursive: true, force: true })
})

interface Session {
  readonly user: string
  readonly database: string
  readonly schema: string | null
  /** Null where it came by a Unix socket. */
  readonly address: string | null
  readonly settings: Record<string, string>
}

/** The session that psql opens with the libpq form of this URL. */
async function psql(url: string): Promise<Session> {
  const sql = `SELECT json_build_object('user', current_user, 'database', current_database(),
    'schema', current_schema(), 'address', inet_client_addr(), 'settings', (SELECT json_object_agg(name, setting) FROM pg_settings))`
  const { stdout } = await run("psql", ["-XAt", "-c", sql, toLibpqUrl(url)], { env })
  return JSON.parse(stdout)
}

describe.runIf(installed("psql"))("psql", () => {
  test("takes every parameter, and those that are the server's take effect", async () => {
    await server.sql(`CREATE SCHEMA "tenant two" AUTHORIZATION ${ROLE.user}`, [], "core")
    const url = server.url("core", {
      connection_limit: 5,
      pool_timeout: 20,
      connect_timeout: 7,
      socket_timeout: 30,
      max_idle_connection_lifetime: 300,
      max_connection_lifetime: 0,
      single_use_connections: "false",
      pgbouncer: "false",
      statement_cache_size: 100,
      schema: "tenant two",
      options: "-c work_mem=5MB",
      statement_timeout: 12_345,
      lock_timeout: 2_345,
      idle_in_transaction_session_timeout: 34_567,
      application_name: "nightly dump",
      sslmode: "prefer",
      sslaccept: "accept_invalid_certs",
      channel_binding: "prefer",
      keepalives: 1,
      keepalives_idle: 60,
      target_session_attrs: "any",
      sslidentity: "/no/such.p12",
      sslpassword: "s3cret",
      query_timeout: 1_000,
      nobody_knows: "this + that",
    })
    expect(await psql(url)).toMatchObject({
      user: ROLE.user,
      database: "core",
      schema: "tenant two",
      settings: {
        application_name: "nightly dump",
        statement_timeout: "12345",
        lock_timeout: "2345",
        idle_in_transaction_session_timeout: "34567",
        work_mem: "5120",
      },
    })
  })

  test("gets Prisma's default database", async () => {
    expect(await psql(server.url("").replace(/\/$/, ""))).toMatchObject({ database: "postgres" })
    expect(await psql(server.url(""))).toMatchObject({ database: "postgres" })
  })

  test("gets a database with any name", async () => {
    const name = "a b:c/d?e#f%@é"
    await server.sql(`CREATE DATABASE "${name}"`)
    expect(await psql(server.url(encodeURIComponent(name)))).toMatchObject({ database: name })
  })

  test("gets the user and the password of the parameters", async () => {
    const password = encodeURIComponent(ROLE.password)
    const url = `postgresql://nobody:wrong@127.0.0.1:1/core?port=${server.port}&user=${ROLE.user}&password=${password}`
    expect(await psql(url)).toMatchObject({ user: ROLE.user, database: "core" })
  })

  test.each(["a@b:c", "100%", "%zz", "50%25%", "w+x", "a b", "^[|]", "é🐘", "a=b&c"])(
    "gets the password %j as it stands in the URL",
    async (raw) => {
      // What is percent-encoded is decoded, and nothing else is.
      const password = raw.replace("%25", "%")
      await server.sql(`CREATE ROLE raw LOGIN PASSWORD ${pg.escapeLiteral(password)}`)
      expect(await psql(`postgresql://raw:${raw}@127.0.0.1:${server.port}/core`)).toMatchObject({
        user: "raw",
      })
      await server.sql("DROP ROLE raw")
    },
  )

  test.each([
    "tcp_user_timeout=%00",
    "tcp_user_timeout=soon",
    "keepalives_count=1.5",
    "keepalives_interval=x",
    "gssencmode=maybe",
    "target_session_attrs=whatever",
    "krbsrvname=a%00b",
  ])("and toLibpqUrl refuse %s alike", async (parameter) => {
    const url = `${server.url("core")}?${parameter}`
    await expect(run("psql", ["-XAt", "-c", "SELECT 1", url], { env })).rejects.toThrow()
    expect(() => toLibpqUrl(url)).toThrow(PoolConfigError)
  })

  const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === "::1"),
  )
  test.runIf(hasIpv6)("reaches an IPv6 address", async () => {
    expect(await psql(server.url().replace("127.0.0.1", "[::1]"))).toMatchObject({ address: "::1" })
  })

  test.each([
    ["the host parameter", (url: string) => `${url}?host=${encodeURIComponent(socketDirectory)}`],
    [
      "the host parameter, with none before it",
      (url: string) => `${url.replace("127.0.0.1", "")}?host=${socketDirectory}`,
    ],
    ["an encoded host", (url: string) => url.replace("127.0.0.1", encodeURIComponent(socketDirectory))],
  ])("reaches a Unix socket by %s, as a pool does", async (_name, urlOf) => {
    const url = urlOf(server.url())
    expect(await psql(url)).toMatchObject({ user: ROLE.user, database: "core", address: null })
    const pool = createPool(url)
    const { rows } = await pool.query("SELECT current_database() AS database, inet_client_addr() AS address")
    expect(rows).toEqual([{ database: "core", address: null }])
    await pool.end()
  })

  test("a raw : in the directory of a socket is named, and %3A reaches it", async () => {
    const directory = encodeURIComponent(socketDirectory)
    const raw = server.url().replace("127.0.0.1", directory.replaceAll("%3A", ":"))
    expect(() => toLibpqUrl(raw)).toThrow("Write %3A for it")
    expect(await psql(raw.replace("libpq:eu:", "libpq%3Aeu%3A"))).toMatchObject({ address: null })
  })

  test("keeps a search_path that is wider than the schema", async () => {
    await server.sql(`CREATE SCHEMA wide AUTHORIZATION ${ROLE.user}`, [], "core")
    const session = await psql(
      server.url("core", { schema: "wide", options: "-c search_path=wide,public", lock_timeout: 77 }),
    )
    expect(session.settings).toMatchObject({ search_path: "wide,public", lock_timeout: "77" })
  })

  test("parses any user, password, schema and parameters", async () => {
    const difficult = fc.constantFrom(..."a'\"\\ ;,$%+&=?#/@:|<>[]{}^`~!*().-_é🐘")
    const text = (maxLength: number) =>
      fc
        .oneof(
          fc.string({ unit: difficult, minLength: 1, maxLength }),
          fc.string({ minLength: 1, maxLength }),
        )
        .filter((value) => value.trim() !== "")
    const sessions = fc.record({
      user: text(15),
      password: text(30),
      schema: text(15),
      application_name: fc.string({ minLength: 1, maxLength: 60 }).filter((name) => name.trim() !== ""),
      statement_timeout: fc.integer({ min: 60_000, max: 2_147_483_647 }),
    })
    let count = 0
    const property = fc.asyncProperty(sessions, async ({ password, ...session }) => {
      count += 1
      // Names that are no other run's, nor the system's.
      const [user, schema] = [`${count}${session.user}`, `${count}${session.schema}`]
      const role = pg.escapeIdentifier(user)
      await server.sql(
        `CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)};
         CREATE SCHEMA ${pg.escapeIdentifier(schema)} AUTHORIZATION ${role}`,
        [],
        "core",
      )
      const { application_name, statement_timeout } = session
      const query = Object.entries({ schema, application_name, statement_timeout })
        .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%20", "+")}`)
        .join("&")
      const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
      expect(await psql(`postgresql://${login}@127.0.0.1:${server.port}/core?${query}`)).toMatchObject({
        user,
        schema,
        settings: { application_name, statement_timeout: String(statement_timeout) },
      })
    })
    await fc.assert(property, runs(25))
  })
})

test.runIf(installed("pg_dump"))("pg_dump takes it", async () => {
  const url = server.url("core", { connection_limit: 5, schema: "public", statement_timeout: 60_000 })
  const { stdout: version } = await run("pg_dump", ["--version"], { env })
  const newest = Number(/[0-9]+/.exec(version)?.[0])
  const [row] = await server.sql<{ major: number }>(
    "SELECT current_setting('server_version_num')::int / 10000 AS major",
  )
  const dump = run("pg_dump", ["--schema-only", toLibpqUrl(url)], { env })
  if ((row?.major ?? 0) <= newest) {
    expect((await dump).stdout).toContain("CREATE TABLE public.mission")
  } else {
    // It says so when it has logged in, and dumps no server that is newer than itself.
    await expect(dump).rejects.toThrow(/server version mismatch/)
  }
})

/** https://www.postgresql.org/docs/13/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
const LIBPQ_13 =
  "host hostaddr port dbname user password passfile channel_binding connect_timeout client_encoding options application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout replication gssencmode sslmode requiressl sslcompression sslcert sslkey sslpassword sslrootcert sslcrl requirepeer ssl_min_protocol_version ssl_max_protocol_version krbsrvname gsslib service target_session_attrs".split(
    " ",
  )

describe("toLibpqUrl", () => {
  const query = (url: string) => toLibpqUrl(`postgresql://app@db/core?${url}`).split("?")[1] ?? ""

  test.each([
    ["connection_limit=5&pool_timeout=1&socket_timeout=2&pgbouncer=true&statement_cache_size=0", ""],
    ["unknown=1&connection_timeout=5&sslidentity=/a.p12&sslpassword=x", ""],
    ["schema=x&options=-c%20work_mem%3D5MB", "options=-c%20work_mem%3D5MB%20-c%20search_path%3D%22x%22"],
    ["schema=x&options=-c%20work_mem%3D5MB&statement_timeout=5&lock_timeout=6&pgbouncer=true", ""],
    ["application_name=a+b%2Bc", "application_name=a%20b%2Bc"],
    ["sslmode=disable", "sslmode=disable"],
    ["sslmode=prefer", "sslmode=prefer"],
    ["sslmode=require", "sslmode=require"],
    ["sslmode=no-verify", "sslmode=require"],
    ["sslmode=require&sslaccept=accept_invalid_certs", "sslmode=require"],
    ["sslmode=verify-full&sslrootcert=/ca.pem", "sslmode=verify-full&sslrootcert=%2Fca.pem"],
    ["sslmode=verify-ca&sslcert=/ca.pem", "sslmode=verify-ca&sslrootcert=%2Fca.pem"],
    ["sslmode=require&sslaccept=strict&sslcert=/ca.pem", "sslmode=verify-full&sslrootcert=%2Fca.pem"],
    ["sslmode=prefer&sslaccept=strict&sslcert=/ca.pem", "sslmode=verify-full&sslrootcert=%2Fca.pem"],
    ["sslaccept=strict&sslcert=/ca.pem", "sslmode=verify-full&sslrootcert=%2Fca.pem"],
    ["sslrootcert=system", "sslmode=verify-full&sslrootcert=system"],
    ["schema=x&options=endpoint%3Dep-1%20-c%20work_mem%3D5MB&pgbouncer=true", "options=endpoint%3Dep-1"],
    ["schema=x&options=--search_path%3Dx,y", "options=--search_path%3Dx%2Cy"],
    ["schema=x&options=--search_path%3Dy", "options=--search_path%3Dy%20-c%20search_path%3D%22x%22"],
  ])("%s becomes %j", (parameters, expected) => {
    expect(query(parameters)).toBe(expected)
  })

  test("leads to the application's server, even where libpq would read the URL otherwise", () => {
    expect(query("hostaddr=203.0.113.1")).toBe("")
    expect(query("service=other&passfile=/other")).not.toMatch(/service/)
  })

  // Found at random: `postgresql://:@db/?tcp_user_timeout=%00`.
  test.each(LIBPQ_13)("passes no %%00 on in %s", (name) => {
    const url = `postgresql://app@db/core?${name}=%00`
    let result = ""
    try {
      result = toLibpqUrl(url)
    } catch (error) {
      expect(error).toBeInstanceOf(PoolConfigError)
    }
    expect(result).not.toContain("%00")
  })

  const anything = fc.string({ unit: "binary", maxLength: 20 })
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 15 }).map((value) => `x${value}`)
  /** A valid parameter of each kind, and any that no row of the table checks. */
  const parameter = fc.oneof(
    fc.tuple(fc.constantFrom("schema", "application_name", "options", "sslpassword", "password"), text),
    fc.tuple(
      fc.constantFrom("statement_timeout", "lock_timeout", "connect_timeout"),
      fc.nat(9_999).map(String),
    ),
    fc.tuple(
      fc.constantFrom("pgbouncer", "single_use_connections"),
      fc.constantFrom("true", "false", "maybe"),
    ),
    fc.tuple(
      fc.constant("sslmode"),
      fc.constantFrom("disable", "prefer", "require", "no-verify", "verify-ca", "verify-full"),
    ),
    fc.tuple(fc.constant("sslaccept"), fc.constantFrom("strict", "accept_invalid_certs")),
    fc.tuple(fc.constantFrom("sslcert", "sslrootcert", "sslkey", "sslidentity"), text),
    fc.tuple(fc.constant("host"), fc.constantFrom("db", "/var/run", "::1", "")),
    fc.tuple(fc.constant("port"), fc.constantFrom("1", "5432", "0", "")),
    fc.tuple(fc.constantFrom(...LIBPQ_13, "nobody_knows"), anything),
  )
  const urls = fc
    .tuple(anything, anything, anything, fc.array(parameter, { maxLength: 6 }))
    .map(([user, password, database, parameters]) => {
      const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
      return `postgresql://${login}@db/${encodeURIComponent(database)}?${query.join("&")}`
    })

  /** The server options of the pool for a URL whose files do not exist. */
  function pool(url: string) {
    const { pool } = poolConfigFromUrl(url.replaceAll(/([?&])ssl\w+=[^&]*/g, "$1ssl=0"))
    const { host, port, database, user, options, application_name } = pool
    const password = typeof pool.password === "function" ? pool.password() : pool.password
    return { host, port, database, user, password, options, application_name }
  }

  test("gives a URL of libpq's own parameters that means the same here, or a PoolConfigError", () => {
    let given = 0
    const property = fc.property(urls, (url) => {
      let result: string
      try {
        result = toLibpqUrl(url)
      } catch (error) {
        expect(error).toBeInstanceOf(PoolConfigError)
        return
      }
      given += 1
      expect(result).toMatch(/^postgresql:\/\/[^\s+#]*$/)
      expect(result).not.toContain("%00")
      const names = [...new URLSearchParams(result.split("?")[1]).keys()]
      expect(names.filter((name) => !LIBPQ_13.includes(name))).toEqual([])
      expect(new Set(names).size).toBe(names.length)
      expect(pool(result)).toEqual(pool(url))
    })
    fc.assert(property, runs(2_000))
    expect(given).toBeGreaterThan(200)
  })

  test.each([
    "postgresql://app:\ud800@db/core",
    "postgresql://app@db/\udc00",
    "postgresql://app:p%00@db/core",
  ])("refuses %j, which no URL can say", (url) => {
    expect(() => toLibpqUrl(url)).toThrow(PoolConfigError)
  })
})

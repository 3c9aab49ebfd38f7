import { describe, expect, test } from "vitest"
import { MAIN, pgbouncer, REFUSED, REFUSED_HERE, SAMPLE } from "./pgbouncer-files.ts"

const lines = (file: ReturnType<typeof pgbouncer>) =>
  [...file.issues, ...file.failures].map(({ name, problem }) => `${name}: ${problem}`)

describe("a pgbouncer.ini is read as PgBouncer reads it:", () => {
  test("the sample that it comes with", () => {
    const file = pgbouncer(SAMPLE, {
      files: { "/etc/pgbouncer/userlist.txt": '"user1" "md5"\n;"no"\n\n"b""b" ""\n' },
    })
    expect(lines(file)).toEqual([])
    expect([...file.databases.keys()]).toEqual(["bardb", "forcedb", "nondefaultdb", "foodb", "bazdb", "*"])
    expect(file.databases.get("forcedb")?.values).toMatchObject({
      port: 300,
      user: "baz",
      connect_query: "SELECT 1",
    })
    expect(file.users.get("user1")?.values).toMatchObject({ pool_size: 5, pool_mode: "transaction" })
    expect([...(file.authUsers ?? [])]).toEqual(["user1", 'b"b'])
    expect(file.settings.get("unix_socket_mode")?.value).toBe(0o777)
    // By what it has: max_user_client_connections.
    expect(file.versions).toEqual({ least: 24, most: 26 })
  })

  test("a further [pgbouncer] takes every setting back, and says so", () => {
    const file = pgbouncer(
      "[pgbouncer]\ndefault_pool_size = 7\n[users]\n[pgbouncer]\nmax_client_conn = 0x20\n",
    )
    expect(file.settings.get("default_pool_size")).toBeUndefined()
    expect(file.settings.get("max_client_conn")?.value).toBe(32)
    expect(file.warnings).toHaveLength(1)
    expect(file.warnings[0]).toContain("pgbouncer.ini:4: a further [pgbouncer]")
  })

  test("an included file goes on in the section, and its own section goes on after it", () => {
    const text = `${MAIN}%include extra.ini\nu = pool_mode=session\n`
    const file = pgbouncer(text, { files: { "extra.ini": "default_pool_size = 3\r\n[users]\r\n" } })
    expect(lines(file)).toEqual([])
    expect(file.settings.get("default_pool_size")).toEqual({ value: 3, place: "extra.ini:1" })
    expect(file.users.has("u")).toBe(true)
  })

  test("an included file that is not there leaves everything open", () => {
    expect(pgbouncer(`${MAIN}%include gone.ini\n`).incomplete).toEqual([
      "pgbouncer.ini:4: includes a file that is not there, which may change any setting. Give it where this line names it, or beside pgbouncer.ini",
    ])
  })

  test("names in quotes, and values with quotes and spaces", () => {
    const file = pgbouncer(`[databases]\n"my ""db" = host = 'a b'  dbname='it''s'\n[pgbouncer]\n`)
    expect(file.databases.get('my "db')?.values).toEqual({ host: "a b", dbname: "it's" })
  })
})

describe("what PgBouncer refuses is named with file, line and key:", () => {
  test.each([...REFUSED, ...REFUSED_HERE])("%s", (_, text, problem) => {
    expect(lines(pgbouncer(text, { files: { self: "%include self\n" } }))).toEqual([problem])
  })

  test("the way it is written, where it is nearly that", () => {
    expect(pgbouncer(`${MAIN}MaxClientConn = 5\n`).issues[0]?.remedy).toBe("Write max_client_conn")
  })

  test("and no password, whatever is wrong around it", () => {
    const text = [
      "[databases]",
      "a = host=db password=s3cr3t pool_size=s3cr3t",
      "b = host=db password='s3cr3t",
      "c = password=top s3cr3t",
      "s3cr3t",
      "[s3cr3t]",
      "[pgbouncer]",
      "default_pool_size = s3cr3t",
    ].join("\n")
    const file = pgbouncer(text)
    expect(file.issues.length).toBeGreaterThan(4)
    expect(JSON.stringify([file.issues, file.failures, file.warnings, file.incomplete])).not.toContain(
      "s3cr3t",
    )
  })
})

describe("what a version does not know cannot work there:", () => {
  test.each([
    [
      18,
      "max_prepared_statements = 200",
      "pgbouncer.ini:4: max_prepared_statements: is a parameter since 1.21: PgBouncer 1.18 does not start with it",
    ],
    [
      24,
      "query_wait_notify = 5",
      "pgbouncer.ini:4: query_wait_notify: is a parameter since 1.25: PgBouncer 1.24 does not start with it",
    ],
    [
      26,
      "suspend_timeout = 5",
      "pgbouncer.ini:4: suspend_timeout: is in no version after 1.25: PgBouncer 1.26 does not start with it",
    ],
    [
      18,
      "[peers]",
      "pgbouncer.ini:4: [peers]: is a parameter since 1.19: PgBouncer 1.18 does not start with it",
    ],
    [
      22,
      "[users]\nu = pool_size=3",
      "pgbouncer.ini:5: u.pool_size: is a parameter since 1.23: PgBouncer 1.22 does not start with it",
    ],
    [
      23,
      "[databases]\nd = reserve_pool_size=3",
      "pgbouncer.ini:5: d.reserve_pool_size: is a parameter since 1.24: PgBouncer 1.23 does not start with it",
    ],
  ])("1.%d and %s", (version, text, problem) => {
    const file = pgbouncer(`${MAIN}${text}\n`, { version })
    expect(file.issues).toEqual([])
    expect(lines(file)).toEqual([problem])
    const other = version === 26 ? 25 : 26
    expect(lines(pgbouncer(`${MAIN}${text}\n`, { version: other }))).toEqual([])
    expect(lines(pgbouncer(`${MAIN}${text}\n`))).toEqual([])
  })

  test("and no version has a parameter that went and one that came later", () => {
    const file = pgbouncer(`${MAIN}pool_idle_timeout = 60\nsuspend_timeout = 5\n`)
    expect(lines(file)).toEqual([
      "pgbouncer.ini:5: suspend_timeout: is in no version after 1.25: PgBouncer 1.26 does not start with it",
    ])
  })
})

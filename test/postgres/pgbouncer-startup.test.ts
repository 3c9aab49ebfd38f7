import { execFile } from "node:child_process"
import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import {
  createCoreClient,
  createPool,
  isTooManyConnections,
  PoolConfigError,
  poolConfigFromUrl,
  toLibpqUrl,
} from "../../src/index.ts"
import { installed } from "../support/client-tools.ts"
import { collectWarnings, freshDatabase, rejection, sharedPostgres } from "../support/helpers.ts"
import { type PgBouncer, pgBouncerMinor, startPgBouncer } from "../support/pgbouncer.ts"
import { refusedNames } from "../support/refused-names.ts"

/** It passes on what the server reports of a client's settings, the search_path since PostgreSQL 18 among them. */
const passesSchema = installed("pgbouncer") && pgBouncerMinor() >= 26

type Parameters = Record<string, string | number>

/** Start-up parameters that PgBouncer refuses, each with the server's setting and its value without them. */
const REFUSED = {
  options: ["-c work_mem=5MB", "work_mem", "4MB"],
  statement_timeout: [1234, "statement_timeout", "0"],
  lock_timeout: [2345, "lock_timeout", "0"],
  idle_in_transaction_session_timeout: [3456, "idle_in_transaction_session_timeout", "0"],
} as const
const ALL_REFUSED = Object.fromEntries(Object.entries(REFUSED).map(([name, [value]]) => [name, value]))

const QUERIES: [string, (client: PrismaClient) => PromiseLike<unknown>][] = [
  ["$connect()", (client) => client.$connect()],
  ["a model query", (client) => client.mission.count()],
  ["a raw query", (client) => client.$queryRaw`SELECT 1`],
  ["a batch transaction", (client) => client.$transaction([client.mission.count()])],
  ["an interactive transaction", (client) => client.$transaction((tx) => tx.mission.count())],
]

let database: string
let bouncer: PgBouncer
beforeAll(async () => {
  if (!installed("pgbouncer")) return
  database = await freshDatabase()
  bouncer = await startPgBouncer(sharedPostgres())
})
afterAll(() => bouncer?.destroy())

function core(url: string) {
  return createCoreClient(PrismaClient, { env: { DATABASE_URL_CORE: url } })
}

/** Every way to a connection, for a URL that the pooler refuses, fails with the same advice. */
async function expectAdvice(
  url: string,
  call: (client: PrismaClient) => PromiseLike<unknown>,
): Promise<void> {
  const client = core(url)
  const error = await rejection(call(client))
  expect(error).toBeInstanceOf(PoolConfigError)
  expect(error).toMatchObject({ name: "PoolConfigError", code: "POOL_CONFIG" })
  expect(error.message).toContain("pgbouncer=true")
  await client.$disconnect()
}

describe.runIf(installed("pgbouncer"))("with pgbouncer=true", () => {
  const url = (parameters: Parameters) => bouncer.url(database, { pgbouncer: "true", ...parameters })

  async function show(parameters: Parameters, setting: string): Promise<unknown> {
    const pool = createPool(url(parameters))
    const { rows } = await pool.query<{ value: string }>("SELECT current_setting($1) AS value", [setting])
    await pool.end()
    return rows[0]?.value
  }

  test("what PgBouncer refuses is left out, with a warning that names each", async () => {
    const warnings = await collectWarnings(async () => {
      for (const [, setting, expected] of Object.values(REFUSED)) {
        expect(await show(ALL_REFUSED, setting)).toBe(expected)
      }
    })
    for (const name of Object.keys(REFUSED)) {
      expect(warnings.filter((warning) => warning.startsWith(`${name} `))).toHaveLength(1)
    }
  })

  test("what PgBouncer refuses is an error when strict, for each", () => {
    const names = refusedNames(() => poolConfigFromUrl(url(ALL_REFUSED), { strict: true }))
    expect(names.toSorted()).toEqual(Object.keys(REFUSED).toSorted())
  })

  test("application_name arrives", async () => {
    expect(await show({ application_name: "api core" }, "application_name")).toBe("api core")
    expect(await show({ fallback_application_name: "api" }, "application_name")).toBe("api")
  })

  test("PGOPTIONS, which node-postgres reads, is not sent either", async () => {
    process.env["PGOPTIONS"] = "-c work_mem=6MB"
    try {
      expect(await show({}, "work_mem")).toBe("4MB")
    } finally {
      delete process.env["PGOPTIONS"]
    }
  })

  test.runIf(installed("psql"))("psql connects with what becomes of the URL", async () => {
    const libpq = toLibpqUrl(url({ ...ALL_REFUSED, schema: "tenant", application_name: "nightly" }))
    const { stdout } = await promisify(execFile)("psql", ["-XAt", "-c", "SHOW application_name", libpq])
    expect(stdout.trim()).toBe("nightly")
  })

  test("a schema is warned of once, with the two ways that work", async () => {
    const seen: Error[] = []
    const listener = (warning: Error) => void seen.push(warning)
    process.on("warning", listener)
    const warnings = await collectWarnings(async () => {
      for (let pool = 0; pool < 3; pool++) await createPool(url({ schema: "tenant" })).end()
    })
    process.off("warning", listener)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/ALTER ROLE … IN DATABASE … SET search_path/)
    expect(warnings[0]).toMatch(/SET LOCAL/)
    expect(seen).toEqual([expect.objectContaining({ code: "POOL_CONFIG" })])
  })

  test.each([{}, { schema: "public" }, { schema: "" }])("%j needs no warning", async (parameters) => {
    const warnings = await collectWarnings(async () => {
      await createPool(url(parameters)).end()
      poolConfigFromUrl(url(parameters), { strict: true })
    })
    expect(warnings).toEqual([])
  })
})

describe.runIf(installed("pgbouncer"))("without pgbouncer=true", () => {
  const refused: Parameters[] = [
    ...(passesSchema ? [] : [{ schema: "tenant" }]),
    ...Object.keys(REFUSED).map(one),
  ]

  function one(name: string): Parameters {
    return { [name]: ALL_REFUSED[name] ?? "" }
  }

  describe.each(refused)("the refusal of %j names it", (parameters) => {
    test.each(QUERIES)("in %s", async (_name, call) => {
      await expectAdvice(bouncer.url(database, parameters), call)
    })

    test("in createPool, each time", async () => {
      const pool = createPool(bouncer.url(database, { ...parameters, connection_limit: 1 }))
      for (let attempt = 0; attempt < 3; attempt++) {
        const error = await rejection(pool.query("SELECT 1"))
        expect(error).toBeInstanceOf(PoolConfigError)
        expect(error.message).toContain("pgbouncer=true")
      }
      await pool.end()
    })
  })

  if (passesSchema) {
    test("a schema is each client's own", async () => {
      const schemas = ["tenant", 'Ten"ant']
      const clients = schemas.map((schema) => core(bouncer.url(database, { schema })))
      for (const client of [...clients, ...clients]) {
        const schema = schemas[clients.indexOf(client)]
        const rows = await client.$queryRaw`SELECT (parse_ident(current_setting('search_path')))[1] AS schema`
        expect(rows).toEqual([{ schema }])
      }
      for (const client of clients) await client.$disconnect()
    })
  }

  test("a URL with nothing to refuse works", async () => {
    const client = core(bouncer.url(database, { application_name: "api" }))
    expect(await client.mission.count()).toBe(0)
    await client.$disconnect()
  })
})

/** A router of many tenants, as providers have in front of their poolers: start-up `options` say whose the connection is. */
async function startRouter(to: number, tenant: string) {
  const server = createServer((client) => {
    client.on("error", () => {})
    client.on("data", function start(packet) {
      if (packet.length === 8) {
        client.write("N")
        return
      }
      client.off("data", start)
      const texts = packet.toString("utf8", 8).split("\0")
      const at = texts.indexOf("options")
      const own = at === -1 ? [] : (texts[at + 1]?.split(" ") ?? [])
      if (!own.includes(tenant)) {
        client.end(refusal("XX000", "Tenant or user not found"))
        return
      }
      const rest = own.filter((word) => word !== tenant).join(" ")
      texts.splice(at, 2, ...(rest === "" ? [] : ["options", rest]))
      const body = Buffer.from(texts.join("\0"))
      const head = Buffer.alloc(8)
      head.writeInt32BE(body.length + 8, 0)
      packet.copy(head, 4, 4, 8)
      const upstream = connect(to, "127.0.0.1", () => upstream.write(Buffer.concat([head, body])))
      upstream.on("error", () => client.destroy())
      client.pipe(upstream).pipe(client)
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return { url: (direct: string) => direct.replace(`:${to}/`, `:${port}/`), close: () => server.close() }
}

/** An ErrorResponse that ends a login. */
function refusal(code: string, text: string): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${code}`, `M${text}`, ""].map((field) => `${field}\0`).join("")
  const head = Buffer.from("E\0\0\0\0")
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, Buffer.from(fields)])
}

describe.runIf(installed("pgbouncer")).each(["reference=abcd", "endpoint=ep-cool-1", "databaseid=a1b2"])(
  "through a router that wants %s",
  (tenant) => {
    let router: Awaited<ReturnType<typeof startRouter>>
    beforeAll(async () => {
      router = await startRouter(bouncer.port, tenant)
    })
    afterAll(() => void router?.close())
    const url = (parameters: Parameters) => router.url(bouncer.url(database, parameters))
    const routed = { pgbouncer: "true", options: tenant, schema: "public" }

    test.each(QUERIES)("pgbouncer=true keeps it, in %s", async (_name, call) => {
      const client = core(url(routed))
      await call(client)
      await client.$disconnect()
    })

    test("and leaves out the settings beside it, in a pool as well", async () => {
      const pool = createPool(url({ ...routed, options: `-c work_mem=5MB ${tenant} --search_path=x` }))
      expect((await pool.query("SHOW work_mem")).rows).toEqual([{ work_mem: "4MB" }])
      await pool.end()
    })

    test("without it no one is let in", async () => {
      const pool = createPool(url({ pgbouncer: "true" }))
      expect((await rejection(pool.query("SELECT 1"))).message).toContain("Tenant or user not found")
      await pool.end()
    })

    if (!passesSchema) {
      test.each(QUERIES)(
        "a schema beside it is refused, with the remedy that works, in %s",
        async (_, call) => {
          await expectAdvice(url({ options: tenant, schema: "public" }), call)
        },
      )
    }

    test.runIf(installed("psql"))("psql gets it too", async () => {
      const libpq = toLibpqUrl(url({ ...routed, options: `${tenant} -c work_mem=5MB` }))
      const { stdout } = await promisify(execFile)("psql", ["-XAt", "-c", "SELECT 1", libpq])
      expect(stdout.trim()).toBe("1")
    })
  },
)

// Debian's is 1.18. What newer ones say: set_startup_options in
// https://github.com/pgbouncer/pgbouncer/blob/master/src/client.c
const TEXTS = [
  "unsupported startup parameter: options",
  "Unsupported startup parameter: options",
  "unsupported startup parameter in options: search_path",
  "unsupported options startup parameter: only '-c config=val' is allowed",
  "unsupported options startup parameter: only '-c config=val' and '--config=val' are allowed",
  "unsupported options startup parameter: parameter too long",
]

describe.each(TEXTS)("a pooler that says %j", (text) => {
  test.each(QUERIES)("in %s", async (_name, call) => {
    const server = createServer((socket) => {
      socket.on("error", () => {})
      socket.once("data", () => socket.end(refusal("08P01", text)))
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    await expectAdvice(`postgresql://app:s3cret@127.0.0.1:${port}/core?schema=tenant&sslmode=disable`, call)
    server.close()
  })
})

describe.runIf(installed("pgbouncer"))("a pooler that is told otherwise", () => {
  async function told(settings: Record<string, string | number>, run: (bouncer: PgBouncer) => Promise<void>) {
    const own = await startPgBouncer(sharedPostgres(), { settings })
    try {
      await run(own)
    } finally {
      await own.destroy()
    }
  }

  // Where it knows the search_path it passes it on all the same.
  if (!passesSchema) {
    test("and silently drops start-up options is found out", async () => {
      await told({ ignore_startup_parameters: "options" }, async (own) => {
        const dropped: Parameters[] = [{ schema: "tenant" }, { options: "-c search_path=tenant,extensions" }]
        for (const parameters of dropped) {
          for (const [, call] of QUERIES) await expectAdvice(own.url(database, parameters), call)
        }
        const client = core(own.url(database))
        expect(await client.mission.count()).toBe(0)
        await client.$disconnect()
      })
    })
  }

  test("and takes no more clients is too many connections: P2037", async () => {
    await told({ max_client_conn: 1 }, async (own) => {
      const pool = createPool(own.url(database, { pgbouncer: "true" }))
      const holder = await pool.connect()
      const client = core(own.url(database, { pgbouncer: "true" }))
      const other = createPool(own.url(database, { pgbouncer: "true" }))
      // Each waits for room for 20 s: all of them at once.
      const errors = await Promise.all([
        rejection(client.$connect()),
        rejection(client.$queryRaw`SELECT 1`),
        rejection(other.query("SELECT 1")),
      ])
      for (const error of errors.slice(0, 2)) expect(error).toMatchObject({ code: "P2037" })
      for (const error of errors) expect(isTooManyConnections(error)).toBe(true)
      holder.release()
      await Promise.all([pool.end(), other.end(), client.$disconnect()])
    })
  })
})

import pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { readLimitRights } from "../../src/monitor/inspect/limit-rights.ts"
import { rejection } from "../support/helpers.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const VERSION = Number(/^\d+/.exec(process.env["POSTGRES_VERSION"] ?? "18")?.[0])

/** Every way to have, or not to have, what ALTER ROLE asks for. */
const ROLES: Readonly<Record<string, string>> = {
  plain: "",
  limited: "CONNECTION LIMIT 7",
  replicating: "REPLICATION",
  bypassing: "BYPASSRLS",
  "a superuser": "SUPERUSER CONNECTION LIMIT 3",
  creator: "CREATEROLE",
  'admin "é"': "CREATEROLE",
  "admin through a group": "CREATEROLE",
  group: "",
  "admin without createrole": "",
  member: "CREATEROLE",
}
const NAMES = Object.keys(ROLES)
const quoted = (name: string) => pg.escapeIdentifier(name)

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ max_connections: 20 })
  for (const [name, options] of Object.entries(ROLES))
    await server.sql(`CREATE ROLE ${quoted(name)} LOGIN PASSWORD 'x' ${options}`)
  await server.sql(`GRANT plain, limited, replicating, bypassing TO "admin ""é""" WITH ADMIN OPTION;
    GRANT plain TO "group" WITH ADMIN OPTION;
    GRANT "group" TO "admin through a group";
    GRANT plain TO "admin without createrole" WITH ADMIN OPTION;
    GRANT plain TO member`)
})
afterAll(() => server.destroy())

async function as<Result>(user: string, ask: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const password = user === "postgres" ? "admin" : "x"
  const client = new pg.Client({ host: "127.0.0.1", port: server.port, user, password, database: "postgres" })
  await client.connect()
  try {
    return await ask(client)
  } finally {
    await client.end()
  }
}

/** The roles whose limit a role can set: it tries. */
const settable = (user: string) =>
  as(user, async (client) => {
    const all: string[] = []
    for (const name of NAMES) {
      await client.query("BEGIN")
      const isSet = await client.query(`ALTER ROLE ${quoted(name)} CONNECTION LIMIT 5`).then(
        () => true,
        () => false,
      )
      await client.query("ROLLBACK")
      if (isSet) all.push(name)
    }
    return all
  })

test.each(["postgres", ...NAMES])("what %s may set is what it can set", async (user) => {
  const rights = await as(user, (client) => readLimitRights(client, NAMES))
  expect(rights.map(({ role }) => role).sort()).toEqual([...NAMES].sort())
  const may = rights.filter(({ mayLimit }) => mayLimit).map(({ role }) => role)
  expect(may.sort()).toEqual((await settable(user)).sort())
})

test("those who can beside superusers are named, and what there is to say of a role", async () => {
  const able = new Map<string, string[]>()
  for (const name of NAMES.filter((each) => each !== "a superuser"))
    for (const role of await settable(name)) able.set(role, [...(able.get(role) ?? []), name])
  const rights = await as("postgres", (client) => readLimitRights(client, [...NAMES, "nobody"]))
  expect(rights.map(({ role }) => role)).not.toContain("nobody")
  for (const { role, others } of rights) expect([...others].sort()).toEqual((able.get(role) ?? []).sort())
  expect(rights.find(({ role }) => role === "plain")?.others).toEqual(
    VERSION >= 16
      ? ['admin "é"', "admin through a group"]
      : ['admin "é"', "admin through a group", "creator", "member"],
  )
  expect(rights.find(({ role }) => role === "limited")).toMatchObject({ limit: 7, isSuperuser: false })
  expect(rights.find(({ role }) => role === "a superuser")).toMatchObject({
    limit: 3,
    isSuperuser: true,
    others: [],
  })
  expect((await as("member", (client) => readLimitRights(client, ["plain"])))[0]).toMatchObject({
    hasCreateRole: true,
    mayLimit: VERSION < 16,
  })
})

test.each([[[{}]], [[{ rights: 1 }]], [[{ rights: "{" }]], [[{ rights: '{"role":"plain"}' }]]])(
  "an answer of another shape is refused: %j",
  async (rows) => {
    const client = { query: async () => ({ rows }) }
    expect(await rejection(readLimitRights(client, ["plain"]))).toMatchObject({
      message: "The server's answer about its roles has an unexpected shape",
    })
  },
)

test("no question is asked about no role", async () => {
  expect(await readLimitRights({ query: () => expect.unreachable("asked") }, [])).toEqual([])
})

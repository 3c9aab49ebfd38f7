import { randomBytes } from "node:crypto"
import pg from "pg"
import { afterEach, describe, expect, test } from "vitest"
import { budgetOf } from "../../src/pool/auto/budget.ts"
import { type Look, lookQuery, readLook } from "../../src/pool/auto/look.ts"
import { memberIdOf, memberName, serviceOf } from "../../src/pool/auto/member-name.ts"
import { meetServer, NO_SERVERS, offReason } from "../../src/pool/auto/off-reason.ts"
import { eventually, freshDatabase, sharedPostgres } from "../support/helpers.ts"

const postgres = sharedPostgres()
const PASSWORD = "look"
const clients: pg.Client[] = []
const roles: string[] = []

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()))
  for (const role of roles.splice(0)) {
    await eventually(`the sessions of ${role} end`, async () => {
      const rows = await postgres.sql("SELECT FROM pg_stat_activity WHERE usename = $1", [role])
      return rows.length === 0
    })
    await postgres.sql(`DROP ROLE ${role}`)
  }
})

/** A role of a test's own: the server is everybody's. */
async function freshRole(options = ""): Promise<string> {
  const role = `look_${randomBytes(6).toString("hex")}`
  await postgres.sql(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}' ${options}`)
  roles.push(role)
  return role
}

async function connect(user: string, database: string, name?: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: postgres.port,
    user,
    password: user === "postgres" ? "admin" : PASSWORD,
    database,
    ...(name === undefined ? {} : { application_name: name }),
  })
  await client.connect()
  clients.push(client)
  return client
}

const NAME = memberName("api@1.4.2", "aaaaaa")

async function look(client: pg.Client, name = NAME): Promise<Look> {
  const { rows } = await client.query(lookQuery(name))
  return readLook(rows)
}

const processIdOf = (client: pg.Client) => (client as unknown as { processID: number }).processID

describe("a look of an ordinary role", () => {
  test("has the limits, and the server as it says itself", async () => {
    const database = await freshDatabase()
    const role = await freshRole("CONNECTION LIMIT 7")
    await postgres.sql(`ALTER DATABASE ${database} CONNECTION LIMIT 20`)
    const client = await connect(role, database, NAME)
    const [server] = await postgres.sql<{ reserved: string | null; started: string }>(
      `SELECT current_setting('reserved_connections', true) AS reserved,
         (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS started`,
    )
    expect(await look(client)).toEqual({
      pid: processIdOf(client),
      isSuperuser: false,
      roleLimit: 7,
      databaseLimit: 20,
      maxConnections: 100,
      superuserReserved: 3,
      reservedConnections: Number(server?.reserved ?? 0),
      providerReserved: 0,
      connections: expect.any(Number),
      ofRole: 1,
      ofRoleInDatabase: 1,
      ofService: 1,
      ofMembers: 1,
      ofOthersInDatabase: 0,
      members: 1,
      server: { startedAt: Number(server?.started), address: "127.0.0.1", isReplica: false },
    })
  })

  test("has no limits where there are none, and reads them anew", async () => {
    const database = await freshDatabase()
    const role = await freshRole()
    const client = await connect(role, database, NAME)
    expect(await look(client)).toMatchObject({ roleLimit: -1, databaseLimit: -1 })
    await postgres.sql(`ALTER ROLE ${role} CONNECTION LIMIT 0; ALTER DATABASE ${database} CONNECTION LIMIT 2`)
    expect(await look(client)).toMatchObject({ roleLimit: 0, databaseLimit: 2 })
  })

  test("counts what takes slots, by role and database", async () => {
    const [here, there] = [await freshDatabase(), await freshDatabase()]
    const [own, other] = [await freshRole(), await freshRole()]
    const client = await connect(own, here, NAME)
    await connect(own, there, NAME)
    // Of other roles, this one sees neither the type nor the state.
    await connect(other, here, "other")
    await connect("postgres", here, NAME)
    await connect(other, there, NAME)
    const seen = await look(client)
    expect(seen).toMatchObject({
      ofRole: 2,
      ofRoleInDatabase: 1,
      ofService: 2,
      ofMembers: 2,
      ofOthersInDatabase: 2,
      members: 1,
    })
    expect(seen.connections).toBeGreaterThanOrEqual(5)
  })

  test("counts the pools of its service, by the ids that end their names", async () => {
    const database = await freshDatabase()
    const role = await freshRole()
    const client = await connect(role, database, NAME)
    const ofService = [
      NAME,
      "api@1.4.2#bbbbbb",
      "api@1.5.0#bbbbbb",
      "api#cccccc",
      "api@1#2#dddddd",
      "api@x#y@z#eeeeee",
      "api",
      "api@1.4.2",
      "api#short",
      "api#UPPER0",
      "api#toolong",
      "api#aaaaaa ",
    ]
    const ofOthers = ["jobs#ffffff", "api2#gggggg", " api#hhhhhh", "", "#iiiiii", "@api#jjjjjj"]
    for (const name of [...ofService, ...ofOthers]) await connect(role, database, name)
    const seen = await look(client)
    // a, b, c, d, e.
    expect(seen).toMatchObject({ ofRole: 19, ofService: 13, ofMembers: 7, members: 5 })

    // The query and the functions mean the same.
    const names = [NAME, ...ofService, ...ofOthers]
    const own = names.filter((name) => serviceOf(name) === "api")
    expect(own).toHaveLength(seen.ofService)
    const ids = own.flatMap((name) => memberIdOf(name) ?? [])
    expect(ids).toHaveLength(seen.ofMembers)
    expect(new Set(ids).size).toBe(seen.members)
  })

  test("counts its own pool where the name of the connection was changed", async () => {
    const client = await connect(await freshRole(), await freshDatabase(), NAME)
    await client.query("SET application_name = 'mine'")
    expect(await look(client)).toMatchObject({ ofRole: 1, ofService: 0, ofMembers: 0, members: 1 })
  })

  test("leaves out parallel workers, which bear the name of their leader", async () => {
    const database = await freshDatabase()
    const role = await freshRole()
    const client = await connect(role, database, NAME)
    const leader = await connect(role, database, NAME)
    await leader.query(
      "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2",
    )
    const admin = await connect("postgres", database)
    await admin.query(
      `CREATE TABLE many AS SELECT generate_series(1, 20000) AS n; ALTER TABLE many SET (parallel_workers = 2); ANALYZE many; GRANT SELECT ON many TO public`,
    )
    // Each row waits in its worker, until the query is cancelled.
    const query = leader.query("SELECT count(*) FROM many WHERE pg_sleep(0.5 + n * 0) IS NULL")
    const ended = query.catch((error: Error) => error)
    const workers = () =>
      admin.query("SELECT FROM pg_stat_activity WHERE usename = $1 AND backend_type = 'parallel worker'", [
        role,
      ])
    await eventually("workers are at it", async () => ((await workers()).rowCount ?? 0) > 0)
    expect(await look(client)).toMatchObject({ ofRole: 2, ofService: 2, members: 1 })
    expect((await workers()).rowCount).toBeGreaterThan(0)
    await admin.query("SELECT pg_cancel_backend($1)", [processIdOf(leader)])
    expect(await ended).toMatchObject({ code: "57014" })
  })

  test("survives a search_path and types of the application's own", async () => {
    const database = await freshDatabase()
    const role = await freshRole()
    const client = await connect(role, database, NAME)
    const admin = await connect("postgres", database)
    await admin.query(
      `CREATE SCHEMA mine; GRANT USAGE ON SCHEMA mine TO public;
       CREATE TABLE mine.pg_roles (oid int); CREATE TABLE mine.pg_database (oid int); CREATE DOMAIN mine.text AS int;
       CREATE FUNCTION mine.pg_backend_pid() RETURNS int LANGUAGE sql AS 'SELECT 1';
       CREATE FUNCTION mine.current_setting(pg_catalog.text) RETURNS pg_catalog.text LANGUAGE sql AS $$ SELECT 'none'::pg_catalog.text $$`,
    )
    await client.query(
      "SET search_path = mine, pg_catalog; SET timezone = 'Pacific/Chatham'; SET datestyle = 'German'",
    )
    const seen = await look(client)
    expect(seen).toMatchObject({ pid: processIdOf(client), maxConnections: 100, ofRole: 1 })
    expect(seen.server).toEqual((await look(await connect(role, database, NAME))).server)
  })

  test("follows a role that is renamed", async () => {
    const role = await freshRole()
    const client = await connect(role, await freshDatabase(), NAME)
    await postgres.sql(`ALTER ROLE ${role} RENAME TO ${role}_renamed`)
    expect(await look(client)).toMatchObject({ ofRole: 1, members: 1 })
    await postgres.sql(`ALTER ROLE ${role}_renamed RENAME TO ${role}`)
  })
})

test("a superuser is told, and its login's process id is the backend's", async () => {
  const client = await connect("postgres", await freshDatabase(), NAME)
  const seen = await look(client)
  const met = meetServer(NO_SERVERS, seen.server, 0)
  expect(offReason(seen, processIdOf(client), met)).toBe("superuser")
  expect(offReason(seen, processIdOf(client) + 1, met)).toBe("pooler")
  const ordinary = await connect(await freshRole(), await freshDatabase(), NAME)
  expect(offReason(await look(ordinary), processIdOf(ordinary), met)).toBeUndefined()
})

test.each([
  ["role", "too many connections for role"],
  ["database", "too many connections for database"],
] as const)("the server refuses what is beyond the ceiling of a limit on the %s", async (by, refusal) => {
  const database = await freshDatabase()
  const role = await freshRole(by === "role" ? "CONNECTION LIMIT 5" : "")
  if (by === "database") await postgres.sql(`ALTER DATABASE ${database} CONNECTION LIMIT 6`)
  const first = await connect(role, database, NAME)
  await connect(await freshRole(), database)
  const { ceiling, used, enforcedBy } = budgetOf(await look(first), { budget: undefined, reserved: 10 })
  expect({ ceiling, used, enforcedBy }).toEqual({ ceiling: 5, used: 1, enforcedBy: by })
  for (let i = used; i < ceiling; i += 1) await connect(role, database, NAME)
  expect(budgetOf(await look(first), { budget: undefined, reserved: 10 }).used).toBe(ceiling)
  await expect(connect(role, database, NAME)).rejects.toThrow(refusal)
})

import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { command, words } from "../support/command.ts"
import { type PostgresServer, ROLE, startPostgres } from "../support/server.ts"

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ max_connections: 100 })
  await server.createDatabase("core")
})
afterAll(() => server.destroy())

/** 30 connections, and 30 more while a deploy rolls. */
const DEPLOY = "preflight --max-connections 100 --consumer api=3x10"

/** The deploy as text and as JSON, asked for by the role of the fleet. */
async function preflight(line = DEPLOY) {
  const setting = { env: { DATABASE_URL_CORE: server.url("core") } }
  const text = await command(words(line), setting)
  const json = await command(words(`${line} --format json`), setting)
  expect(text.err + json.err).toBe("")
  expect(json.code).toBe(text.code)
  return { code: text.code, out: text.out, result: JSON.parse(json.out) }
}

/** With a setting that another statement takes back. */
async function during<Result>(set: string, reset: string, run: () => Promise<Result>): Promise<Result> {
  await server.sql(set)
  try {
    return await run()
  } finally {
    await server.sql(reset)
  }
}

test("a deploy that fits every bound shows the slots", async () => {
  const { code, out, result } = await preflight()
  expect(code).toBe(0)
  expect(out).toContain(
    "✓ the deploy fits: 30 (the larger of declared and in use) + 0 undeclared + 30 for new instances = 60 of 97 usable\n",
  )
  expect(out).not.toContain("Bounds")
  expect(result).toMatchObject({ fits: true, binding: "maxConnections", bounds: [{ limit: 97, total: 30 }] })
})

test.each([
  ["role", `ROLE ${ROLE.user}`, ROLE.user],
  ["database", "DATABASE core", "core"],
])("a CONNECTION LIMIT 20 of the %s is not enough for a deploy of 60", async (name, target, called) => {
  const { code, out, result } = await during(
    `ALTER ${target} CONNECTION LIMIT 20`,
    `ALTER ${target} CONNECTION LIMIT -1`,
    preflight,
  )
  expect(code).toBe(1)
  expect(out).toContain(
    `✗ the deploy does not fit: 30 (the larger of declared and in use) + 0 undeclared + 30 for new instances = 60, but the CONNECTION LIMIT of the ${name} ${called} allows only 20\n`,
  )
  expect(out).toContain(
    `Bounds, the tightest first\n  60 of 20 that the CONNECTION LIMIT of the ${name} ${called} allows\n  60 of 97 usable\n`,
  )
  expect(result).toMatchObject({
    fits: false,
    binding: name,
    bounds: [
      { name, source: "server", limit: 20, total: 30, deploy: { total: 60 } },
      { name: "maxConnections", source: "server", limit: 97, total: 30, deploy: { total: 60 } },
    ],
    usable: 97,
    total: 60,
  })
})

test("what nobody declared counts against the limit of its role, and not against that of another", async () => {
  const clients = [server.url("core", { application_name: "psql" }), server.adminUrl("core")].map(
    (url) => new pg.Client(url),
  )
  await Promise.all(clients.map((client) => client.connect()))
  try {
    const { code, out } = await during(
      `ALTER ROLE ${ROLE.user} CONNECTION LIMIT 60`,
      `ALTER ROLE ${ROLE.user} CONNECTION LIMIT -1`,
      preflight,
    )
    expect(code).toBe(1)
    expect(out).toContain(
      "30 (the larger of declared and in use) + 1 undeclared + 30 for new instances = 61, but the",
    )
    expect(out).toContain("  62 of 97 usable\n")
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
})

test("a limit that is declared counts where the server has none", async () => {
  const config = {
    maxConnections: 100,
    limits: { role: 50 },
    consumers: { api: { instances: 3, poolSize: 10 } },
  }
  const { code, out } = await command(["preflight"], {
    env: { DATABASE_URL_CORE: server.url("core") },
    files: { "pool.config.json": config },
  })
  expect(code).toBe(1)
  expect(out).toContain("= 60, but limits.role allows only 50\n")
})

test("takes the ceiling from the server where none is declared, for what is planned too", async () => {
  const { code, out, result } = await preflight("preflight --consumer api=3x10")
  expect([code, result.usable]).toEqual([0, 97])
  expect(out).toContain("= 60 of 97 usable")
  // Open sizes are those that plan computes: for this server, with what it keeps.
  const open = await preflight("preflight --consumer api=3+0")
  expect(open.result.attribution.allocations).toMatchObject([{ name: "api", declared: 75 }])
  expect(open.out).not.toContain("is declared")
  const planned = await command(words("plan --max-connections 100 --consumer api=3+0 --format json"))
  expect(JSON.parse(planned.out).servers[0].sizes.api * 3).toBe(75)
})

test("a declaration that leaves no slot on the server that is asked is bad input, and not a server without an answer", async () => {
  const { code, err } = await command(["preflight"], {
    env: { DATABASE_URL_CORE: server.url("core") },
    files: {
      "pool.config.json": { superuserReserved: 100, consumers: { api: { instances: 1, poolSize: 5 } } },
    },
  })
  expect(code).toBe(3)
  expect(err).toContain("superuserReserved 100 + reservedConnections 0 leave no slot of maxConnections 100.")
  expect(err).not.toContain("cannot be asked")
})

describe("what makes it fit", () => {
  const asMonitor = () => server.url("core").replace(/\/\/[^@]*@/, "//mon:x@")
  const FLEET = {
    maxConnections: 100,
    consumers: { api: { instances: 3, poolSize: 10 } },
    roles: { app: "api" },
  }
  const monitored = async (declared: object) => {
    const setting = { env: { DATABASE_URL_CORE: asMonitor() }, files: { "pool.config.json": declared } }
    const text = await command(["preflight"], setting)
    const json = await command(words("preflight --format json"), setting)
    return { code: text.code, out: text.out, result: JSON.parse(json.out) }
  }
  beforeAll(() => server.sql("CREATE ROLE mon LOGIN PASSWORD 'x' IN ROLE pg_monitor"))

  test("is what check says", async () => {
    const { code, out, result } = await preflight("preflight --max-connections 100 --consumer api=3x20")
    expect(code).toBe(1)
    const checked = await command(words("check --max-connections 100 --consumer api=3x20 --format json"))
    const { nextSteps } = JSON.parse(checked.out).servers[0].lowest
    // The first line of check is the excess, which stands in the verdict here.
    expect(result.nextSteps).toEqual(nextSteps.slice(1))
    expect(out).toContain(
      "Too many: any one of these is enough\n  Change api alone: a poolSize of 16 instead of 20, or",
    )
  })

  test("of another role's limit is seen by a role that monitors: by what is declared, or seen with it", async () => {
    const limited = (run: () => ReturnType<typeof monitored>) =>
      during(
        `ALTER ROLE ${ROLE.user} CONNECTION LIMIT 40`,
        `ALTER ROLE ${ROLE.user} CONNECTION LIMIT -1`,
        run,
      )
    const { code, out, result } = await limited(() => monitored(FLEET))
    expect(code).toBe(1)
    expect(out).toContain("= 60, but the CONNECTION LIMIT of the role app allows only 40\n")
    expect(result.bounds[0]).toMatchObject({ name: "role", source: "server", owner: "app", limit: 40 })
    expect(out).toContain("  Change api alone: a poolSize of 6 instead of 10")
    expect(out).toContain(
      '  Raise the CONNECTION LIMIT of the role app from 40 to 60: ALTER ROLE "app" CONNECTION LIMIT 60;\n',
    )
    const { roles: _, ...unknown } = FLEET
    expect((await limited(() => monitored(unknown))).code).toBe(0)
    const client = new pg.Client(server.url("core", { application_name: "api" }))
    await client.connect()
    try {
      expect((await limited(() => monitored(unknown))).code).toBe(1)
    } finally {
      await client.end()
    }
    const [, statement = ""] = /(ALTER ROLE "app" CONNECTION LIMIT \d+;)/.exec(out) ?? []
    const after = await during(statement, `ALTER ROLE ${ROLE.user} CONNECTION LIMIT -1`, () =>
      monitored(FLEET),
    )
    expect(after.code).toBe(0)
    expect(after.out).toContain("= 60 of 60 that the CONNECTION LIMIT of the role app allows\n")
  })

  test("may be to stop what nobody declared", async () => {
    const clients = Array.from(
      { length: 40 },
      () => new pg.Client(server.url("core", { application_name: "psql" })),
    )
    await Promise.all(clients.map((client) => client.connect()))
    try {
      const { roles: _, ...fleet } = FLEET
      const { code, out } = await monitored(fleet)
      expect(code).toBe(1)
      expect(out).toContain("+ 40 undeclared + 30 for new instances = 100, but only 97 are usable")
      expect(out).toContain("  Stop what is not declared: psql 40\n")
      expect(out).toContain(
        "  Raise max_connections from 100 to 103 for the deploy, if the server has the memory\n",
      )
    } finally {
      await Promise.all(clients.map((client) => client.end()))
    }
  })
})

test("what cannot be counted makes a deploy that would fit unknown: 2", async () => {
  const plan = {
    format_version: "1.2",
    planned_values: {
      root_module: {
        resources: [
          {
            address: "acme_service.api",
            mode: "managed",
            type: "acme_service",
            name: "api",
            provider_name: "registry.terraform.io/acme/acme",
            values: { environment: { DATABASE_URL_CORE: "postgresql://app:x@db.internal/core" } },
          },
        ],
      },
    },
    resource_changes: [],
  }
  const { code, out, err } = await command(
    words("preflight --terraform plan.json --database DATABASE_URL_CORE --connect URL"),
    {
      env: { URL: server.url("core") },
      files: { "plan.json": plan },
    },
  )
  expect(code, out + err).toBe(2)
  expect(out).toMatch(/^\? unknown: .* without what cannot be counted\n/)
  expect(out).toMatch(/Not known\n(?: {2}.*\n)* {2}acme_service\.api: has DATABASE_URL_CORE/)
})

describe("a consumer whose size is auto", () => {
  const AUTO = {
    maxConnections: 100,
    consumers: { api: { poolSize: "auto", budget: 20, instances: 3 } },
    roles: { [ROLE.user]: "api" },
  }

  async function judged(config: object = AUTO, url = server.url("core")) {
    const setting = { env: { DATABASE_URL_CORE: url }, files: { "pool.config.json": config } }
    const { code, out } = await command(["preflight"], setting)
    const json = await command(words("preflight --format json"), setting)
    expect(json.code).toBe(code)
    const { auto } = JSON.parse(json.out)
    const kinds = (problems: readonly { kind: string }[]) => problems.map(({ kind }) => kind)
    return { code, out, failures: kinds(auto.failures), warnings: kinds(auto.warnings) }
  }

  const limitedTo = <Result>(limit: number, run: () => Promise<Result>) =>
    during(
      `ALTER ROLE ${ROLE.user} CONNECTION LIMIT ${limit}`,
      `ALTER ROLE ${ROLE.user} CONNECTION LIMIT -1`,
      run,
    )

  test("fits the limit that is its budget: its logins are refused there, and take slots of the server", async () => {
    const { code, out, failures, warnings } = await limitedTo(20, judged)
    expect([code, failures, warnings]).toEqual([0, [], []])
    expect(out).toContain(`  20 of 20 that the CONNECTION LIMIT of the role ${ROLE.user} allows\n`)
    expect(out).toContain(
      `Who may set the CONNECTION LIMIT\n  of role ${ROLE.user}: a superuser; not ${ROLE.user}, which asks\n`,
    )
  })

  test("has no more pools than its budget has connections to share, as in check, whatever the server allows", async () => {
    const shared = (instances: number) => ({
      ...AUTO,
      consumers: { api: { poolSize: "auto", budget: 20, instances, surge: 0 } },
    })
    const [over, most] = [
      await limitedTo(20, () => judged(shared(19))),
      await limitedTo(20, () => judged(shared(18))),
    ]
    expect([over.code, over.failures, most.code]).toEqual([1, [], 0])
    expect(over.out).toContain("✗ the deploy must not go on: what it declares cannot work. Its sum: 20 ")
    expect(over.out).toContain("Cannot work\n  api: 19 pools during a deploy share 18 connections")
    expect(most.out).toContain("Warnings\n  api: 18 pools during a deploy share 18 connections")
    const { result } = await limitedTo(20, () => preflight(`preflight --consumer worker=1x1`))
    expect(result).toMatchObject({ failures: [], warnings: [] })
  })

  test("cannot work in a job, nor behind a pooler, by what the documents say", async () => {
    const container = (url: string) => ({
      name: "app",
      image: "app",
      env: [
        { name: "DATABASE_URL_CORE", value: url },
        { name: "PRISMA_POOL_SIZE_CORE", value: "auto" },
        { name: "PRISMA_POOL_BUDGET_CORE", value: "20" },
      ],
    })
    const object = (apiVersion: string, kind: string, name: string, url: string) => ({
      apiVersion,
      kind,
      metadata: { name },
      spec: { template: { spec: { restartPolicy: "Never", containers: [container(url)] } } },
    })
    const ofFile = (file: unknown) =>
      command(words("preflight --kubernetes file.json --connect URL"), {
        env: { URL: server.url("core") },
        files: { "file.json": file },
      })
    const job = await ofFile(object("batch/v1", "Job", "nightly", "postgresql://app:x@db/core"))
    expect([job.code, job.err]).toEqual([1, ""])
    expect(job.out).toContain("Cannot work\n  job/nightly.PRISMA_POOL_SIZE_CORE: is auto, and this is a job.")
    const pooled = "postgresql://app:x@db/core?pgbouncer=true"
    const service = await ofFile(object("apps/v1", "Deployment", "api", pooled))
    expect(service.code).toBe(1)
    expect(service.out).toContain("and its URL has pgbouncer=true")
    expect(service.out).not.toContain("x@db")
  })

  test("is enforced by nothing without a limit: a warning, with the statement", async () => {
    const { code, out, failures, warnings } = await judged()
    expect([code, failures, warnings]).toEqual([0, [], ["no limit"]])
    expect(out).toContain(
      `Warnings\n  role ${ROLE.user} has no CONNECTION LIMIT, so that nothing but the pools keeps to the budget: 20 are declared (api 20)\n  ALTER ROLE "${ROLE.user}" CONNECTION LIMIT 20;\n`,
    )
  })

  test.each([19, 30])("does not hold where the limit is another one: %d", async (limit) => {
    const { code, out, failures } = await limitedTo(limit, judged)
    expect([code, failures]).toEqual([1, ["other limit"]])
    expect(out).toContain(
      `role ${ROLE.user} has CONNECTION LIMIT ${limit}, but 20 are declared (api 20): set one to the other`,
    )
    if (limit > 20) expect(out).toContain("✗ the deploy must not go on: the budgets of auto do not hold")
  })

  test("shares the limit with what else is declared for its role", async () => {
    const { roles: _, ...config } = AUTO
    const consumers = { ...config.consumers, worker: { instances: 2, poolSize: 5, surge: 0 } }
    const both = () => judged({ ...config, consumers })
    expect(await limitedTo(30, both)).toMatchObject({ code: 0, failures: [], warnings: [] })
    const other = await limitedTo(40, both)
    expect(other).toMatchObject({ code: 1, failures: ["other limit"], warnings: ["assumed role"] })
    expect(other.out).toContain("30 are declared (api 20, worker 10)")
    expect(other.out).toContain(
      `api, worker: no role is declared or connected, so that ${ROLE.user}, which asks`,
    )
  })

  test("does not hold in a database that allows less", async () => {
    const { code, failures } = await limitedTo(20, () =>
      during("ALTER DATABASE core CONNECTION LIMIT 19", "ALTER DATABASE core CONNECTION LIMIT -1", judged),
    )
    expect([code, failures]).toEqual([1, ["small database"]])
  })

  test("is off for a superuser, and a role that is not there cannot log in", async () => {
    const superuser = await judged({ ...AUTO, roles: { postgres: "api" } })
    expect(superuser).toMatchObject({ code: 1, failures: ["superuser"] })
    expect(superuser.out).toContain("api: auto is off, since role postgres is a superuser")
    expect(superuser.out).not.toContain("Who may set")
    expect(await judged({ ...AUTO, roles: { nobody: "api" } })).toMatchObject({
      code: 1,
      failures: ["no such role"],
    })
  })

  test("whose role is not known, or is more than one, is named", async () => {
    expect(await judged({ ...AUTO, roles: { "nobody*": "api" } })).toMatchObject({
      code: 0,
      warnings: ["unknown role"],
    })
    await server.sql("CREATE ROLE second LOGIN CONNECTION LIMIT 20")
    const roles = { [ROLE.user]: "api", second: "api" }
    expect(await limitedTo(20, () => judged({ ...AUTO, roles }))).toMatchObject({
      code: 0,
      warnings: ["several roles"],
    })
    await server.sql("DROP ROLE second")
  })

  test("CREATEROLE without ADMIN OPTION may not set its limit, and with it may", async () => {
    await server.sql("CREATE ROLE ops LOGIN PASSWORD 'x' CREATEROLE; GRANT CONNECT ON DATABASE core TO ops")
    const url = `postgresql://ops:x@127.0.0.1:${server.port}/core`
    const asked = async () => (await limitedTo(20, () => judged(AUTO, url))).out
    expect(await asked()).toContain(
      `of role ${ROLE.user}: a superuser; not ops, which has CREATEROLE without ADMIN OPTION on ${ROLE.user}\n`,
    )
    await server.sql(`GRANT ${ROLE.user} TO ops WITH ADMIN OPTION`)
    expect(await asked()).toContain(`of role ${ROLE.user}: a superuser, and ops, which asks\n`)
    expect((await limitedTo(20, judged)).out).toContain(
      `of role ${ROLE.user}: a superuser, ops; not ${ROLE.user}, which asks\n`,
    )
    await server.sql("DROP OWNED BY ops; DROP ROLE ops")
  })

  test("is judged by the role with which it is connected, where none is declared", async () => {
    const client = new pg.Client(server.url("core", { application_name: "api@1#k3f9ab" }))
    await client.connect()
    const { roles: _, ...config } = AUTO
    const asked = () => judged(config, server.adminUrl("core"))
    try {
      expect(await limitedTo(20, asked)).toMatchObject({ code: 0, failures: [], warnings: [] })
      expect(await limitedTo(21, asked)).toMatchObject({ code: 1, failures: ["other limit"], warnings: [] })
    } finally {
      await client.end()
    }
  })
})

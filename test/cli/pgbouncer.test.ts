import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { command, type Setting, words } from "../support/command.ts"

const INI = `[databases]
core = host=db.internal dbname=core password=s3cr3t
[pgbouncer]
auth_type = scram-sha-256
auth_file = /etc/pgbouncer/userlist.txt
pool_mode = transaction
default_pool_size = 20
max_client_conn = 400
query_wait_timeout = 20
max_prepared_statements = 200
server_tls_sslmode = verify-full
`
const USERS = `"app" "SCRAM-SHA-256$s3cr3t"\n`
const FLEET = "--max-connections 100 --consumer api=20x5+0"
const run = (line: string, setting: Setting = {}) =>
  command(words(line), {
    ...setting,
    files: { "pgbouncer.ini": INI, "userlist.txt": USERS, ...setting.files },
  })

/** Services of a compose file, each with these variables, that connect through the pooler. */
const composeOf = (services: Readonly<Record<string, Readonly<Record<string, string>>>>) => ({
  name: "shop",
  services: Object.fromEntries(
    Object.entries(services).map(([name, environment]) => [name, { image: "api", environment }]),
  ),
})
const through = (parameters = "") => ({
  DATABASE_URL: `postgresql://app:s3cr3t@pooler:6432/core?pgbouncer=true${parameters}`,
  PRISMA_POOL_SIZE: "5",
})

describe("query_wait_timeout against the pool_timeout of the clients:", () => {
  const warned = async (
    services: Parameters<typeof composeOf>[0],
    wait: string,
    fleet: Readonly<Record<string, unknown>> = {},
  ) => {
    const { code, out, err } = await run("check --compose compose.json --pgbouncer pgbouncer.ini", {
      files: {
        "pgbouncer.ini": INI.replace("query_wait_timeout = 20", wait),
        "compose.json": composeOf(services),
        "pool.config.json": {
          maxConnections: 200,
          poolers: { pgbouncer: { hosts: ["pooler"], instances: 1 } },
          ...fleet,
        },
      },
    })
    expect([code, err]).toEqual([0, "Using pool.config.json\n"])
    expect(out).not.toContain("s3cr3t")
    return /query_wait_timeout: (.*?): behind a pooler/.exec(out)?.[1]
  }
  const api = (parameters = "", more = {}) => ({ api: { ...through(parameters), ...more } })

  test.each([
    [
      "a URL that says less",
      api("&pool_timeout=10&connect_timeout=5"),
      "query_wait_timeout = 15",
      "is 15 seconds, above the 10 of pool_timeout in service/api",
    ],
    [
      "a variable that says less, which counts before the URL",
      api("&pool_timeout=60", { PRISMA_POOL_TIMEOUT: "12" }),
      "query_wait_timeout = 20",
      "is 20 seconds, above the 12 of pool_timeout in service/api",
    ],
    ["a URL that says as much", api("&pool_timeout=60"), "query_wait_timeout = 60", undefined],
    ["no limit of the pool", api("&pool_timeout=0"), "query_wait_timeout = 60", undefined],
    [
      "neither, which is the default",
      api(),
      "query_wait_timeout = 60",
      "is 60 seconds, above the 20 of pool_timeout in service/api",
    ],
    [
      "the default beside a long connect_timeout, which is longer",
      api("&connect_timeout=40"),
      "query_wait_timeout = 50",
      undefined,
    ],
    [
      "several, by the shortest",
      { ...api("&pool_timeout=15"), worker: through("&pool_timeout=12"), web: through("&pool_timeout=60") },
      "query_wait_timeout = 30",
      "is 30 seconds, above the 12 of pool_timeout in service/worker, and of 1 more",
    ],
    [
      "no limit of PgBouncer",
      api("&pool_timeout=60"),
      "query_wait_timeout = 0",
      "is 0 seconds, which is no limit, above the 60 of pool_timeout in service/api",
    ],
  ])("%s", async (_, services, wait, expected) => {
    expect(await warned(services, wait)).toBe(expected)
  })

  test("of what is declared it is not known, so that the default counts", async () => {
    const consumers = { declared: { instances: 1, poolSize: 2, surge: 0, pooler: "pgbouncer" } }
    const services = api("&pool_timeout=60")
    expect(await warned(services, "query_wait_timeout = 60", { consumers })).toBe(
      "is 60 seconds, above the 20 of pool_timeout by default",
    )
  })
})

describe("check --pgbouncer", () => {
  test("counts its pools, and what is behind it as its clients: 0", async () => {
    const { code, out } = await run(`check ${FLEET} --pgbouncer pgbouncer.ini --behind api`)
    expect(code).toBe(0)
    expect(out).toContain(
      "✓ fits: 25 of 97 usable connections (26 %), 45 during a deploy; 100 of 320 clients of pgbouncer",
    )
    expect(out).toContain("poolers.pgbouncer.instances: 1 process, which is not in the file")
    expect(out).not.toContain("s3cr3t")
  })

  test("says what does not fit, and where: 1", async () => {
    const { code, out } = await run(
      `check ${FLEET} --pgbouncer pgbouncer.ini --behind api --pgbouncer-instances 3`,
    )
    expect(code).toBe(1)
    expect(out).toMatch(/ pgbouncer, pooler +\| +3 \+ 3 \| +20 \| +60 \| +120 \|/)
    const old = await run(`check ${FLEET} --pgbouncer pgbouncer.ini --behind api --pgbouncer-version 1.18`)
    expect(old.code).toBe(1)
    expect(old.out).toContain(
      "Cannot work\n  pgbouncer.ini:10: max_prepared_statements: is a parameter since 1.21",
    )
  })

  test("leaves open what it cannot tell: 2", async () => {
    const { code, out } = await run(`check ${FLEET} --pgbouncer pgbouncer.ini --behind api`, {
      files: { "userlist.txt": "" },
    })
    expect(code).toBe(2)
    expect(out).toContain(
      "pgbouncer.ini:2: core: has a pool for each user, and their number is not known: auth_file has no user",
    )
    const gone = await run("check --max-connections 100 --consumer api=2x5+0 --pgbouncer pgbouncer.ini")
    expect(gone.code).toBe(2)
    expect(gone.out).toContain(
      "poolers.pgbouncer: has no consumer or job that is known to connect through it",
    )
  })

  test("refuses what PgBouncer refuses, all of it at once: 3", async () => {
    const files = { "pgbouncer.ini": `${INI}pool_sise = 3\nreserve_pool_size = s3cr3t\n` }
    const { code, err } = await run(`check ${FLEET} --pgbouncer pgbouncer.ini --behind api`, { files })
    expect(code).toBe(3)
    expect(err).toContain("pgbouncer.ini:12: pool_sise: is no parameter")
    expect(err).toContain("pgbouncer.ini:13: reserve_pool_size: is not a whole number")
    expect(err).not.toContain("s3cr3t")
  })

  test("reads included files, beside the file and in theirs", async () => {
    const files = {
      "pgbouncer.ini": `${INI}%include /etc/pgbouncer/conf.d/pools.ini\n`,
      "pools.ini": "default_pool_size = 7\n%include more.ini\n",
      "more.ini": "reserve_pool_size = 2\n",
    }
    const { code, out } = await run(`check ${FLEET} --pgbouncer pgbouncer.ini --behind api`, { files })
    expect(code).toBe(0)
    expect(out).toContain("✓ fits: 14 of 97")
    const gone = await run(`check ${FLEET} --pgbouncer pgbouncer.ini --behind api`, {
      files: { "pgbouncer.ini": `${INI}%include gone.ini\n` },
    })
    expect(gone.code).toBe(2)
    expect(gone.out).toContain(
      "Not everything is shown\n  pgbouncer.ini:12: includes a file that is not there",
    )
  })

  test("reads what a file in another directory names beside itself", async () => {
    const { cwd } = await run("--version")
    const directory = join(cwd, "deploy")
    await mkdir(directory, { recursive: true })
    await writeFile(
      join(directory, "pgbouncer.ini"),
      `${INI.replace("/etc/pgbouncer/", "")}%include more.ini\n`,
    )
    await writeFile(join(directory, "userlist.txt"), USERS)
    await writeFile(join(directory, "more.ini"), "default_pool_size = 7\n")
    for (const path of ["deploy", directory]) {
      const { out } = await command(words(`check ${FLEET} --pgbouncer ${path}/pgbouncer.ini --behind api`), {
        cwd,
      })
      expect(out).toContain("✓ fits: 12 of 97")
    }
  })

  test("reads one from stdin, and several by name", async () => {
    const piped = await run(`check ${FLEET} --pgbouncer - --behind api`, { stdin: INI })
    expect(piped.out).toContain("✓ fits: 25 of 97")
    const config = {
      maxConnections: 200,
      consumers: {
        api: { instances: 20, poolSize: 5, surge: 0, pooler: "one" },
        jobs: { instances: 2, poolSize: 5, surge: 0, pooler: "two" },
      },
    }
    const files = { "pool.config.json": config }
    const { code, out } = await run("check --pgbouncer one=pgbouncer.ini --pgbouncer two=pgbouncer.ini", {
      files,
    })
    expect(code).toBe(0)
    for (const name of ["one", "two"])
      expect(out).toMatch(new RegExp(` ${name}, pooler +\\| +1 \\+ 1 \\| +20 \\|`))
    const twice = await run("check --pgbouncer pgbouncer.ini --pgbouncer pgbouncer.ini", { files })
    expect(twice.code).toBe(3)
    expect(twice.err).toContain("--pgbouncer: has two files for the pooler pgbouncer")
    expect(
      (await run(`check ${FLEET} --pgbouncer one=pgbouncer.ini --pgbouncer two=pgbouncer.ini --behind api`))
        .err,
    ).toContain("--behind: is for the only pooler, and there are 2")
  })

  test("refuses flags that are about no file, and versions that are not read", async () => {
    const { code, err } = await run(`check ${FLEET} --pgbouncer-version 1.24 --pgbouncer-instances 2`)
    expect(code).toBe(3)
    expect(err).toContain("--pgbouncer-version: is given without a file")
    expect(err).toContain("--pgbouncer-instances: is given without a file")
    const of = async (version: string) =>
      (await run(`check ${FLEET} --pgbouncer pgbouncer.ini --pgbouncer-version ${version}`)).err
    for (const version of ["1.15", "2.0", "new"]) expect(await of(version)).toContain("Give 1.16 to 1.26, as")
    expect(await of("1.27")).toContain("Give 1.26, whose parameters later ones know too.")
  })
})

test("plan --pgbouncer solves for the clients of what the file has", async () => {
  const { code, out } = await run(
    "plan --max-connections 100 --consumer api=20+0 --pgbouncer pgbouncer.ini --behind api",
  )
  expect(code).toBe(0)
  expect(out).toMatch(/ pgbouncer, pooler +\| +1 \+ 1 \| +20 \| +20 \| +40 \|/)
  expect(out).toMatch(/ api +\| +20 \| +9 \| +180 \| +180 \|/)
})

describe("what is deployed connects", () => {
  const URL = "postgresql://app@bouncer:5432/core"
  const SERVER = "postgresql://app@db.internal:5432/core"
  const POOLED = "postgresql://app@other/core?pgbouncer=true"
  const HOSTS = { hosts: ["bouncer"] }
  const own = (pooler: string | false) => ({ override: { "service/api": { pooler, reason: "known" } } })
  const api = (url: string | null, poolSize: string) => ({
    services: {
      api: {
        image: "api",
        environment: { DATABASE_URL: url, PRISMA_POOL_SIZE: poolSize },
        deploy: { replicas: 4, update_config: { order: "stop-first" } },
      },
    },
  })
  const checked = async (
    url: string | null,
    poolers: object = {},
    further: object = {},
    flags = "",
    poolSize = "5",
  ) => {
    const { code, out } = await run(
      `check --compose compose.json --pgbouncer pgbouncer.ini --format json ${flags}`,
      {
        files: {
          "compose.json": api(url, poolSize),
          "pool.config.json": {
            maxConnections: 100,
            poolers: { pgbouncer: { instances: 1, surge: 0, ...poolers } },
            deployments: { hosts: ["db.internal"], ...further },
          },
        },
      },
    )
    const [{ lowest, highest, unknowns, failures }] = JSON.parse(out).servers
    const poolerOf = (check: typeof highest) => check.consumers["service/api"]?.pooler ?? "none"
    const clients = [lowest, highest].map((check) => check.poolers.pgbouncer.clients.total)
    return { code, pooler: poolerOf(highest), clients, unknowns, failures }
  }
  const THROUGH = { code: 0, pooler: "pgbouncer", clients: [20, 20] }

  test.each([
    ["by the pooler's host", URL, HOSTS, {}, ""],
    [
      "by its port, on the host of the server",
      "postgresql://app@db.internal:6432/core",
      { hosts: ["db.internal"] },
      {},
      "",
    ],
    ["by pgbouncer=true, where nothing says otherwise", POOLED, {}, {}, ""],
    ["by an override", "postgresql://app@elsewhere/core", {}, own("pgbouncer"), ""],
    ["by a flag", "postgresql://app@elsewhere/core", {}, {}, "--behind service/api"],
  ])("through it, %s", async (_, url, poolers, further, flags) => {
    const found = await checked(url, poolers, further, flags)
    expect(found).toMatchObject(THROUGH)
    expect(found.unknowns).toEqual([])
  })

  // Nothing that is known is then behind the pooler, which leaves the verdict open in its turn.
  test.each([
    ["by the host of the server", SERVER, HOSTS, {}],
    ["by its port, on the host of the pooler too", SERVER, { hosts: ["db.internal"] }, {}],
    ["by an override", URL, HOSTS, own(false)],
  ])("to the server itself, %s", async (_, url, poolers, further) => {
    const found = await checked(url, poolers, further)
    expect(found).toMatchObject({ code: 2, pooler: "none", clients: [0, 0] })
    expect(found.unknowns.map(({ name }: { name: string }) => name)).toContain("poolers.pgbouncer")
  })

  test.each([
    ["a URL that is not shown", null, HOSTS],
    ["a host that is neither's", "postgresql://app@elsewhere:6432/core", {}],
    ["pgbouncer=true on another host than the pooler's", POOLED, HOSTS],
  ])("in a way that is not told: %s", async (_, url, poolers) => {
    const found = await checked(url, poolers)
    expect(found).toMatchObject({ code: 2, pooler: "none", clients: [0, 0] })
    expect(found.unknowns.map(({ name }: { name: string }) => name)).toContain("service/api.pooler")
  })

  test("in a way that is not told, by a port of neither of two on one host", async () => {
    const { code, out } = await run(
      "check --max-connections 100 --compose compose.json --pgbouncer a=pgbouncer.ini --pgbouncer b=pgbouncer.ini",
      {
        files: {
          "compose.json": api("postgresql://app@pooler:7000/core", "5"),
          "pool.config.json": {
            poolers: { a: { instances: 1, hosts: ["pooler"] }, b: { instances: 1, hosts: ["pooler"] } },
          },
        },
      },
    )
    expect([code, out]).toEqual([2, expect.stringContaining("service/api.pooler: cannot be seen")])
  })

  test("in a way that is not told, beside what is known to be behind it", async () => {
    const container = {
      name: "worker",
      image: "worker",
      env: [
        { name: "DATABASE_URL", valueFrom: { secretKeyRef: { name: "database", key: "url" } } },
        { name: "PRISMA_POOL_SIZE", value: "5" },
      ],
    }
    const worker = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "worker" },
      spec: { replicas: 2, strategy: { type: "Recreate" }, template: { spec: { containers: [container] } } },
    }
    const files = { "worker.json": worker }
    const flags = `${FLEET} --kubernetes worker.json --pgbouncer pgbouncer.ini --behind api`
    const { code, out } = await run(`check ${flags}`, { files })
    expect(code).toBe(2)
    expect(out).toContain("deployment/worker.pooler: cannot be seen")
    const told = await run(`check ${flags} --behind deployment/worker`, { files })
    expect(told.code).toBe(0)
    expect(told.out).toContain("110 of 320 clients of pgbouncer")
  })

  test("and cannot have a size of auto behind it", async () => {
    const found = await checked(URL, HOSTS, {}, "", "auto")
    expect(found.code).toBe(1)
    expect(JSON.stringify(found.failures)).toContain("connects through pgbouncer: behind a pooler")
  })

  test("and a flag names an address that is there", async () => {
    const { out } = await run(
      "check --compose compose.json --pgbouncer pgbouncer.ini --behind service/ghost --max-connections 100",
      {
        files: { "compose.json": api(URL, "5") },
      },
    )
    expect(out).toContain("behind: no resource has the address service/ghost")
  })

  test("and an override names a pooler that is there", async () => {
    const { code, err } = await run("check --compose compose.json --max-connections 100", {
      files: { "compose.json": api(URL, "5"), "pool.config.json": { deployments: own("ghost") } },
    })
    expect(code).toBe(3)
    expect(err).toContain('override.service/api.pooler: received "ghost", which is not under poolers')
  })
})

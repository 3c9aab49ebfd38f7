import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { stringify } from "yaml"
import { fleetFromRender, PoolConfigError } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { runs } from "../support/properties.ts"
import { blueprint, cron, database, fromDatabase, plain, reading, type Values, web } from "./blueprints.ts"

const problems = (value: unknown): string => {
  try {
    fleetFromRender(value)
  } catch (error) {
    if (error instanceof PoolConfigError) return error.message
  }
  return ""
}

const named = ({ unknowns }: ReturnType<typeof fleetFromRender>) => unknowns.map(({ name }) => name)

describe("how many instances", () => {
  test.each<[what: string, values: Values, instances: number, surge: number]>([
    ["numInstances, as many again in a deploy", { numInstances: 3 }, 3, 3],
    ["1 by default", { numInstances: undefined }, 1, 1],
    ["scaling over numInstances", { numInstances: 2, scaling: { minInstances: 1, maxInstances: 5 } }, 5, 5],
    ["none more with a disk", { disk: { name: "d", mountPath: "/d" } }, 1, 0],
    ["one more for preDeployCommand", { numInstances: 2, preDeployCommand: "npm run setup" }, 2, 3],
    ["and with a disk", { disk: { name: "d" }, preDeployCommand: "npm run setup" }, 1, 1],
    ["one more for a build that migrates", { buildCommand: "npm ci && npx prisma migrate deploy" }, 1, 2],
    ["none more for a build that does not", { buildCommand: "npm ci && npx prisma generate" }, 1, 1],
    ["of a worker", { type: "worker", numInstances: 2 }, 2, 2],
    ["of a private service", { type: "pserv", numInstances: "2" }, 2, 2],
    ["of a static site: its build", { runtime: "static" }, 0, 1],
  ])("%s", (_, values, instances, surge) => {
    const { highest, unknowns } = reading([web("api", values)])
    expect(highest.consumers).toEqual({
      "service/api": { instances, surge, poolSize: 10, poolsPerInstance: 1 },
    })
    expect(unknowns).toEqual([])
  })

  test("key value instances and static sites without the variable run nothing", () => {
    const { highest, unknowns } = reading([
      web("api"),
      { type: "keyvalue", name: "cache" },
      { type: "redis", name: "old" },
      { type: "web", name: "site", env: "static" },
    ])
    expect([Object.keys(highest.consumers), unknowns]).toEqual([["service/api"], []])
  })
})

describe("a cron job", () => {
  test("runs by its schedule in UTC, for up to 12 hours, and never twice at a time", () => {
    const { highest, assumptions } = reading([cron("import", "0 3 * * *")])
    expect(highest.jobs).toEqual([
      {
        name: "service/import",
        schedule: "0 3 * * *",
        timezone: "UTC",
        duration: "12h",
        maxRuns: 1,
        poolSize: 3,
        poolsPerInstance: 1,
      },
    ])
    expect(assumptions.map(({ name }) => name)).toContain("service/import.duration")
  })

  test("whose runs could meet may run at any time, unless its duration is stated", () => {
    const dense = [cron("import", "*/10 * * * *")]
    expect(reading(dense).highest.jobs[0]).toMatchObject({ concurrent: 1 })
    expect(reading(dense).highest.jobs[0]).not.toHaveProperty("schedule")
    const override = { "service/import": { duration: "5m", reason: "measured" } }
    expect(reading(dense, {}, { override }).highest.jobs[0]).toMatchObject({
      schedule: "*/10 * * * *",
      duration: "5m",
      maxRuns: 1,
    })
  })

  test("with a schedule that is none is refused", () => {
    expect(problems(blueprint([cron("import", "at noon")]))).toContain("services[0].schedule")
  })
})

describe("the environment", () => {
  const sizeOf = (envVars: readonly Values[], fields: Values = {}, more: readonly Values[] = []) => {
    const fleet = reading([web("api", { envVars }), ...more], fields)
    const { poolSize } = fleet.highest.consumers["service/api"] ?? {}
    return [poolSize, named(fleet)]
  }
  const groups = (...all: readonly (readonly [name: string, envVars: readonly Values[]])[]) => ({
    envVarGroups: all.map(([name, envVars]) => ({ name, envVars })),
  })
  const SIZE = "PRISMA_POOL_SIZE"

  test("a URL that Render makes has no parameters: the default decides", () => {
    expect(sizeOf([fromDatabase()])).toEqual([15, []])
  })

  test("own variables count over those of a group, wherever they are", () => {
    const shared = groups(["shared", [plain(SIZE, 7)]])
    expect(sizeOf([fromDatabase(), { fromGroup: "shared" }], shared)).toEqual([7, []])
    expect(sizeOf([plain(SIZE, 4), fromDatabase(), { fromGroup: "shared" }], shared)).toEqual([4, []])
  })

  test("which of two groups counts is not known", () => {
    const two = groups(["a", [plain(SIZE, 7)]], ["b", [plain(SIZE, 9)]])
    const both = [fromDatabase(), { fromGroup: "a" }, { fromGroup: "b" }]
    expect(sizeOf(both, two)).toEqual([10_000, [`service/api.${SIZE}`]])
    expect(sizeOf([...both, plain(SIZE, 5)], two)).toEqual([5, []])
  })

  test("a group that is not in the file may set everything", () => {
    const { unknowns, highest } = reading([web("api"), web("other", { envVars: [{ fromGroup: "x" }] })])
    expect(Object.keys(highest.consumers)).toEqual(["service/api", "service/other"])
    expect(unknowns).toMatchObject([{ name: "service/other.DATABASE_URL", cause: "environment" }])
  })

  test("a secret of the dashboard is there, and its size is not known", () => {
    expect(sizeOf([{ key: "DATABASE_URL", sync: false }])).toEqual([10_000, ["service/api.DATABASE_URL"]])
    expect(sizeOf([{ key: "DATABASE_URL", sync: false }, plain(SIZE, 6)])).toEqual([6, []])
  })

  test("of another service has its value, and a circle ends", () => {
    const from = (name: string, envVarKey: string) => ({
      key: envVarKey,
      fromService: { type: "web", name, envVarKey },
    })
    const other = web("other", { envVars: [plain(SIZE, 8), from("api", "DATABASE_URL")] })
    expect(sizeOf([fromDatabase(), from("other", SIZE)], {}, [other])).toEqual([8, []])
    const [, unknowns] = sizeOf([from("other", "DATABASE_URL")], {}, [other])
    expect(unknowns).toContain("service/api.DATABASE_URL")
  })

  test("a command that sets the size hides it", () => {
    const { unknowns } = reading([web("api", { startCommand: `${SIZE}=9 node main.js` })])
    expect(unknowns).toMatchObject([{ cause: "size", attribute: SIZE }])
  })

  test("a command before the deploy that sets the size is unknown in a deploy only", () => {
    const { unknowns, highest } = reading([web("api", { preDeployCommand: `${SIZE}=90 node seed.js` })])
    expect(unknowns).toMatchObject([{ cause: "surge", isOfDeploy: true }])
    expect(highest.consumers["service/api"]).toMatchObject({ poolSize: 10 })
  })
})

describe("the database", () => {
  test.each<[values: Values, maxConnections: number | undefined]>([
    [{ plan: "free" }, 100],
    [{ plan: "basic-256mb" }, 100],
    [{ plan: undefined }, 100],
    [{ plan: "pro-4gb" }, 100],
    [{ plan: "pro-8gb" }, 200],
    [{ plan: "accelerated-16gb" }, 400],
    [{ plan: "pro-32gb" }, 500],
    [{ plan: "pro-192gb" }, 500],
    [{ plan: "standard" }, undefined],
    [{ plan: "pro-8gb", parameterOverrides: { max_connections: "350" } }, 350],
    [{ parameterOverrides: { max_connections: 250 } }, 250],
    [{ parameterOverrides: { max_connections: "many" } }, undefined],
  ])("%j has a ceiling of %s", (values, maxConnections) => {
    const fleet = reading([web("api")], { databases: [database("shop-db", values)] })
    expect(fleet.maxConnections).toBe(maxConnections)
    const isAssumed = fleet.assumptions.some(({ name }) => name === "database/shop-db.max_connections")
    expect(isAssumed).toBe(maxConnections !== undefined && values["parameterOverrides"] === undefined)
  })

  test("a replica is a server of its own, and its URL the replica's", () => {
    const fields = { databases: [database("shop-db", { readReplicas: [{ name: "copy" }] })] }
    const { maxConnections, servers, unknowns, assumptions } = reading(
      [web("api", {}, [fromDatabase("DATABASE_URL_REPLICA", "copy")])],
      fields,
    )
    expect([maxConnections, unknowns]).toEqual([100, []])
    expect(servers.map(({ address }) => address)).toEqual(["database/shop-db", "database/copy"])
    expect(assumptions.map(({ name }) => name)).toContain("service/api.DATABASE_URL_REPLICA")
  })

  test("clients of its PgBouncer count as connections", () => {
    const envVars = [
      fromDatabase("DATABASE_URL", "shop-db", "connectionPoolString"),
      fromDatabase("DIRECT_URL"),
      plain("PRISMA_POOL_SIZE", 10),
    ]
    const { highest, unknowns, assumptions } = reading([web("api", { envVars }), web("direct")])
    expect(Object.keys(highest.consumers)).toEqual([
      "service/api",
      "DIRECT_URL (migrations)",
      "service/direct",
    ])
    expect(unknowns).toEqual([])
    expect(assumptions.map(({ name }) => name)).toContain("database/shop-db.pooler")
  })

  test("one that is not in the file is another server", () => {
    const { unknowns } = reading([web("api"), web("other", { envVars: [fromDatabase("DATABASE_URL", "x")] })])
    expect(unknowns).toMatchObject([{ cause: "host", address: "service/other", isUnbounded: true }])
  })

  test("whose address a service has in parts is connected to", () => {
    const parts = ["host", "user", "password"].map((each) => fromDatabase(`PG_${each}`, "shop-db", each))
    const { unknowns } = reading([web("api"), web("bi", { envVars: parts }), web("own", {}, parts)])
    expect(unknowns).toMatchObject([{ cause: "type", address: "service/bi", isUnbounded: true }])
  })

  test("whose host is in a usual variable is connected to, and counted by a marker", () => {
    const other = { databases: [database(), database("other")] }
    const services = [
      web("api"),
      web("bi", { envVars: [fromDatabase("DB_HOST", "shop-db", "host"), plain("DB_POOL", 7)] }),
    ]
    expect(reading(services).unknowns).toMatchObject([{ cause: "variable", name: "service/bi.DB_HOST" }])
    const options = { markers: ["DB_HOST"], sizeVariable: "DB_POOL", server: "database/shop-db" }
    const { unknowns, highest } = reading(services, other, options)
    expect(unknowns).toEqual([])
    expect(highest.consumers["service/bi"]).toMatchObject({ poolSize: 7 })
  })
})

describe("what is not counted is named:", () => {
  test.each<[what: string, service: Values]>([
    [
      "a pooler by its image",
      { type: "pserv", name: "pool", image: { url: "docker.io/edoburu/pgbouncer:1" } },
    ],
    ["a pooler by its code", { type: "pserv", name: "pool", repo: "https://example.org/x/pgbouncer.git" }],
    ["a pooler by its name", { type: "pserv", name: "pgbouncer", runtime: "docker" }],
    ["a type that is not read", { type: "workflow", name: "flow", envVars: [fromDatabase()] }],
    ["a URL in a variable of another name", { ...web("bi"), envVars: [fromDatabase("BI_URL")] }],
  ])("%s", (_, service) => {
    const { unknowns } = reading([web("api"), service])
    expect(unknowns).toMatchObject([{ address: `service/${service["name"]}`, isUnbounded: true }])
    const exclude = { [`service/${service["name"]}`]: "declared" }
    expect(reading([web("api"), service], {}, { exclude }).unknowns).toEqual([])
  })

  const written = plain("DATABASE_URL", "postgresql://u:p@shop-db/x")
  const on = { previews: { generation: "automatic" } }

  test.each<[what: string, values: Values, fields: Values, isUnknown: boolean]>([
    ["previews of a service", on, {}, true],
    ["manual ones", { previews: { generation: "manual" } }, {}, true],
    ["of the former notation", { pullRequestPreviewsEnabled: true }, {}, true],
    ["environments with databases of their own", {}, on, false],
    ["environments with a written URL", { envVars: [written] }, on, true],
    [
      "environments with another URL for previews",
      { envVars: [{ ...written, previewValue: "postgresql://u:p@other/x" }] },
      on,
      false,
    ],
    ["a service without them", { envVars: [written], previews: { generation: "off" } }, on, false],
    ["none", { envVars: [written] }, { previews: { generation: "off" } }, false],
  ])("previews: %s", (_, values, fields, isUnknown) => {
    const fleet = reading([web("api", values)], fields)
    expect(named(fleet)).toEqual(isUnknown ? ["service/api.previews"] : [])
    const override = { "service/api": { instances: 4, reason: "at most three previews" } }
    const { unknowns, highest } = reading([web("api", values)], fields, { override })
    expect([unknowns, highest.consumers["service/api"]?.instances]).toEqual([[], 4])
  })
})

describe("projects", () => {
  const environment = (name: string, numInstances: number): Values => ({
    name,
    databases: [database()],
    services: [web("api", { numInstances }, [{ fromGroup: "own" }, { fromGroup: "shared" }])],
    envVarGroups: [{ name: "own", envVars: [] }],
  })
  const file = {
    projects: [
      {
        name: "shop",
        envVarGroups: [{ name: "shared", envVars: [plain("LOG_LEVEL", "info")] }],
        environments: [environment("production", 3), environment("staging", 1)],
      },
    ],
    ungrouped: { services: [{ type: "keyvalue", name: "cache" }] },
  }

  test("have an address for each environment, and a server in each", () => {
    const { highest, servers, maxConnections } = fleetFromRender(file)
    expect(Object.keys(highest.consumers)).toEqual([
      "shop/production/service/api",
      "shop/staging/service/api",
    ])
    expect(servers.map(({ address }) => address)).toEqual([
      "shop/production/database/shop-db",
      "shop/staging/database/shop-db",
    ])
    expect(maxConnections).toBeUndefined()
    const exclude = { "service/api": "both" }
    expect(fleetFromRender(file, { exclude }).highest.consumers).toEqual({})
  })

  test("a service of one environment leads to the database of that one", () => {
    const { unknowns } = fleetFromRender(file, { server: "shop/production/database/shop-db" })
    expect(unknowns).toMatchObject([{ cause: "host", address: "shop/staging/service/api" }])
  })
})

test("databases of similar names are told apart", () => {
  const names = ["shop-db", "shop_db", "Shop-db"]
  const databases = names.map((name) => database(name))
  const services = names.map((name, index) =>
    web(`app-${index}`, { envVars: [fromDatabase("DATABASE_URL", name), plain("PRISMA_POOL_SIZE", 1)] }),
  )
  for (const [index, name] of names.entries()) {
    const { unknowns } = reading(services, { databases }, { server: `database/${name}` })
    const others = names.flatMap((_, at) => (at === index ? [] : [`service/app-${at}`]))
    expect(unknowns.map(({ cause, address }) => [cause, address])).toEqual(
      others.map((each) => ["host", each]),
    )
  }
})

test("any value anywhere is read or refused, and never shown", () => {
  const own = blueprint(
    [
      web("api", { preDeployCommand: "x", scaling: { minInstances: 1, maxInstances: 2 } }, [
        { fromGroup: "g" },
      ]),
      { ...cron("import", "0 3 * * *"), previews: { generation: "off" } },
      {
        type: "pserv",
        name: "own",
        image: { url: "x" },
        disk: {},
        envVars: [fromDatabase("X", "y", "host")],
      },
    ],
    {
      databases: [
        database("shop-db", { readReplicas: [{ name: "r" }], parameterOverrides: { max_connections: 9 } }),
      ],
      envVarGroups: [{ name: "g", envVars: [{ key: "A", fromService: { name: "api", envVarKey: "A" } }] }],
      projects: [{ name: "p", environments: [{ name: "e", services: [web("b")] }] }],
      previews: { generation: "automatic" },
    },
  )
  const paths = (value: unknown): readonly (readonly string[])[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, each]) => [[key], ...paths(each).map((path) => [key, ...path])])
      : []
  const replaced = (value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown => {
    if (key === undefined) return by
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
      ? [...value]
      : { ...(value as Values) }
    Object.assign(copy, { [key]: replaced((value as Values)[key], rest, by) })
    return copy
  }
  const secret = "s3cr3t"
  const values = fc.oneof(
    fc.constantFrom<unknown>(null, "", 0, -1, 1.5, true, [], {}, [null], [[]], [{}], { value: secret }, [
      secret,
    ]),
    fc.jsonValue({ maxDepth: 2 }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...paths(own)), values, (path, value) => {
      const file = replaced(own, path, value)
      for (const input of [file, stringify(file)]) {
        try {
          fleetFromRender(input)
        } catch (error) {
          if (!(error instanceof PoolConfigError)) throw error
          expect(error.message).not.toContain(secret)
        }
      }
    }),
    runs(150),
  )
})

describe("a text", () => {
  const text = stringify(blueprint([web("api"), cron("import", "0 3 * * *")]))

  test("is read as the object is", () => {
    const of = ({ highest, lowest, maxConnections }: ReturnType<typeof fleetFromRender>) => ({
      highest,
      lowest,
      maxConnections,
    })
    expect(of(fleetFromRender(text))).toEqual(of(reading([web("api"), cron("import", "0 3 * * *")])))
  })

  test("has lines in its errors and unknowns, and no value in them", () => {
    const secret = "s3cret-value"
    const wrong = text.replace("numInstances: 1", `numInstances: ${secret}`)
    expect(problems(wrong)).toMatch(/line 8: has a value of the wrong type at services\[0\]\.numInstances/)
    expect(problems(wrong)).not.toContain(secret)
    const { unknowns } = fleetFromRender(text.replace('"10"', "10").replace("PRISMA_POOL_SIZE", "OTHER_URL"))
    expect(unknowns).toEqual([])
    const pooled = fleetFromRender(`${text}  - { type: pserv, name: pgbouncer }\n`)
    expect(pooled.unknowns).toMatchObject([{ place: expect.stringMatching(/^line \d+$/) }])
  })

  test.each<[what: string, value: unknown, message: string]>([
    ["nothing", "", "is empty"],
    ["comments alone", "# nothing\n", "is empty"],
    ["two documents", `${text}---\n${text}`, "is a second YAML document"],
    ["broken YAML", "services: [", "is not valid YAML"],
    ["a key twice", "services: []\nservices: []\n", "has a key that is there before"],
    ["a template", "services: [{{ x }}]", "Fill it in: Render fills in no templates"],
    ["a list", [[]], "received"],
    ["a compose file", "services: { api: { image: x } }", "give it with --compose"],
    ["manifests", "apiVersion: v1\nkind: List\n", "give it with --kubernetes"],
    ["another file", "name: x\n", "so it is not a Blueprint"],
    ["a service without a name", blueprint([{ type: "web" }]), "is a service without a name"],
    ["a name twice", blueprint([web("api"), web("api")]), "is a service whose name is there before"],
    ["services of the wrong type", { services: ["api"] }, "services: has a value of the wrong type"],
    ["no most instances", blueprint([web("api", { scaling: { minInstances: 1 } })]), "has no maxInstances"],
    [
      "a size that is refused",
      blueprint([web("a", {}, [plain("PRISMA_POOL_SIZE", 0)])]),
      "service/a.PRISMA_POOL_SIZE",
    ],
  ])("that is %s is refused", (_, value, message) => {
    expect(problems(value)).toContain(message)
  })

  test("that grows without end when it is expanded is refused", () => {
    const lines = Array.from(
      { length: 20 },
      (_, index) => `a${index}: &a${index} [${`*a${index - 1}, `.repeat(9)}]`,
    )
    expect(problems(["a-1: &a-1 [x]", ...lines, "services: *a19"].join("\n"))).toContain("aliases")
  })
})

const drawn = fc.array(
  fc.record({
    type: fc.constantFrom("web", "pserv", "worker"),
    instances: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 12 }),
    hasDisk: fc.boolean(),
    isScaled: fc.boolean(),
    migrates: fc.boolean(),
    from: fc.constantFrom("own", "group", "service"),
  }),
  { minLength: 1, maxLength: 5 },
)

/** The services of a Blueprint, and the same as a declaration. */
function written(services: typeof drawn extends fc.Arbitrary<infer T> ? T : never) {
  const size = (value: number) => plain("PRISMA_POOL_SIZE", value)
  const groups = services.map((each, index) => ({ name: `group-${index}`, envVars: [size(each.size)] }))
  const bases = services.map((each, index) => ({
    type: "keyvalue",
    name: `base-${index}`,
    envVars: [size(each.size)],
  }))
  const own = services.map((each, index) => ({
    type: each.type,
    name: `app-${index}`,
    ...(each.isScaled && !each.hasDisk
      ? { numInstances: 1, scaling: { minInstances: 1, maxInstances: each.instances } }
      : { numInstances: each.hasDisk ? 1 : each.instances }),
    ...(each.hasDisk ? { disk: { name: "d", mountPath: "/d" } } : {}),
    ...(each.migrates ? { preDeployCommand: "npx prisma migrate deploy" } : {}),
    envVars: [
      fromDatabase(),
      each.from === "own"
        ? size(each.size)
        : each.from === "group"
          ? { fromGroup: `group-${index}` }
          : {
              key: "PRISMA_POOL_SIZE",
              fromService: { name: `base-${index}`, envVarKey: "PRISMA_POOL_SIZE" },
            },
    ],
  }))
  const consumers = services.map(({ hasDisk, instances, size: poolSize, migrates }, index) => {
    const count = hasDisk ? 1 : instances
    return [
      `service/app-${index}`,
      { instances: count, poolSize, surge: (hasDisk ? 0 : count) + (migrates ? 1 : 0) },
    ]
  })
  return {
    file: blueprint([...bases, ...own], { envVarGroups: groups }),
    declared: { maxConnections: 100, consumers: Object.fromEntries(consumers) },
  }
}

test("a fleet has the sums of the same one as a declaration", () => {
  fc.assert(
    fc.property(drawn, (services) => {
      const { file, declared } = written(services)
      const { highest, lowest, unknowns, maxConnections = 0 } = fleetFromRender(file)
      expect(unknowns).toEqual([])
      const { total, usable, deploy, fits } = checkFleet(declared)
      for (const part of [highest, lowest])
        expect(checkFleet({ maxConnections, ...part })).toMatchObject({
          total,
          usable,
          fits,
          deploy: { total: deploy.total, fits: deploy.fits },
        })
    }),
    runs(200),
  )
})

test("what is hidden of a fleet never makes its highest sum lower without an unknown", () => {
  const hide = fc.constantFrom<readonly [what: string, hidden: (own: Values) => Values]>(
    ["the size", (own) => ({ ...own, envVars: [fromDatabase(), { key: "PRISMA_POOL_SIZE", sync: false }] })],
    ["the URL", (own) => ({ ...own, envVars: [{ key: "DATABASE_URL", sync: false }] })],
    ["all variables", (own) => ({ ...own, envVars: [{ fromGroup: "elsewhere" }] })],
    ["the type", (own) => ({ ...own, type: "workflow" })],
  )
  fc.assert(
    fc.property(drawn, hide, fc.nat(), (services, [, hidden], at) => {
      const { file } = written(services)
      const all = file["services"] as readonly Values[]
      const which = services.length + (at % services.length)
      const after = { ...file, services: all.map((own, index) => (index === which ? hidden(own) : own)) }
      const sum = ({ highest }: ReturnType<typeof fleetFromRender>) =>
        checkFleet({ maxConnections: 100, ...highest }).deploy.total
      const fleet = fleetFromRender(after)
      if (sum(fleet) < sum(fleetFromRender(file)))
        expect(fleet.unknowns.some(({ isUnbounded }) => isUnbounded)).toBe(true)
      else expect(fleet.unknowns).not.toEqual([])
    }),
    runs(200),
  )
})

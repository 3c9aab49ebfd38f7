import { describe, expect, test } from "vitest"
import { poolConfigJsonSchema } from "../../scripts/pool-config-json-schema.ts"
import { findRelaxations } from "../../src/declaration/find-relaxations.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { readFleetConfig } from "../../src/declaration/read-fleet-config.ts"

type Fields = Readonly<Record<string, unknown>>

/** Relaxations as `name: from → to`. */
function relaxed(base: Fields, head: Fields, hasPlan = false): string[] {
  const [from, to] = [base, head].map((config) => readFleetConfig(config)) as [FleetConfig, FleetConfig]
  const found = findRelaxations(from, to, { hasPlan, deploy: "fail" })
  return found.map((each) => `${each.name}: ${each.from} → ${each.to}`)
}

const API = { instances: 4, poolSize: 20 }
const IMPORT = { name: "import", schedule: "0 3 * * *", timezone: "UTC", timeout: "2h", poolSize: 5 }

const fleet = (fields: Fields = {}): Fields => ({
  maxConnections: 500,
  consumers: { api: API },
  jobs: [IMPORT],
  ...fields,
})
const consumer = (fields: Fields): Fields => fleet({ consumers: { api: { ...API, ...fields } } })
const open = (fields: Fields): Fields => fleet({ consumers: { api: { instances: 4, ...fields } } })
const job = (fields: Fields): Fields => fleet({ jobs: [{ ...IMPORT, ...fields }] })
const shared = (fields: Fields): Fields =>
  fleet({ consumers: { api: { instances: 4, poolSize: "auto", ...fields } } })
const onDemand = (fields: Fields): Fields => fleet({ jobs: [{ name: "import", poolSize: 5, ...fields }] })
const pooled = (fields: Fields): Fields =>
  fleet({
    consumers: { api: { ...API, pooler: "bouncer" } },
    poolers: { bouncer: { instances: 2, pools: 2, poolSize: 20, maxClientConnections: 500, ...fields } },
  })
const reading = (deployments: Fields): Fields => fleet({ deployments })
const overridden = (fields: Fields): Fields =>
  reading({ override: { "a.b[0]": { reason: "measured", ...fields } } })

/** A change, and what is named of it. Its reverse names what the fourth column says, by default nothing. */
type Row = readonly [change: string, base: Fields, head: Fields, named: string, reverse?: string]

const rows: readonly Row[] = [
  ["a higher ceiling", fleet(), fleet({ maxConnections: 600 }), "maxConnections: 500 → 600"],
  [
    "a ceiling that is taken away",
    fleet(),
    { consumers: { api: API }, jobs: [IMPORT] },
    "maxConnections: 500 → null",
    "maxConnections: null → 500",
  ],
  [
    "fewer slots that the provider keeps",
    fleet({ providerReserved: 12 }),
    fleet({ providerReserved: 2 }),
    "providerReserved: 12 → 2",
  ],
  ["fewer slots of superusers", fleet(), fleet({ superuserReserved: 0 }), "superuserReserved: 3 → 0"],
  [
    "reserved_connections taken away",
    fleet({ reservedConnections: 2 }),
    fleet(),
    "reservedConnections: 2 → 0",
  ],
  [
    "fewer that are reserved",
    fleet({ reserved: { a: 9 } }),
    fleet({ reserved: { a: 8 } }),
    "reserved.a: 9 → 8",
  ],
  ["none that are reserved", fleet({ reserved: { a: 9 } }), fleet(), "reserved.a: 9 → null"],
  [
    "a higher limit",
    fleet({ limits: { role: 50 } }),
    fleet({ limits: { role: 60 } }),
    "limits.role: 50 → 60",
  ],
  [
    "a limit of -1, which is none",
    fleet({ limits: { database: 50 } }),
    fleet({ limits: { database: -1 } }),
    "limits.database: 50 → -1",
  ],
  ["a limit taken away", fleet({ limits: { role: 50 } }), fleet(), "limits.role: 50 → -1"],
  [
    "a process of a pooler, and one more takes more clients",
    pooled({ instances: 3, surge: 1 }),
    pooled({ instances: 2, surge: 1 }),
    "poolers.bouncer.instances: 3 → 2",
    "poolers.bouncer.instances: 2 → 3",
  ],
  [
    "a lower surge of a pooler, which is as many as its instances",
    pooled({}),
    pooled({ surge: 1 }),
    "poolers.bouncer.surge: 2 → 1",
  ],
  ["fewer pools", pooled({}), pooled({ pools: 1 }), "poolers.bouncer.pools: 2 → 1"],
  [
    "a list of pools",
    pooled({}),
    pooled({ pools: [{ database: "core", user: "app" }] }),
    'poolers.bouncer.pools: 2 → [{"database":"core","user":"app"}]',
    'poolers.bouncer.pools: [{"database":"core","user":"app"}] → 2',
  ],
  [
    "fewer databases, of which there are as many as pools",
    pooled({}),
    pooled({ databases: 1 }),
    "poolers.bouncer.databases: 2 → 1",
  ],
  [
    "another host of a pooler",
    pooled({ hosts: ["one"] }),
    pooled({ hosts: ["two"] }),
    "poolers.bouncer.hosts: one → two",
    "poolers.bouncer.hosts: two → one",
  ],
  [
    "transaction mode, in which a pooler takes more clients",
    pooled({ poolMode: "session" }),
    pooled({}),
    "poolers.bouncer.poolMode: session → transaction",
  ],
  ["fewer users", pooled({}), pooled({ users: 1 }), "poolers.bouncer.users: 2 → 1"],
  ["a smaller pool", pooled({}), pooled({ poolSize: 19 }), "poolers.bouncer.poolSize: 20 → 19"],
  [
    "more processes at the least, which take more clients",
    pooled({ minInstances: 1 }),
    pooled({}),
    "poolers.bouncer.minInstances: 1 → 2",
  ],
  ["a smaller reserve", pooled({ reservePoolSize: 5 }), pooled({}), "poolers.bouncer.reservePoolSize: 5 → 0"],
  [
    "a cap by database, where 0 is none",
    pooled({}),
    pooled({ maxDbConnections: 20 }),
    "poolers.bouncer.maxDbConnections: 0 → 20",
  ],
  [
    "a lower cap by user",
    pooled({ maxUserConnections: 30 }),
    pooled({ maxUserConnections: 20 }),
    "poolers.bouncer.maxUserConnections: 30 → 20",
  ],
  [
    "more clients",
    pooled({}),
    pooled({ maxClientConnections: 600 }),
    "poolers.bouncer.maxClientConnections: 500 → 600",
  ],
  [
    "clients that are solved for",
    pooled({}),
    pooled({ maxClientConnections: undefined }),
    "poolers.bouncer.maxClientConnections: 500 → open",
    "poolers.bouncer.maxClientConnections: open → 500",
  ],
  [
    "a pool of auth_user that goes",
    pooled({ authUser: "lookup" }),
    pooled({}),
    "poolers.bouncer.authUser: lookup → null",
  ],
  [
    "one entry for auth_user",
    pooled({ authUser: "lookup" }),
    pooled({ authUser: "lookup", authDbname: "core" }),
    "poolers.bouncer.authDbname: null → core",
    "poolers.bouncer.authDbname: core → null",
  ],
  [
    "backends without a client that are said to be none",
    pooled({}),
    pooled({ orphans: 0 }),
    "poolers.bouncer.orphans: null → 0",
    "poolers.bouncer.orphans: 0 → null",
  ],
  [
    "a consumer that connects directly",
    fleet({ ...pooled({}), jobs: [{ ...IMPORT, pooler: "bouncer" }] }),
    fleet({ ...pooled({}), consumers: { api: API }, jobs: [{ ...IMPORT, pooler: "bouncer" }] }),
    "consumers.api.pooler: bouncer → null",
    "consumers.api.pooler: null → bouncer",
  ],
  [
    "a job behind a pooler",
    pooled({}),
    fleet({ ...pooled({}), jobs: [{ ...IMPORT, pooler: "bouncer" }] }),
    "jobs.import.pooler: null → bouncer",
    "jobs.import.pooler: bouncer → null",
  ],
  ["a lower fill", fleet(), fleet({ fill: 0.5 }), "fill: 0.8 → 0.5"],

  ["a consumer removed", fleet(), fleet({ consumers: {} }), "consumers.api: instances 4, poolSize 20 → null"],
  ["fewer instances", fleet(), consumer({ instances: 3 }), "consumers.api.instances: 4 → 3"],
  ["a smaller pool", fleet(), consumer({ poolSize: 19 }), "consumers.api.poolSize: 20 → 19"],
  [
    "fewer pools in an instance",
    consumer({ poolsPerInstance: 2 }),
    fleet(),
    "consumers.api.poolsPerInstance: 2 → 1",
  ],
  ["a smaller surge", consumer({ surge: 2 }), consumer({ surge: 1 }), "consumers.api.surge: 2 → 1"],
  [
    "a surge below the instances, which an omitted one has",
    fleet(),
    consumer({ surge: 3 }),
    "consumers.api.surge: 4 → 3",
  ],
  ["a surge above the instances taken away", consumer({ surge: 5 }), fleet(), "consumers.api.surge: 5 → 4"],
  [
    "a size that becomes open",
    fleet(),
    open({}),
    "consumers.api.poolSize: 20 → open",
    "consumers.api.poolSize: open → 20",
  ],
  [
    "a size that becomes open within bounds",
    fleet(),
    open({ min: 2, max: 8 }),
    "consumers.api.poolSize: 20 → open",
    "consumers.api.poolSize: open → 20",
  ],
  ["a smaller budget", shared({ budget: 60 }), shared({ budget: 59 }), "consumers.api.budget: 60 → 59"],
  [
    "a budget that becomes open",
    shared({ budget: 60 }),
    shared({ weight: 1 }),
    "consumers.api.budget: 60 → open",
    "consumers.api.budget: open → 60",
  ],
  [
    "instances of a budget that nobody knows any more",
    shared({ budget: 60 }),
    shared({ budget: 60, instances: undefined }),
    "consumers.api.instances: 4 → null",
    "consumers.api.instances: null → 4",
  ],
  ["a lower min", open({ min: 2 }), open({}), "consumers.api.min: 2 → 1"],
  ["a lower max", open({ max: 9 }), open({ max: 8 }), "consumers.api.max: 9 → 8"],
  ["a new max", open({}), open({ max: 8 }), "consumers.api.max: null → 8"],
  [
    "another weight",
    open({}),
    open({ weight: 2 }),
    "consumers.api.weight: 1 → 2",
    "consumers.api.weight: 2 → 1",
  ],

  [
    "a job removed",
    fleet(),
    fleet({ jobs: [] }),
    "jobs.import: schedule 0 3 * * *, timezone UTC, timeout 2h, poolSize 5 → null",
  ],
  ["a job with a smaller pool", fleet(), job({ poolSize: 4 }), "jobs.import.poolSize: 5 → 4"],
  ["fewer pools in a run", job({ poolsPerInstance: 2 }), fleet(), "jobs.import.poolsPerInstance: 2 → 1"],
  ["a shorter timeout", fleet(), job({ timeout: "119m" }), "jobs.import.timeout: 2h → 119m"],
  [
    "a timeout below the default",
    job({ timeout: undefined }),
    job({ timeout: "23h" }),
    "jobs.import.timeout: 24h → 23h",
  ],
  [
    "a shorter duration",
    job({ duration: "90m" }),
    job({ duration: "80m" }),
    "jobs.import.duration: 90m → 80m",
  ],
  [
    "a new duration below all attempts",
    job({ retries: 1 }),
    job({ retries: 1, duration: "3h" }),
    "jobs.import.duration: null → 3h",
  ],
  [
    "a duration above all attempts taken away",
    job({ duration: "3h" }),
    fleet(),
    "jobs.import.duration: 3h → null",
  ],
  ["fewer retries", job({ retries: 1 }), fleet(), "jobs.import.retries: 1 → 0"],
  ["a new maxRuns", fleet(), job({ maxRuns: 2 }), "jobs.import.maxRuns: null → 2"],
  ["a lower maxRuns", job({ maxRuns: 2 }), job({ maxRuns: 1 }), "jobs.import.maxRuns: 2 → 1"],
  ["fewer replicas", job({ replicas: 2 }), fleet(), "jobs.import.replicas: 2 → 1"],
  ["fewer at once", onDemand({}), onDemand({ concurrent: 0 }), "jobs.import.concurrent: 1 → 0"],
  [
    "another schedule",
    fleet(),
    job({ schedule: "0 4 * * *" }),
    "jobs.import.schedule: 0 3 * * * → 0 4 * * *",
    "jobs.import.schedule: 0 4 * * * → 0 3 * * *",
  ],
  [
    "another zone",
    fleet(),
    job({ timezone: "Europe/Paris" }),
    "jobs.import.timezone: UTC → Europe/Paris",
    "jobs.import.timezone: Europe/Paris → UTC",
  ],
  [
    "a size of a job that becomes open",
    fleet(),
    job({ poolSize: undefined }),
    "jobs.import.poolSize: 5 → open",
    "jobs.import.poolSize: open → 5",
  ],

  [
    "other keys",
    fleet(),
    reading({ keys: ["DATABASE_URL"] }),
    "deployments.keys: DATABASE_URL_CORE → DATABASE_URL",
    "deployments.keys: DATABASE_URL → DATABASE_URL_CORE",
  ],
  [
    "another server",
    fleet(),
    reading({ server: "a.b" }),
    "deployments.server: null → a.b",
    "deployments.server: a.b → null",
  ],
  [
    "other hosts",
    reading({ hosts: ["a"] }),
    reading({ hosts: ["b", "a"] }),
    "deployments.hosts: a → a, b",
    "deployments.hosts: a, b → a",
  ],
  [
    "a marker that went",
    reading({ markers: ["DB_HOST", "PGHOST"] }),
    reading({ markers: ["PGHOST"] }),
    "deployments.markers: DB_HOST, PGHOST → PGHOST",
  ],
  [
    "another marker",
    reading({ markers: ["DB_HOST"] }),
    reading({ markers: ["PGHOST"] }),
    "deployments.markers: DB_HOST → PGHOST",
    "deployments.markers: PGHOST → DB_HOST",
  ],
  [
    "a variable for the size",
    fleet(),
    reading({ sizeVariable: "DB_POOL_SIZE" }),
    "deployments.sizeVariable: null → DB_POOL_SIZE",
    "deployments.sizeVariable: DB_POOL_SIZE → null",
  ],
  [
    "a namespace",
    reading({}),
    reading({ namespace: "prod" }),
    "deployments.namespace: null → prod",
    "deployments.namespace: prod → null",
  ],
  [
    "an exclusion",
    reading({ exclude: { a: "no" } }),
    reading({ exclude: { a: "no", b: "copies files" } }),
    "deployments.exclude.b: null → copies files",
  ],
  [
    "an override",
    fleet(),
    overridden({ poolSize: 5, surge: 0 }),
    "deployments.override.a.b[0]: null → poolSize 5, surge 0",
    "deployments.override.a.b[0]: poolSize 5, surge 0 → null",
  ],
  [
    "an override of nothing, which hides the one for all instances",
    reading({ override: { "a.b": { reason: "r", poolSize: 50 } } }),
    reading({ override: { "a.b": { reason: "r", poolSize: 50 }, "a.b[0]": { reason: "r" } } }),
    "deployments.override.a.b[0]: null → no number",
    "deployments.override.a.b[0]: no number → null",
  ],
  [
    "another number in an override",
    overridden({ poolSize: 5 }),
    overridden({ poolSize: 6 }),
    "deployments.override.a.b[0].poolSize: 5 → 6",
    "deployments.override.a.b[0].poolSize: 6 → 5",
  ],
  [
    "one more number in an override",
    overridden({ poolSize: 5 }),
    overridden({ poolSize: 5, timeout: "1h" }),
    "deployments.override.a.b[0].timeout: null → 1h",
    "deployments.override.a.b[0].timeout: 1h → null",
  ],

  [
    "a deploy that starts fewer jobs",
    overridden({ startedByDeploy: 2 }),
    overridden({ startedByDeploy: 1 }),
    "deployments.override.a.b[0].startedByDeploy: 2 → 1",
    "deployments.override.a.b[0].startedByDeploy: 1 → 2",
  ],
  [
    "one schedule of several",
    overridden({ schedule: ["0 3 * * *", "0 4 * * *"] }),
    overridden({ schedule: "0 3 * * *" }),
    "deployments.override.a.b[0].schedule: 0 3 * * *, 0 4 * * * → 0 3 * * *",
    "deployments.override.a.b[0].schedule: 0 3 * * * → 0 3 * * *, 0 4 * * *",
  ],

  [
    "a host of a server",
    { servers: { a: { ...fleet(), hosts: ["one", "two"] }, b: fleet() } },
    { servers: { a: { ...fleet(), hosts: ["two"] }, b: fleet() } },
    "servers.a.hosts: one, two → two",
    "servers.a.hosts: two → one, two",
  ],
  [
    "the markers of a server",
    { servers: { a: { ...fleet(), markers: ["DB_HOST"] }, b: fleet() } },
    { servers: { a: fleet(), b: fleet() } },
    "servers.a.markers: DB_HOST → null",
    "servers.a.markers: null → DB_HOST",
  ],
  [
    "a key of a server",
    { servers: { a: { ...fleet(), keys: ["DATABASE_URL"] }, b: fleet() } },
    { servers: { a: fleet(), b: fleet() } },
    "servers.a.keys: DATABASE_URL → null",
    "servers.a.keys: null → DATABASE_URL",
  ],
  [
    "a server removed",
    { servers: { a: { maxConnections: 50 }, b: fleet() } },
    { servers: { b: fleet() } },
    "servers.a: maxConnections 50 → null",
    "servers.a: null → maxConnections 50",
  ],
  [
    "a smaller pool on one of several servers",
    { servers: { a: fleet(), b: fleet() } },
    { servers: { a: fleet(), b: consumer({ poolSize: 1 }) } },
    "servers.b.consumers.api.poolSize: 20 → 1",
  ],
]

describe("what relaxes the check is named, and its reverse only where that does too:", () => {
  const named = rows.map(([change, base, head, name, reverse]) => ({ change, base, head, name, reverse }))

  test.each(named)("$change", ({ base, head, name, reverse }) => {
    expect(relaxed(base, head)).toEqual([name])
    expect(relaxed(head, base)).toEqual(reverse === undefined ? [] : [reverse])
  })
})

test("every field of the schema has a row, unless it can lower no sum", () => {
  // A list of pools is compared as a whole, users included.
  const harmless = ["$schema", "applications", "roles", "name", "reason", "user"]
  const properties = new Set<string>()
  JSON.parse(poolConfigJsonSchema(), (key, value) => {
    if (key === "properties") for (const field of Object.keys(value)) properties.add(field)
    return value
  })
  const named = rows.flatMap(([, , , name]) => name.split(": ")[0]?.split(".") ?? [])
  expect(properties.size).toBeGreaterThan(30)
  const without = [...properties].filter((field) => !named.includes(field) && !harmless.includes(field))
  expect(without).toEqual([])
})

describe("nothing is named of", () => {
  test.each([
    ["the same", fleet(), fleet()],
    ["a new consumer", fleet(), fleet({ consumers: { api: API, worker: API } })],
    ["a new job", fleet(), fleet({ jobs: [IMPORT, { name: "b", concurrent: 1, poolSize: 1 }] })],
    ["another order", fleet({ reserved: { a: 1, b: 2 } }), { ...fleet(), reserved: { b: 2, a: 1 } }],
    [
      "jobs in another order",
      fleet({ jobs: [IMPORT, { ...IMPORT, name: "b" }] }),
      fleet({ jobs: [{ ...IMPORT, name: "b" }, IMPORT] }),
    ],
    ["hosts in another order", reading({ hosts: ["a", "b"] }), reading({ hosts: ["b", "a"] })],
    [
      "a schema, applications and roles",
      fleet(),
      fleet({ $schema: "./s.json", applications: { "a-*": "api" }, roles: { a: "api" } }),
    ],
    [
      "defaults of a server",
      fleet(),
      fleet({ superuserReserved: 3, reservedConnections: 0, fill: 0.8, limits: { role: -1 } }),
    ],
    ["a reservation of nothing that goes", fleet({ reserved: { a: 0 } }), fleet()],
    ["defaults of a consumer", fleet(), consumer({ surge: 4, poolsPerInstance: 1 })],
    ["defaults of an open size", open({}), open({ min: 1, max: 10_000, weight: 1 })],
    [
      "defaults of a job",
      job({ timezone: undefined }),
      job({ timezone: "UTC", retries: 0, replicas: 1, duration: "2h" }),
    ],
    ["the default timeout", job({ timeout: undefined }), job({ timeout: "24h" })],
    ["the default of a job on demand", onDemand({}), onDemand({ concurrent: 1 })],
    ["another spelling of a duration", fleet(), job({ timeout: "1h60m0s" })],
    [
      "a surge that is stated as it was, beside more instances",
      fleet(),
      consumer({ instances: 6, surge: 4 }),
    ],
    ["a duration above all attempts", fleet(), job({ duration: "3h" })],
    [
      "markers in another order",
      reading({ markers: ["DB_HOST", "PGHOST"] }),
      reading({ markers: ["PGHOST", "DB_HOST"] }),
    ],
    ["the default key", fleet(), reading({ keys: ["DATABASE_URL_CORE"], hosts: [] })],
    ["another reason to exclude", reading({ exclude: { a: "no" } }), reading({ exclude: { a: "never" } })],
    [
      "another reason to override",
      overridden({ poolSize: 5 }),
      overridden({ poolSize: 5, reason: "guessed" }),
    ],
  ] as const)("%s", (_, base, head) => expect(relaxed(base, head)).toEqual([]))
})

describe("fewer instances are one change", () => {
  test("where the surge follows them", () =>
    expect(relaxed(fleet(), consumer({ instances: 2 }))).toEqual(["consumers.api.instances: 4 → 2"]))

  test("and two where the surge that was stated went", () =>
    expect(relaxed(consumer({ surge: 4 }), consumer({ instances: 2 }))).toEqual([
      "consumers.api.instances: 4 → 2",
      "consumers.api.surge: 4 → 2",
    ]))
})

describe("a fleet that becomes several servers", () => {
  test("is named whole, since nothing says what went where", () => {
    const names = relaxed(fleet(), { servers: { a: fleet() } }).map((line) => line.split(": ")[0])
    expect(names).toEqual(["maxConnections", "consumers.api", "jobs.import", "servers.a"])
  })
})

describe("a base without a declaration", () => {
  test("has no verdict that a first one could relax", () => {
    expect(relaxed({}, fleet())).toEqual([])
    expect(relaxed({}, { servers: { a: fleet() } })).toEqual([])
  })

  test("has that of its plan", () => {
    const head = { maxConnections: 500, deployments: { exclude: { a: "no" } } }
    expect(relaxed({}, head, true)).toEqual([
      "maxConnections: null → 500",
      "deployments.exclude.a: null → no",
    ])
    expect(relaxed({}, { servers: { a: { maxConnections: 500 } } }, true)).toEqual([
      "servers.a: null → maxConnections 500",
    ])
  })

  test("has the defaults all the same", () =>
    expect(relaxed({}, fleet({ superuserReserved: 0 }))).toEqual(["superuserReserved: 3 → 0"]))
})

test("--deploy=warn is a relaxation of its own", () => {
  const base = readFleetConfig(fleet())
  expect(findRelaxations(base, base, { hasPlan: false, deploy: "warn" })).toEqual([
    { name: "--deploy", from: "fail", to: "warn" },
  ])
})

test.each(["constructor", "__proto__", "toString"])("the name %s is a name", (name) => {
  const named = (poolSize: number) =>
    JSON.parse(`{"consumers":{"${name}":{"instances":1,"poolSize":${poolSize}}},"maxConnections":9}`)
  const without = { maxConnections: 9, consumers: {} }
  expect(relaxed(named(2), named(1))).toEqual([`consumers.${name}.poolSize: 2 → 1`])
  expect(relaxed(named(2), without)).toHaveLength(1)
  expect(relaxed(without, named(2))).toEqual([])
})

test("a value is short, and no URL", () => {
  const url = relaxed(fleet(), reading({ server: "postgresql://app:s3cr3t@db/core" }))
  expect(url).toEqual(["deployments.server: null → a URL"])
  const [long = ""] = relaxed(fleet(), reading({ exclude: { a: "x".repeat(5_000) } }))
  expect(long.length).toBeLessThan(250)
})

describe("baselines:", () => {
  const entry = { cause: "unread", address: "a.b", reason: "r", matches: 2 }
  const baseline = (
    acknowledged: readonly (typeof entry & { attribute?: string })[],
    counted: string[] = [],
  ) => ({
    acknowledged,
    counted,
  })
  const compared = (base: ReturnType<typeof baseline> | undefined, head?: ReturnType<typeof baseline>) => {
    const baselines = { ...(base && { base }), ...(head && { head }) }
    const found = findRelaxations({}, {}, { hasPlan: false, deploy: "fail", baselines })
    return found.map((each) => `${each.name}: ${each.from} → ${each.to}`)
  }

  test.each([
    ["an entry that is new", baseline([]), baseline([entry]), "acknowledged.unread.a.b: null → 2"],
    ["the first baseline", undefined, baseline([entry]), "acknowledged.unread.a.b: null → 2"],
    [
      "more matches",
      baseline([entry]),
      baseline([{ ...entry, matches: 3 }]),
      "acknowledged.unread.a.b: 2 → 3",
    ],
    ["an entry twice", baseline([entry]), baseline([entry, entry]), "acknowledged.unread.a.b: 2 → 4"],
    [
      "a wider address",
      baseline([entry]),
      baseline([{ ...entry, address: "a.*" }]),
      "acknowledged.unread.a.*: null → 2",
    ],
    [
      "another cause",
      baseline([entry]),
      baseline([{ ...entry, cause: "open" }]),
      "acknowledged.open.a.b: null → 2",
    ],
    [
      "no attribute",
      baseline([{ ...entry, attribute: "env" }]),
      baseline([entry]),
      "acknowledged.unread.a.b: null → 2",
    ],
    [
      "another attribute",
      baseline([entry]),
      baseline([{ ...entry, attribute: "env" }]),
      "acknowledged.unread.a.b.env: null → 2",
    ],
    [
      "an address that is no longer counted",
      baseline([], ["c", "d"]),
      baseline([], ["d"]),
      "counted: c → null",
    ],
    ["no baseline any more", baseline([], ["c"]), undefined, "counted: c → null"],
  ] as const)("%s", (_, base, head, named) => expect(compared(base, head)).toEqual([`baseline.${named}`]))

  test.each([
    ["fewer matches", baseline([entry]), baseline([{ ...entry, matches: 1 }])],
    ["another reason", baseline([entry]), baseline([{ ...entry, reason: "s" }])],
    ["an entry that went", baseline([entry]), baseline([])],
    ["one more that is counted", baseline([], ["c"]), baseline([], ["d", "c"])],
    ["none", undefined, undefined],
  ] as const)("nothing of %s", (_, base, head) => expect(compared(base, head)).toEqual([]))
})

test("a size that becomes auto is named, and its budget too", () => {
  const auto = shared({ budget: 90 })
  expect(relaxed(fleet(), auto)).toEqual(expect.arrayContaining(["consumers.api.poolSize: 20 → auto"]))
  expect(relaxed(auto, fleet())).toEqual(expect.arrayContaining(["consumers.api.poolSize: auto → 20"]))
})

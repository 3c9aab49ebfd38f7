import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { SECRET_VARIABLE, SIZE_VARIABLE, service, sql } from "./google-resources.ts"
import { unknownNames } from "./resources.ts"

type Values = Readonly<Record<string, unknown>>

const main = "google_sql_database_instance.main"
const read = (...resources: readonly PlannedResource[]) => fleetFromTerraform(plan(resources))

test("a server of Cloud SQL has its ceiling in a flag", () => {
  const database_flags = [
    { name: "cloudsql.iam_authentication", value: "on" },
    { name: "max_connections", value: "400" },
  ]
  const { maxConnections, servers, assumptions } = read(sql({ database_flags }))
  expect(maxConnections).toBe(400)
  expect(servers).toEqual([{ address: main, maxConnections: 400, nodeType: "db-custom-2-7680" }])
  expect(assumptions).toEqual([])
})

describe("without the flag it has the default of its tier, which is named", () => {
  test.each([
    ["db-f1-micro", 25],
    ["db-g1-small", 50],
    ["db-custom-1-3840", 100],
    ["db-custom-2-6144", 200],
    ["db-custom-2-7679", 200],
    ["db-custom-2-7680", 400],
    ["db-custom-4-15360", 500],
    ["db-custom-8-30720", 600],
    ["db-custom-16-61440", 800],
    ["db-custom-32-122880", 1_000],
    ["db-perf-optimized-N-2", 500],
    ["db-perf-optimized-N-8", 800],
  ])("%s: %i", (tier, maxConnections) => {
    const fleet = read(sql({ tier }))
    expect(fleet.maxConnections).toBe(maxConnections)
    expect(fleet.assumptions).toEqual([
      {
        name: `${main}.max_connections`,
        assumed: `omitted: ${maxConnections}, Cloud SQL's default for ${tier}`,
        remedy:
          "Set the database flag max_connections, or give what the server answers (SHOW max_connections)",
      },
    ])
  })

  test("unless a ceiling is given", () => {
    const { maxConnections, assumptions } = fleetFromTerraform(plan([sql()]), { maxConnections: 300 })
    expect([maxConnections, assumptions]).toEqual([300, []])
  })
})

test.each<[what: string, settings: Values, unknown: Values | undefined, reason: RegExp]>([
  [
    "an unknown flag",
    { database_flags: [{ name: "max_connections" }] },
    { settings: [{ database_flags: [{ value: true }] }] },
    /known only after apply$/,
  ],
  [
    "a flag with an unknown name",
    { database_flags: [{ value: "50" }] },
    { settings: [{ database_flags: [{ name: true }] }] },
    /known only after apply$/,
  ],
  [
    "unknown flags",
    { database_flags: undefined },
    { settings: [{ database_flags: true }] },
    /known only after apply$/,
  ],
  ["unknown settings", {}, { settings: true }, /known only after apply$/],
  [
    "a flag that is not a number",
    { database_flags: [{ name: "max_connections", value: "many" }] },
    undefined,
    /not a whole number$/,
  ],
  ["a tier without a documented default", { tier: "db-c4a-highmem-4" }, undefined, /no documented default$/],
  ["an unknown tier", { tier: undefined }, { settings: [{ tier: true }] }, /no documented default$/],
])("a server with %s has no known ceiling", (_, settings, unknown, reason) => {
  const resource = { ...sql(settings), ...(unknown === undefined ? {} : { unknown }) }
  const fleet = read(resource)
  expect(fleet.maxConnections).toBeUndefined()
  expect(unknownNames(fleet)).toEqual([main])
  expect(fleet.unknowns[0]?.problem).toMatch(reason)
})

test("a server without settings has no known ceiling", () => {
  expect(unknownNames(read(sql({}, { settings: [] })))).toEqual([main])
})

test.each(["MYSQL_8_0", "SQLSERVER_2019_STANDARD"])("a server of %s is no PostgreSQL", (database_version) => {
  expect(read(sql({}, { database_version })).servers).toEqual([])
})

test("servers of one name in two projects are two", () => {
  const other = sql({ tier: "db-f1-micro" }, { id: "main", project: "stats" }, "other")
  const { servers } = read(sql({}, { id: "main" }), other)
  expect(servers.map(({ maxConnections }) => maxConnections)).toEqual([400, 25])
})

describe("beside several servers, a consumer counts where the sockets of its container lead", () => {
  const MAIN = "shop:europe-west1:main"
  const STATS = "shop:europe-west1:stats"
  const servers = [sql(), sql({}, { connection_name: STATS }, "stats")]
  const config = {
    servers: {
      main: { keys: ["DATABASE_URL_CORE"], hosts: ["10.0.0.3"], deployments: undefined, server: main },
      stats: {
        keys: ["DATABASE_URL_CORE"],
        hosts: ["10.0.0.4"],
        server: "google_sql_database_instance.stats",
      },
    },
  }
  const countedOn = (resource: PlannedResource) =>
    findFleetBounds({ servers: strip(config.servers) }, [
      readTerraform([{ name: "", json: plan([...servers, resource]) }]),
    ]).map(([name, { lowest, highest }]) => [
      name,
      Object.keys(lowest.consumers ?? {}).length,
      Object.keys(highest.consumers ?? {}).length,
    ])
  const strip = (each: typeof config.servers) => ({
    main: { hosts: each.main.hosts, server: each.main.server },
    stats: { hosts: each.stats.hosts, server: each.stats.server },
  })
  const mounted = (...instances: readonly string[]) => ({
    volumes: [{ name: "cloudsql", cloud_sql_instance: [{ instances }] }],
    containers: [
      {
        env: [SECRET_VARIABLE, SIZE_VARIABLE],
        volume_mounts: [{ name: "cloudsql", mount_path: "/cloudsql" }],
      },
    ],
  })
  const onStats = [
    ["main", 0, 0],
    ["stats", 1, 1],
  ]

  test("a volume, where the URL is a secret", () => {
    expect(countedOn(service(mounted(STATS)))).toEqual(onStats)
    expect(countedOn(service(mounted(MAIN)))).toEqual([
      ["main", 1, 1],
      ["stats", 0, 0],
    ])
  })

  test("on each perhaps, with the sockets of both, or none", () => {
    const perhaps = [
      ["main", 0, 1],
      ["stats", 0, 1],
    ]
    expect(countedOn(service(mounted(MAIN, STATS)))).toEqual(perhaps)
    expect(countedOn(service(mounted()))).toEqual(perhaps)
  })

  test("the socket of a URL that can be seen", () => {
    const value = `postgresql://app:pw@localhost/core?host=/cloudsql/${STATS}`
    const env = [{ name: "DATABASE_URL_CORE", value, value_source: [] }, SIZE_VARIABLE]
    expect(countedOn(service({ ...mounted(MAIN, STATS), containers: [{ env }] }))).toEqual(onStats)
  })

  test("an annotation of the first version", () => {
    const env = [
      { name: "DATABASE_URL_CORE", value: "", value_from: [{ secret_key_ref: [{}] }] },
      SIZE_VARIABLE,
    ]
    const annotations = {
      "run.googleapis.com/cloudsql-instances": STATS,
      "autoscaling.knative.dev/maxScale": "2",
    }
    const resource = {
      address: "google_cloud_run_service.api",
      values: { template: [{ metadata: [{ annotations }], spec: [{ containers: [{ env }] }] }] },
    }
    expect(countedOn(resource)).toEqual(onStats)
  })
})

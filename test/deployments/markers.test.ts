import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  type DeployedFleet,
  type DeploymentOptions,
  fleetFromKubernetes,
} from "../../src/deployments/index.ts"
import { runs } from "../support/properties.ts"
import { reading as composeReading, service } from "./compose-file.ts"
import { change, judged, unknown, written } from "./hiding.ts"
import { client, configMap, deployment, env, SERVER } from "./manifests.ts"
import { CORE, connecting, container, job, reading, sizes, unknownNames } from "./resources.ts"

type Variables = Readonly<Record<string, string>>

const HERE = "db.example.org"
const api = "scaleway_container.api"
const MARKED: DeploymentOptions = { markers: ["DB_HOST"], sizeVariable: "DB_POOL_SIZE" }

const withVariables = (environment_variables: Variables, options: DeploymentOptions = MARKED) =>
  reading([container("api", { environment_variables })], options)

const assumed = ({ assumptions }: DeployedFleet) =>
  assumptions.map(({ name, assumed }) => `${name}: ${assumed}`)

describe("a marker counts a consumer in every format", () => {
  const variables = { DB_HOST: "db", DB_NAME: "shop", DB_POOL_SIZE: "7" }
  test.each<[string, string, () => DeployedFleet]>([
    ["Terraform", api, () => withVariables({ ...variables, DB_HOST: HERE })],
    [
      "a job of Terraform",
      "scaleway_job_definition.api",
      () => reading([job("api", { env: variables })], { ...MARKED, hosts: ["db"] }),
    ],
    [
      "manifests",
      "deployment/api",
      () =>
        fleetFromKubernetes(
          [...SERVER, deployment("api", { containers: [client({ env: env(variables) })] })]
            .map((each) => JSON.stringify(each))
            .join("\n---\n"),
          MARKED,
        ),
    ],
    ["compose", "service/api", () => composeReading({ api: service({ environment: variables }) }, MARKED)],
  ])("%s", (_, name, fleet) => {
    expect(sizes(fleet())).toEqual({ [name]: 7 })
    expect(unknownNames(fleet()).filter((each) => !each.endsWith(".surge"))).toEqual([])
    expect(fleet().sizeVariables).toEqual({ [name]: "DB_POOL_SIZE" })
    expect(fleet().source.keys).toContain("DB_HOST")
  })
})

describe("its size is", () => {
  test.each<[string, Variables, number]>([
    ["that of the size variable", { DB_POOL_SIZE: "4" }, 4],
    ["that of this package, which counts first", { DB_POOL_SIZE: "4", PRISMA_POOL_SIZE_CORE: "9" }, 9],
    ["that of this package without a suffix, where no resource has a URL", { PRISMA_POOL_SIZE: "6" }, 6],
    [
      "that of the formula by slots",
      { PRISMA_MAX_CONNECTIONS: "100", PRISMA_API_INSTANCES: "2", PRISMA_CONCURRENT_JOBS: "1" },
      30,
    ],
  ])("%s", (_, variables, size) => {
    const fleet = withVariables({ DB_HOST: HERE, ...variables })
    expect(sizes(fleet)).toEqual({ [api]: size })
    expect(assumed(fleet).filter((each) => each.includes("default;"))).toEqual([])
  })

  test.each<[string, DeploymentOptions, string]>([
    ["with a size variable", MARKED, `${api}.DB_POOL_SIZE`],
    ["without one", { markers: ["DB_HOST"] }, `${api}.PRISMA_POOL_SIZE_CORE`],
  ])("15 where neither states it, %s, and that is named", (_, options, name) => {
    const fleet = withVariables({ DB_HOST: HERE }, options)
    expect(sizes(fleet)).toEqual({ [api]: 15 })
    expect(assumed(fleet)).toContain(`${name}: 15 assumed, this package's default; plain Prisma 7 opens 10`)
  })

  test.each(["many", "0", "10001", "7.5", "-1"])("unknown where the variable is %s", (text) => {
    const fleet = withVariables({ DB_HOST: HERE, DB_POOL_SIZE: text })
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
    expect(fleet.unknowns).toMatchObject([{ cause: "size", attribute: "DB_POOL_SIZE" }])
    expect(JSON.stringify(fleet.unknowns)).not.toContain(`"${text}"`)
  })

  test("unknown where another part of the environment may set it, and no plain variable does", () => {
    const secret = { name: "parts", namespace_id: undefined }
    const open = (environment_variables: Variables) =>
      reading(
        [
          container(
            "api",
            { ...secret, environment_variables },
            { unknown: { secret_environment_variables: true } },
          ),
        ],
        MARKED,
      )
    expect(sizes(open({ DB_HOST: HERE }))).toEqual({ [api]: "1 to 10000" })
  })

  test("that of an override, and then nothing is assumed", () => {
    const fleet = withVariables(
      { DB_HOST: HERE },
      { ...MARKED, override: { [api]: { poolSize: 3, reason: "pg" } } },
    )
    expect(sizes(fleet)).toEqual({ [api]: 3 })
    expect(assumed(fleet).join()).not.toContain("default;")
  })
})

describe("the rest of an environment is in a Secret that is not in the manifests", () => {
  const open = (variables: Variables) =>
    fleetFromKubernetes(
      [
        ...SERVER,
        configMap("parts", variables),
        deployment("api", {
          spec: { strategy: { type: "Recreate" } },
          containers: [
            client({
              env: env(variables),
              envFrom: [{ configMapRef: { name: "parts" } }, { secretRef: { name: "elsewhere" } }],
            }),
          ],
        }),
      ]
        .map((each) => JSON.stringify(each))
        .join("\n---\n"),
      MARKED,
    )

  test("and the marker and its size are in plain sight: one pool, for certain", () => {
    const fleet = open({ DB_HOST: "db", DB_POOL_SIZE: "7" })
    expect(sizes(fleet)).toEqual({ "deployment/api": 7 })
    expect(unknownNames(fleet)).toEqual([])
  })

  test("and so may be the marker: it may be a consumer", () => {
    expect(sizes(open({ LOG: "info" }))).toEqual({ "deployment/api": "nothing to 10000" })
  })
})

describe("a host ties the consumer to its server", () => {
  const ties: readonly [what: string, variables: Variables, problems: readonly string[]][] = [
    ["that of the server", { DB_HOST: HERE }, []],
    ["with its port", { DB_HOST: `${HERE}:5432` }, []],
    ["in capitals, with a dot at the end", { DB_HOST: "DB.example.org." }, []],
    ["of a proxy beside it", { DB_HOST: "localhost" }, []],
    ["another one", { DB_HOST: "other.example.org" }, [api]],
  ]
  test.each(ties)("%s", (_, variables, problems) => {
    const fleet = withVariables({ ...variables, DB_POOL_SIZE: "7" })
    expect(sizes(fleet)).toEqual({ [api]: 7 })
    expect(unknownNames(fleet)).toEqual(problems)
    expect(JSON.stringify(fleet.unknowns)).not.toContain("other.example.org")
  })

  test("with the port that is beside it", () => {
    const fleet = reading(
      [
        container("a", { environment_variables: { DB_HOST: HERE, DB_POOL_SIZE: "1" } }),
        container("b", { environment_variables: { DB_HOST: HERE, DB_POOL_SIZE: "1" } }),
        container("c", { environment_variables: { DB_HOST: HERE, DB_PORT: "6432", DB_POOL_SIZE: "1" } }),
      ],
      MARKED,
    )
    expect(unknownNames(fleet)).toEqual(["scaleway_container.c"])
    expect(fleet.unknowns[0]?.problem).toContain("another port")
  })

  test.each<[string, Variables]>([
    ["by its port", { DB_PORT: "3306" }],
    ["by its type", { DB_TYPE: "mysql" }],
    ["by Django's engine", { DB_ENGINE: "django.db.backends.mysql" }],
  ])("of MySQL, %s, it is no consumer", (_, variables) => {
    expect(connecting(withVariables({ DB_HOST: HERE, ...variables }))).toEqual([])
  })

  test("an empty marker marks nothing", () => {
    expect(connecting(withVariables({ DB_HOST: "" }))).toEqual([])
  })
})

describe("a container has", () => {
  const counted = (variables: Variables, options: DeploymentOptions = {}) =>
    withVariables({ PRISMA_POOL_SIZE_CORE: "5", ...variables }, { ...MARKED, ...options })

  test("one pool where its URL and its parts name the same host", () => {
    const fleet = counted({ DATABASE_URL_CORE: CORE, DB_HOST: HERE })
    expect(sizes(fleet)).toEqual({ [api]: 5 })
    expect(fleet.unknowns).toEqual([])
  })

  test("two where they name two", () => {
    const fleet = counted(
      { DATABASE_URL_CORE: CORE, DB_HOST: "db2.example.org" },
      { hosts: [HERE, "db2.example.org"] },
    )
    expect(sizes(fleet)).toEqual({ [api]: 5, [`${api} (DB_HOST)`]: 5 })
    expect(fleet.unknowns).toEqual([])
  })

  test("one or two where they cannot be compared, unless somebody says how many", () => {
    const variables = { DATABASE_URL_CORE: CORE, DB_HOST: "$(HOST)" }
    expect(sizes(counted(variables))).toEqual({ [api]: 5, [`${api} (DB_HOST)`]: "nothing to 5" })
    expect(counted(variables).unknowns).toMatchObject([{ cause: "variable", attribute: "DB_HOST" }])
    const override = { "scaleway_container.*": { poolsPerInstance: 1, reason: "one address" } }
    expect(sizes(counted(variables, { override }))).toEqual({ [api]: 5 })
    expect(counted(variables, { override }).unknowns).toEqual([])
  })

  test("one where several parts of one address are markers", () => {
    const fleet = counted(
      { DB_NAME: "shop", DB_HOST: HERE, DB_USER: "app" },
      { markers: ["DB_NAME", "DB_USER", "DB_HOST"] },
    )
    expect(sizes(fleet)).toEqual({ [api]: 5 })
    expect(fleet.unknowns).toEqual([])
  })
})

describe("the usual markers without a URL are named", () => {
  const hosts = [
    "PGHOST",
    "PGHOSTADDR",
    "DB_HOST",
    "DATABASE_HOST",
    "POSTGRES_HOST",
    "PG_HOST",
    "RDS_HOSTNAME",
    "MB_DB_HOST",
  ]

  test.each(hosts)("%s, where nothing has a URL", (variable) => {
    const fleet = withVariables({ [variable]: "10.0.0.9" }, { maxConnections: 100 })
    expect(connecting(fleet)).toEqual([])
    const noted = [...fleet.unknowns, ...fleet.assumptions].filter(
      ({ name }) => name === `${api}.${variable}`,
    )
    expect(noted).toHaveLength(1)
    expect(noted[0]?.remedy).toContain(`--marker ${variable}`)
  })

  test("as unknown, where their host cannot be seen and nothing else connects", () => {
    const fleet = withVariables({ PGHOST: "$(HOST)" }, {})
    expect(fleet.unknowns).toMatchObject([{ cause: "variable", name: `${api}.PGHOST`, isUnbounded: true }])
  })

  test("as unknown, where it is the server's own, whatever else connects", () => {
    const other = container("stats", { environment_variables: { PGHOST: HERE } })
    const main = container("api", {
      environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "5" },
    })
    const fleet = reading([main, other])
    expect(fleet.unknowns).toMatchObject([{ name: "scaleway_container.stats.PGHOST", isUnbounded: true }])
    expect(reading([main, other], { markers: ["PGHOST"] }).unknowns).toEqual([])
  })

  test("as another server's, where it is another host", () => {
    const fleet = withVariables({ DB_HOST: "redis.example.org" }, {})
    expect(fleet.unknowns).toEqual([])
    expect(assumed(fleet)).toContain(`${api}.DB_HOST: the host of another server`)
  })

  test.each(["REDIS_HOST", "MYSQL_HOST", "HOST", "SMTP_HOST", "HOSTNAME", "GITHUB_HOST"])(
    "and %s is none of them",
    (variable) => {
      const fleet = withVariables({ [variable]: HERE }, {})
      expect([...fleet.unknowns, ...fleet.assumptions].filter(({ name }) => name.includes(variable))).toEqual(
        [],
      )
    },
  )

  test("nor one that is beside a counted URL", () => {
    const fleet = withVariables({ DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "5", PGHOST: HERE }, {})
    expect(fleet.unknowns).toEqual([])
  })
})

describe("what is not read and has a marker", () => {
  test("makes the verdict unknown, as one with a URL does", () => {
    const resource = { address: "nomad_job.api", values: { jobspec: 'env { DB_HOST = "db" }' } }
    expect(unknownNames(reading([resource], MARKED))).toContain("nomad_job.api")
  })

  test("and so does a command that sets the size", () => {
    const command = "DB_POOL_SIZE=90 node main.js"
    const fleet = reading(
      [
        container("api", {
          environment_variables: { DB_HOST: HERE, DB_POOL_SIZE: "5" },
          args: ["-c", command],
        }),
      ],
      MARKED,
    )
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
  })
})

test("a verdict is never better by what is hidden of the parts", () => {
  // Both are names of the server: a host that is none of its own is named, and one that is hidden counts as its own.
  const declaration = { deployments: { ...MARKED, hosts: [HERE, "other.example.org"] } }
  const variables = fc.record(
    {
      DB_HOST: fc.constantFrom(HERE, "other.example.org", "$(HOST)"),
      DB_POOL_SIZE: fc.integer({ min: 1, max: 30 }).map(String),
      DATABASE_URL_CORE: fc.constant(CORE),
      PRISMA_POOL_SIZE_CORE: fc.integer({ min: 1, max: 30 }).map(String),
    },
    { requiredKeys: ["DB_HOST"] },
  )
  const fleet = fc.record({ one: variables, two: variables, ceiling: fc.integer({ min: 10, max: 150 }) })
  const hidden = fc.constantFrom("environment", "DB_HOST", "DB_POOL_SIZE", "DATABASE_URL_CORE")
  fc.assert(
    fc.property(fleet, hidden, ({ one, two, ceiling }, what) => {
      const resources = [
        written("scaleway_rdb_instance.main", {
          engine: "PostgreSQL-15",
          settings: { max_connections: String(ceiling) },
          load_balancer: [{ hostname: HERE }],
        }),
        written("scaleway_container.one", { max_scale: 2, environment_variables: one }),
        written("scaleway_container.two", { max_scale: 1, environment_variables: two }),
      ]
      const path = what === "environment" ? [] : [what]
      const less = change(resources, "scaleway_container.one", unknown("environment_variables", ...path))
      const [seen, unseen] = [judged(resources, declaration), judged(less, declaration)]
      if (seen !== "fits") expect(unseen).not.toBe("fits")
    }),
    runs(200),
  )
})

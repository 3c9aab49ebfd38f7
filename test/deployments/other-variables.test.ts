import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { plan } from "../support/terraform-plan.ts"
import { CORE, consumer, container, namespace, reading, sizes, unknownNames } from "./resources.ts"

const api = "scaleway_container.api"
const OTHER = "postgresql://app@db.example.org:5432/other?connection_limit=100"
const ELSEWHERE = "postgresql://app@elsewhere.example.org/other"

const withVariables = (variables: Readonly<Record<string, string>>, options = {}) =>
  reading(
    [
      consumer("api", {
        environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "10", ...variables },
      }),
    ],
    options,
  )

describe("a further variable with a PostgreSQL URL is unknown", () => {
  test.each([
    ["that leads to the server", { DATABASE_URL: OTHER }],
    ["whatever its name is", { legacy: OTHER.replace("postgresql", "postgres") }],
    ["on another port of it", { DATABASE_URL: OTHER.replace("5432", "6432") }],
    ["on loopback, where a proxy of the server may be", { DATABASE_URL: "postgresql://a@127.0.0.1:5433/x" }],
    ["as JDBC writes it", { SPRING_DATASOURCE_URL: `jdbc:${OTHER}` }],
    ["as R2DBC writes it", { SPRING_R2DBC_URL: `r2dbc:pool:${OTHER}` }],
    ["as Django's environ takes it", { LEGACY: OTHER.replace("postgresql", "psql") }],
    ["as .NET writes it", { ConnectionStrings__Main: "Host=db.example.org;Port=5432;Database=x;Username=a" }],
    ["as libpq takes keywords", { DSN: "user=a dbname=x host='db.example.org' password=pw" }],
    ["as SQLAlchemy writes it", { DATABASE_URI: OTHER.replace("://", "+asyncpg://") }],
    ["in quotes", { DATABASE_URL: `"${OTHER}"` }],
    ["whose host is put together where it is read", { DATABASE_URL: "postgresql://a@$(DB_HOST):5432/x" }],
    ["that cannot be read", { DATABASE_URL: "postgresql://a@[db/x" }],
  ])("%s", (_, variables) => {
    const fleet = withVariables(variables)
    const [name = ""] = Object.keys(variables)
    expect(fleet.unknowns).toMatchObject([
      { cause: "variable", address: api, attribute: name, name: `${api}.${name}`, isUnbounded: true },
    ])
    expect(sizes(fleet)).toEqual({ [api]: 10 })
  })

  test("in a container without the one that is counted", () => {
    const environment_variables = { DATABASE_URL: OTHER }
    expect(
      unknownNames(reading([container("old", { environment_variables })], { keys: ["DATABASE_URL_CORE"] })),
    ).toEqual(["scaleway_container.old.DATABASE_URL"])
  })

  test("and counts once it is asked for", () => {
    const fleet = withVariables({ DATABASE_URL: OTHER }, { keys: ["DATABASE_URL_CORE", "DATABASE_URL"] })
    expect(sizes(fleet)).toEqual({ [api]: 10, [`${api} (DATABASE_URL)`]: 100 })
    expect(fleet.unknowns).toEqual([])
  })

  test("unless somebody says how many pools an instance has", () => {
    const override = { [api]: { poolsPerInstance: 2, reason: "one for each URL" } }
    const fleet = withVariables({ DATABASE_URL: OTHER }, { override })
    expect(fleet.unknowns).toEqual([])
    expect(fleet.highest.consumers[api]).toMatchObject({ poolsPerInstance: 2 })
  })
})

describe("an address of the server beside the counted container is unknown", () => {
  const beside = (environment_variables: Readonly<Record<string, string>>) =>
    unknownNames(reading([consumer("api"), container("old", { environment_variables })]))

  test.each([
    [
      "in keywords",
      { ConnectionStrings__Main: "Server=db.example.org;Database=x;User Id=a;Maximum Pool Size=100" },
    ],
    ["as the exporter of Prometheus takes it", { DATA_SOURCE_URI: "db.example.org:5432/x?sslmode=disable" }],
    ["as Keycloak names it", { KC_DB_URL_HOST: "db.example.org" }],
    ["as n8n names it", { DB_POSTGRESDB_HOST: "db.example.org" }],
    ["as TypeORM names it", { TYPEORM_HOST: "db.example.org" }],
    ["as FastAPI's template names it", { POSTGRES_SERVER: "db.example.org" }],
    ["with its port", { DB_ADDR: "db.example.org:5432" }],
    ["with its port, whatever its name is", { UPSTREAM: "db.example.org:5432" }],
  ])("%s", (_, variables) => {
    expect(beside(variables)).toEqual([`scaleway_container.old.${Object.keys(variables)[0]}`])
  })

  test.each([
    ["of another server", { DSN: "host=elsewhere.example.org dbname=x" }],
    ["of SQL Server", { ConnectionStrings__Main: "Server=db.example.org,1433;Database=x" }],
    ["of another port", { ConnectionStrings__Main: "Server=db.example.org;Port=3306;Database=x" }],
    ["that has no database", { MAIL: "host=db.example.org user=a" }],
    ["that a script waits for", { WAIT_HOSTS: "db.example.org:5432" }],
    ["that is a name alone", { DB_NAME: "db.example.org" }],
  ])("but not one %s", (_, variables) => {
    expect(beside(variables)).toEqual([])
  })

  test("but not a bare one in the container that is counted", () => {
    expect(withVariables({ UPSTREAM: "db.example.org:5432" }).unknowns).toEqual([])
  })
})

describe("a URL in the command of a container", () => {
  const args = (...words: readonly string[]) => reading([consumer("api", { args: words })])

  test.each([
    ["behind a flag", ["--dsn", OTHER], "URL 1 of its command"],
    ["in a shell's line", ["-c", `psql '${OTHER}' && node .`], "URL 1 of its command"],
    ["as a variable", ["-c", `DATABASE_URL="${OTHER}" npx prisma migrate deploy`], "DATABASE_URL"],
  ])("%s is a further one", (_, words, name) => {
    expect(unknownNames(args(...words))).toEqual([`${api}.${name}`])
  })

  test("is none where it leads elsewhere, or is the one that is counted", () => {
    expect(unknownNames(args("--dsn", ELSEWHERE))).toEqual([])
    expect(unknownNames(args("-c", `DATABASE_URL_CORE=${CORE} node .`))).toEqual([])
    expect(sizes(args("-c", `DIRECT_URL=${OTHER} npx prisma migrate deploy`))).toEqual({
      [api]: 10,
      "DIRECT_URL (migrations)": 1,
    })
  })

  test("takes the place of no variable of the container", () => {
    const environment_variables = {
      DATABASE_URL_CORE: CORE,
      PRISMA_POOL_SIZE_CORE: "10",
      DATABASE_URL: OTHER,
    }
    const values = { environment_variables, args: [`DATABASE_URL=${ELSEWHERE} migrate`] }
    expect(unknownNames(reading([consumer("api", values)]))).toEqual([`${api}.DATABASE_URL`])
  })
})

describe("a hidden variable of this package's", () => {
  const hidden = (names: readonly string[], options = {}) =>
    reading(
      [
        consumer("api", {
          secret_environment_variables: Object.fromEntries(names.map((name) => [name, "$argon2id$v=19"])),
        }),
      ],
      options,
    )

  test.each([
    ["DATABASE_URL", "--database DATABASE_URL"],
    ["DATABASE_URL_BILLING", "--database BILLING"],
  ])("%s is another client's of it, and unknown", (name, remedy) => {
    const [unknown, ...others] = hidden([name]).unknowns
    expect(others).toEqual([])
    expect(unknown).toMatchObject({ cause: "variable", attribute: name, isUnbounded: true })
    expect(unknown?.problem).toBe("cannot be seen, and is not a counted variable")
    expect(unknown?.remedy).toContain(`Count it: add ${remedy}`)
    expect(hidden([name], { keys: ["DATABASE_URL_CORE", name] }).unknowns[0]?.cause).toBe("size")
  })

  test("is a replica's, whose connections count on its own server", () => {
    const { unknowns, assumptions } = hidden(["DATABASE_URL_CORE_REPLICA"])
    expect(unknowns).toEqual([])
    expect(assumptions).toContainEqual({
      name: `${api}.DATABASE_URL_CORE_REPLICA`,
      assumed: "the URL of a replica: its connections count on the replica's own server",
      remedy: "Check the replica too: declare both under servers, each with its keys",
    })
  })

  test("and of a replica that leads to the primary there is no client", () => {
    const fleet = withVariables({ DATABASE_URL_CORE_REPLICA: CORE })
    expect(sizes(fleet)).toEqual({ [api]: 10 })
    expect(fleet.unknowns).toEqual([])
  })
})

test("where nobody says which variable, DATABASE_URL is looked for where nothing has Core's", () => {
  const environment_variables = { DATABASE_URL: CORE, PRISMA_POOL_SIZE: "6", PRISMA_POOL_SIZE_CORE: "10" }
  const old = container("old", { environment_variables })
  const alone = reading([old])
  expect(alone.source.keys).toEqual(["DATABASE_URL"])
  expect(sizes(alone)).toEqual({ "scaleway_container.old": 6 })
  expect(alone.sizeVariables).toEqual({ "scaleway_container.old": "PRISMA_POOL_SIZE" })
  const beside = reading([old, consumer("api")])
  expect(beside.source.keys).toEqual(["DATABASE_URL_CORE"])
  expect(unknownNames(beside)).toEqual(["scaleway_container.old.DATABASE_URL"])
})

test("how many pools an instance has says nothing of a container without one that is counted", () => {
  const override = { "scaleway_container.old": { poolsPerInstance: 2, reason: "one for each URL" } }
  const environment_variables = { DATABASE_URL: OTHER }
  const keys = ["DATABASE_URL_CORE"]
  const { unknowns } = reading([container("old", { environment_variables })], { keys, override })
  expect(unknowns).toMatchObject([{ cause: "variable" }])
  expect(unknowns[0]?.remedy).not.toContain("poolsPerInstance")
})

describe("a URL for migrations is one connection in a deploy, by an assumption:", () => {
  test.each([
    "DIRECT_URL",
    "DIRECT_DATABASE_URL",
    "SHADOW_DATABASE_URL",
    "MIGRATE_DATABASE_URL",
    "POSTGRES_URL_NON_POOLING",
  ])("%s", (name) => {
    const fleet = withVariables({ [name]: OTHER })
    expect(fleet.unknowns).toEqual([])
    expect(fleet.highest.consumers[`${name} (migrations)`]).toEqual({
      instances: 0,
      surge: 1,
      poolSize: 1,
      poolsPerInstance: 1,
    })
    expect(fleet.assumptions).toContainEqual(
      expect.objectContaining({
        name: `${api}.${name}`,
        assumed: "a URL for migrations: one connection during a deploy",
      }),
    )
  })

  test("the counted URL under another name, as Prisma's own commands read it", () => {
    expect(sizes(withVariables({ DATABASE_URL: CORE }))).toEqual({
      [api]: 10,
      "DATABASE_URL (migrations)": 1,
    })
  })

  test("one that is a secret", () => {
    const secret_environment_variables = { DIRECT_URL: "$argon2id$v=19" }
    expect(sizes(reading([consumer("api", { secret_environment_variables })]))).toEqual({
      [api]: 10,
      "DIRECT_URL (migrations)": 1,
    })
  })

  test("once, however many containers have it", () => {
    const environment_variables = {
      DATABASE_URL_CORE: CORE,
      PRISMA_POOL_SIZE_CORE: "10",
      DIRECT_URL: OTHER,
    }
    const two = ["api", "web"].map((name) => consumer(name, { environment_variables }))
    expect(sizes(reading(two))).toEqual({
      [api]: 10,
      "scaleway_container.web": 10,
      "DIRECT_URL (migrations)": 1,
    })
  })

  test("and not Core's own variable, where another one is counted", () => {
    const environment_variables = { DATABASE_URL_CORE: CORE, DATABASE_URL: CORE }
    const fleet = reading([container("api", { environment_variables })], { keys: ["DATABASE_URL"] })
    expect(unknownNames(fleet)).toEqual([`${api}.DATABASE_URL_CORE`])
  })
})

describe("a further URL is an assumption", () => {
  test("that leads to a host that is known to be another", () => {
    const fleet = withVariables({ DATABASE_URL: ELSEWHERE })
    expect(fleet.unknowns).toEqual([])
    expect(fleet.assumptions).toContainEqual({
      name: `${api}.DATABASE_URL`,
      assumed: "leads to another host than the counted URLs; assumed to be another server",
      remedy: "If it is the same server, add its host to deployments.hosts",
    })
    expect(
      unknownNames(withVariables({ DATABASE_URL: ELSEWHERE }, { hosts: ["elsewhere.example.org"] })),
    ).toEqual([`${api}.DATABASE_URL`])
  })

  test("that is a secret by a name for URLs", () => {
    const secret_environment_variables = {
      BILLING_DATABASE_URL: "$argon2id$v=19",
      JWT_SECRET: "$argon2id$v=19",
    }
    const { unknowns, assumptions } = reading([consumer("api", { secret_environment_variables })])
    expect(unknowns).toEqual([])
    expect(assumptions.filter(({ name }) => name.startsWith(`${api}.`))).toMatchObject([
      {
        name: `${api}.BILLING_DATABASE_URL`,
        assumed: "cannot be seen; assumed to be the URL of another server",
      },
    ])
  })

  test("but not where no URL that is counted can be compared", () => {
    const secret = { DATABASE_URL_CORE: "$argon2id$v=19" }
    const values = {
      environment_variables: { PRISMA_POOL_SIZE_CORE: "10", DATABASE_URL: ELSEWHERE },
      secret_environment_variables: secret,
    }
    const fleet = fleetFromTerraform(plan([namespace, container("api", values)]))
    expect(unknownNames(fleet)).toEqual([`${api}.DATABASE_URL`, "max_connections"])
  })
})

describe("a resource that is not counted is unknown", () => {
  const read = (values: Readonly<Record<string, unknown>>, type = "aws_batch_job_definition") =>
    unknownNames(reading([consumer("api"), { address: `${type}.other`, values }]))

  test.each([
    ["whose variable leads to the server", { environment: { MB_DB_CONNECTION_URI: OTHER } }],
    ["in a text of its own notation", { container_definitions: JSON.stringify([{ value: OTHER }]) }],
    ["as SQLAlchemy writes it", { text: OTHER.replace("://", "+psycopg2://") }],
    ["on another port, which may be a pooler's", { text: `-d ${OTHER.replace("5432", "6432")}, -v` }],
    ["whose host is put together where it runs", { user_data: "psql postgresql://a@$DB_HOST/core" }],
    ["in base64", { user_data: btoa(`psql ${OTHER}\n`) }],
  ])("%s", (_, values) => {
    expect(read(values)).toEqual(["aws_batch_job_definition.other"])
  })

  test("and not where it leads elsewhere, or is of a type that connects nothing", () => {
    expect(read({ environment: { DATABASE_URL: ELSEWHERE } })).toEqual([])
    expect(read({ text: "postgresql://ci@localhost:5432/test" })).toEqual([])
    expect(read({ url: OTHER }, "grafana_data_source")).toEqual([])
    expect(read({ description: OTHER })).toEqual([])
  })
})

test("no variable of another kind is looked at", () => {
  const fleet = withVariables({
    REDIS_URL: "redis://db.example.org:5432",
    MYSQL_URL: "mysql://a@db.example.org:5432/x",
    API_URL: "https://db.example.org:5432",
    NOTE: "see postgresql://db.example.org:5432",
    EMPTY: "",
  })
  expect(fleet.unknowns).toEqual([])
  expect(sizes(fleet)).toEqual({ [api]: 10 })
})

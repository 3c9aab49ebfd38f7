import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { plan } from "../support/terraform-plan.ts"
import { CORE, connecting, consumer, container, job, reading, sizes } from "./resources.ts"

const address = "scaleway_container.api"

describe("a container connects when the variable is in", () => {
  test.each<[where: string, values: Readonly<Record<string, unknown>>]>([
    ["its environment", { environment_variables: { DATABASE_URL_CORE: CORE } }],
    ["its secret environment", { secret_environment_variables: { DATABASE_URL_CORE: CORE } }],
    [
      "its secret environment, as a hash",
      { secret_environment_variables: { DATABASE_URL_CORE: "$argon2id$v=19$m=65536" } },
    ],
  ])("%s", (_, values) => {
    expect(connecting(reading([container("api", values)]))).toEqual([address])
  })

  test("its secret environment, which a plan marks as sensitive and prints all the same", () => {
    const secret = { secret_environment_variables: { DATABASE_URL_CORE: CORE } }
    const json = JSON.stringify(plan([container("api", secret)]))
    const marked = json.replaceAll(
      /"(sensitive_values|after_sensitive)":{}/g,
      '"$1":{"secret_environment_variables":true}',
    )
    expect(marked).not.toBe(json)
    expect(connecting(fleetFromTerraform(JSON.parse(marked)))).toEqual([address])
  })
})

const ELSEWHERE = "postgresql://app@elsewhere.example.org/core"

describe("a container does not connect with", () => {
  test.each<[what: string, values: Readonly<Record<string, unknown>>]>([
    ["no environment", {}],
    ["the variable of another database", { environment_variables: { DATABASE_URL_ANALYTICS_2: ELSEWHERE } }],
    ["a name that only begins with it", { environment_variables: { DATABASE_URL_CORE_OLD: ELSEWHERE } }],
    ["a name in another case", { environment_variables: { database_url_core: ELSEWHERE } }],
    ["the name as a value", { environment_variables: { USES: "DATABASE_URL_CORE" } }],
    ["a variable that is null", { environment_variables: { DATABASE_URL_CORE: null } }],
    ["an environment that is null", { environment_variables: null }],
    ["a description that has the name", { description: "reads DATABASE_URL_CORE" }],
  ])("%s", (_, values) => {
    const fleet = reading([container("widget", values)])
    expect(connecting(fleet)).toEqual([])
    expect(fleet.unknowns).toEqual([])
  })
})

describe("a job connects when the variable is in", () => {
  const address = "scaleway_job_definition.sync"

  test.each<[where: string, values: Readonly<Record<string, unknown>>]>([
    ["its env", {}],
    [
      "a secret reference",
      { env: {}, secret_reference: [{ secret_id: "x", environment: "DATABASE_URL_CORE" }] },
    ],
    [
      "one of several secret references",
      {
        env: null,
        secret_reference: [
          { secret_id: "x", file: "/etc/ca.pem", environment: "" },
          { secret_id: "y", environment: "JWT_SECRET" },
          { secret_id: "z", secret_version: "latest", file: "", environment: "DATABASE_URL_CORE" },
        ],
      },
    ],
  ])("%s", (_, values) => {
    expect(connecting(reading([job("sync", values)]))).toEqual([address])
  })

  test.each<[what: string, values: Readonly<Record<string, unknown>>]>([
    ["a certificate in a file", { env: {}, secret_reference: [{ secret_id: "x", file: "/etc/ca.pem" }] }],
    ["an empty env", { env: {} }],
    ["no env", { env: undefined, secret_reference: undefined }],
  ])("and not with %s", (_, values) => {
    const fleet = reading([job("sync", values)])
    expect(connecting(fleet)).toEqual([])
    expect(fleet.unknowns).toEqual([])
  })
})

test("a variable that is empty is named: with it nothing can connect", () => {
  const fleet = reading([consumer("api", { environment_variables: { DATABASE_URL_CORE: "" } })])
  expect(connecting(fleet)).toEqual([])
  expect(fleet.warnings).toEqual([`${address}.DATABASE_URL_CORE: is empty, so it can never connect`])
})

describe("what may have the variable from elsewhere is unknown:", () => {
  test("a client's settings without a URL", () => {
    const fleet = reading([container("api", { environment_variables: { PRISMA_POOL_SIZE_CORE: "20" } })])
    expect(sizes(fleet)).toEqual({ [address]: "nothing to 20" })
    expect(fleet.unknowns).toMatchObject([
      {
        name: `${address}.DATABASE_URL_CORE`,
        problem: "may be set: its environment is nowhere in the documents, though PRISMA_POOL_SIZE_CORE is",
      },
    ])
  })

  test.each<[what: string, values: Readonly<Record<string, unknown>>, size: string | number]>([
    ["a secret in a file", { secret_reference: [{ file: "/app/.env" }] }, "nothing to 10000"],
    ["a command that sets it", { command: "DATABASE_URL_CORE=$DB node job.js" }, "1 to 10000"],
    ["a command of several lines", { command: "set -e\nDATABASE_URL_CORE=$DB node job.js" }, "1 to 10000"],
    ["a command that fills its environment", { command: "doppler run -- node job.js" }, "nothing to 10000"],
    ["a command that reads a file first", { command: ". /app/.env && node job.js" }, "nothing to 10000"],
    ["a command that reads it", { command: 'node job.js --url="$DATABASE_URL_CORE"' }, "nothing to 10000"],
    ["a file that its command reads", { command: "node", args: ["--env-file=.env"] }, "nothing to 10000"],
  ])("%s", (_, values, size) => {
    expect(sizes(reading([job("sync", { env: {}, ...values })]))).toEqual({
      "scaleway_job_definition.sync": size,
    })
  })

  test.each<[what: string, values: Readonly<Record<string, unknown>>, size: string | number]>([
    ["a file does not change what is set beside it", { secret_reference: [{ file: "/app/.env" }] }, 10],
    ["nor does a command that reads it", { command: 'psql "$DATABASE_URL_CORE"' }, 10],
    [
      "but one that takes the size away does",
      { command: "unset PRISMA_POOL_SIZE_CORE; node x" },
      "1 to 10000",
    ],
    ["as does one that sets it", { args: ["PRISMA_POOL_SIZE_CORE=50 node job.js"] }, "1 to 10000"],
  ])("%s", (_, values, size) => {
    expect(sizes(reading([job("sync", values)]))).toEqual({ "scaleway_job_definition.sync": size })
  })

  test("a command that is known only after apply", () => {
    const fleet = reading([job("sync", {}, { unknown: { command: true } })])
    expect(sizes(fleet)).toEqual({ "scaleway_job_definition.sync": "1 to 10000" })
  })
})

describe("several processes in an instance have a pool each:", () => {
  const pools = (values: Readonly<Record<string, unknown>>) => {
    const { highest, assumptions, unknowns } = reading([consumer("api", values)])
    const named = [...assumptions, ...unknowns].map(({ name }) => name).filter((name) => name !== "surge")
    return [highest.consumers[address]?.poolsPerInstance, named]
  }
  const environment = { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "10" }

  test("as the platform's variable says", () => {
    expect(pools({ environment_variables: { ...environment, WEB_CONCURRENCY: "8" } })).toEqual([
      8,
      [`${address}.WEB_CONCURRENCY`],
    ])
    expect(pools({ environment_variables: { ...environment, WEB_CONCURRENCY: "1" } })).toEqual([1, []])
  })

  test("as pm2 is told", () => {
    expect(pools({ args: ["pm2-runtime", "server.js", "-i", "4"] })).toEqual([
      4,
      [`${address}.WEB_CONCURRENCY`],
    ])
    const fleet = reading([consumer("api", { command: ["pm2", "start", "server.js", "-i", "max"] })])
    expect(fleet.unknowns).toMatchObject([{ name: `${address}.WEB_CONCURRENCY`, isUnbounded: true }])
  })

  const shell = (command: string, more: Readonly<Record<string, string>> = {}) =>
    reading([
      consumer("api", {
        command: ["sh", "-c", command],
        environment_variables: { ...environment, ...more },
      }),
    ])

  test.each<[command: string, pools: number, more?: Readonly<Record<string, string>>]>([
    ["pm2-runtime start a.js -i 8 -- --config x.json", 8],
    [`pm2 start a.js --instances="8" && pm2 logs`, 8],
    ["pm2 start a.js -i '8' && pm2 save; pm2 logs", 8],
    ["pm2 start a.js -i 2 && pm2 start b.js -i 20 && pm2 logs", 22],
    ["pm2 start a.js -i 2 && pm2 start b.js && pm2 logs", 3],
    ["pm2 start a.js && pm2 start b.js && pm2 logs", 2],
    ["pm2-runtime start a.js", 1],
    ["pm2-runtime a.js -i $WORKERS", 6, { WORKERS: "6" }],
    [`pm2-runtime a.js -i \${WORKERS}`, 6, { WORKERS: "6" }],
    ["pm2-runtime ecosystem.config.js", 4, { WEB_CONCURRENCY: "4" }],
    ["node a.js & node b.js", 2],
    ["cd /app && node a.js > log 2>&1 & npm run worker & wait", 2],
    ["node a.js & node b.js", 8, { WEB_CONCURRENCY: "4" }],
    ["npx prisma migrate deploy && node a.js", 1],
    ["node a.js || node b.js", 1],
    ["cloud-sql-proxy shop & exec node a.js", 1],
    ["node a.js & tail -f /var/log/node/a.log", 1],
    ["node a.js --url 'https://x.example/?a=1&b=2'", 1],
  ])("as %s does: %i", (command, count, more) => {
    const { highest, unknowns } = shell(command, more)
    expect(unknowns).toEqual([])
    expect(highest.consumers[address]?.poolsPerInstance ?? 1).toBe(count)
  })

  test.each<[command: string, problem: string, more?: Readonly<Record<string, string>>]>([
    ["pm2-runtime a.js -i $WORKERS", "is given by a variable"],
    [`pm2-runtime a.js -i \${WORKERS:-4}`, "is given by a variable"],
    ["pm2-runtime a.js -i 0", "is the number of CPU cores"],
    ["pm2 start a.js -i 4 && pm2 start b.js -i max && pm2 logs", "is the number of CPU cores"],
    ["pm2-runtime ecosystem.config.js", "is unknown: a file of pm2 has the number"],
    ["pm2 start process.yml --no-daemon", "is unknown: a file of pm2 has the number"],
    ["npx concurrently 'node a.js' 'node b.js'", "is unknown: its command starts several programs"],
    ["npm-run-all -p api worker", "is unknown: its command starts several programs"],
    ["/usr/bin/supervisord -c /etc/s.conf", "is unknown: its command starts several programs"],
    ["node a.js & node b.js", "is not a number", { WEB_CONCURRENCY: "auto" }],
  ])("of an unknown number with %s", (command, problem, more) => {
    expect(shell(command, more).unknowns).toMatchObject([
      { name: `${address}.WEB_CONCURRENCY`, problem, isUnbounded: true },
    ])
  })
})

describe("other variables", () => {
  const keys = ["DATABASE_URL", "DATABASE_URL_REPLICA"]

  test("can be the ones that hold the URL, several of them, and each is a pool", () => {
    const values = { environment_variables: { DATABASE_URL: CORE, DATABASE_URL_REPLICA: CORE } }
    const fleet = reading(
      [container("api", values), container("web", { environment_variables: { DATABASE_URL: CORE } })],
      {
        keys,
      },
    )
    expect(sizes(fleet)).toEqual({
      "scaleway_container.api": 15,
      "scaleway_container.api (DATABASE_URL_REPLICA)": 15,
      "scaleway_container.web": 15,
    })
  })

  test("leave the default one out", () => {
    expect(connecting(reading([consumer("api")], { keys }))).toEqual([])
  })

  test("count once when they are named twice", () => {
    const fleet = reading([container("api", { environment_variables: { DATABASE_URL: CORE } })], {
      keys: ["DATABASE_URL", "DATABASE_URL"],
    })
    expect(connecting(fleet)).toEqual([address])
  })
})

test("a data source connects nothing: it only reads what another stack has", () => {
  const data = { ...consumer("api"), address: "data.scaleway_container.api", mode: "data" as const }
  expect(connecting(reading([data]))).toEqual([])
})

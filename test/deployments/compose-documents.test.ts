import { describe, expect, test } from "vitest"
import { fleetFromCompose } from "../../src/deployments/index.ts"
import { names, notObjects, refusal } from "../support/bad-values.ts"
import { plan } from "../support/terraform-plan.ts"
import { compose, consumer, postgres, reading, service } from "./compose-file.ts"
import { connecting } from "./resources.ts"

const COMMAND = "docker compose --profile '*' config --format json"

describe("what is no compose file is refused, with what it is instead:", () => {
  test.each<[json: unknown, problem: string]>([
    [undefined, "received undefined"],
    [null, "received null"],
    [15, "received 15"],
    ["services:\n  api:\n    image: x\n", "is a string, not parsed JSON"],
    [new Map([["services", {}]]), "received an object"],
    [{}, "has no services, so it is another tool's JSON"],
    [{ services: [] }, "has services that are not an object"],
    [{ services: null }, "has services that are not an object"],
  ])("%j", (json, problem) => {
    expect(refusal(() => fleetFromCompose(json)).issues).toEqual([
      { name: "compose", problem, remedy: `Give the output of \`${COMMAND}\`` },
    ])
  })

  test.each([
    [plan([]), "is the output of `terraform show -json`", "a Terraform plan: give it with --terraform"],
    [
      { apiVersion: "v1", kind: "List", items: [] },
      "is a Kubernetes manifest",
      "a Kubernetes manifest: give it with --kubernetes",
    ],
  ])("%j, of another format", (json, problem, remedy) => {
    expect(refusal(() => fleetFromCompose(json)).issues).toEqual([
      { name: "compose", problem, remedy: `This looks like ${remedy}` },
    ])
  })

  test("an array of arrays", () => {
    expect(refusal(() => fleetFromCompose([[], {}])).issues.map(({ problem }) => problem)).toEqual([
      "received an array",
      "has no services, so it is another tool's JSON",
    ])
  })
})

describe("a file as it is written is refused, with the command to run:", () => {
  const refused = (services: Record<string, unknown>, fields?: Record<string, unknown>) => {
    const { issues } = refusal(() => fleetFromCompose(compose(services, fields)))
    for (const { remedy } of issues) expect(remedy).toContain(`Give the output of \`${COMMAND}\``)
    return issues.map(({ name, problem }) => `${name} ${problem}`)
  }

  test("include", () => {
    expect(refused({}, { include: ["other.yaml"] })).toEqual(["include names files that are not merged in"])
  })

  test("extends", () => {
    expect(refused({ api: service({ extends: { service: "base" } }) })).toEqual([
      "services.api.extends names a service that is not merged in",
    ])
  })

  test("env_file, also as --no-env-resolution leaves it", () => {
    expect(refused({ api: service({ env_file: [{ path: "/srv/.env", required: true }] }) })).toEqual([
      "services.api.env_file names a file of variables that is not merged in",
    ])
    expect(refused({ a: service({ env_file: ".env" }), b: service({ env_file: [".env"] }) })).toEqual([
      "services.a.env_file names a file of variables that is not merged in, and in 1 more place",
    ])
  })

  test.each([
    ["$$$NAME"],
    [`\${DATABASE_URL}`],
    [`postgresql://app:\${PASSWORD:?required}@db/app`],
    ["$DATABASE_URL"],
    [`$\${KEPT}\${NOT}`],
  ])("a variable, also as --no-interpolate leaves it: %s", (value) => {
    expect(refused({ api: service({ environment: { DATABASE_URL: value } }) })).toEqual([
      "services.api.environment.DATABASE_URL has a variable that is not filled in",
    ])
  })

  test("variables anywhere, named by the first", () => {
    const api = service({ image: `shop:\${TAG}`, command: ["node", "$ENTRY"] })
    expect(refused({ api }, { configs: { x: { content: "$X" } } })).toEqual([
      "services.api.command[1] has a variable that is not filled in, and in 2 more places",
    ])
  })

  test("all of them at once", () => {
    const api = service({ env_file: [".env"], extends: { service: "x" }, image: "$X" })
    expect(refused({ api }, { include: ["x"] })).toHaveLength(4)
  })

  test("but not what is empty, or a dollar sign that is no variable", () => {
    const api = service({ env_file: [], extends: null, environment: { A: "5 $ 3", B: "$$HOME", C: "$" } })
    expect(() => fleetFromCompose(compose({ api }, { include: [] }))).not.toThrow()
  })
})

describe("hostile input", () => {
  test("is named by its path, all at once and without a value", () => {
    const values = {
      image: 1,
      environment: { A: ["hunter2"] },
      networks: 3,
      depends_on: "hunter2://",
      deploy: "hunter2",
      secrets: [5],
      configs: {},
      build: 7,
      post_start: "hunter2",
      links: [{}],
      container_name: [],
      provider: null,
    }
    const error = refusal(() =>
      fleetFromCompose(
        compose({ api: values, web: null }, { configs: [], secrets: { x: "hunter2" }, jobs: 3 }),
      ),
    )
    expect(names(error).toSorted()).toEqual(
      [
        "jobs",
        "configs",
        "services.web",
        ...[
          "build",
          "configs",
          "container_name",
          "depends_on",
          "deploy",
          "environment.A",
          "image",
          "links",
        ].map((name) => `services.api.${name}`),
        ...["networks", "post_start", "secrets[0]"].map((name) => `services.api.${name}`),
      ].toSorted(),
    )
    expect(error.message).not.toContain("hunter2")
  })

  test.each(notObjects.map((value) => [value]))("as a service: %s", (value) => {
    expect(names(refusal(() => fleetFromCompose(compose({ api: value }))))).toEqual(["services.api"])
  })

  test("with names of Object's own", () => {
    const text = JSON.stringify(compose({ db: postgres(), api: consumer() }))
    const json = JSON.parse(text.replace('"api"', '"__proto__"').replace('"db"', '"constructor"'))
    const fleet = fleetFromCompose(json, { hosts: ["db"] })
    expect(connecting(fleet)).toEqual(["service/__proto__"])
    expect(fleet.servers.map(({ address }) => address)).toEqual(["service/constructor"])
    expect(Object.getPrototypeOf(fleet.highest.consumers)).toBe(Object.prototype)
    const own = JSON.parse('{"services":{"a":{"environment":{"__proto__":"x","toString":1}}},"__proto__":{}}')
    expect(connecting(fleetFromCompose(own))).toEqual([])
  })

  test("that contains itself is read once", () => {
    const api: Record<string, unknown> = consumer()
    api["x-self"] = api
    const file: Record<string, unknown> = compose({ db: postgres(), api })
    file["x-file"] = file
    expect(connecting(fleetFromCompose(file))).toEqual(["service/api"])
    const environment: Record<string, unknown> = {}
    environment["A"] = environment
    expect(names(refusal(() => fleetFromCompose(compose({ api: service({ environment }) }))))).toEqual([
      "services.api.environment.A",
    ])
    const job: Record<string, unknown> = { environment: { DATABASE_URL: "x" } }
    job["again"] = job
    expect(reading({}, { keys: ["DATABASE_URL"] }, { jobs: { job } }).unknowns).toHaveLength(1)
  })

  test("is as deep as it likes", () => {
    const deep = JSON.parse(`${"[".repeat(3000)}"$X"${"]".repeat(3000)}`)
    const [issue] = refusal(() => fleetFromCompose(compose({ api: service({ "x-deep": deep }) }))).issues
    expect(issue?.problem).toBe("has a variable that is not filled in")
    let nested: unknown = "text"
    for (let depth = 0; depth < 100_000; depth += 1) nested = { nested }
    expect(() =>
      fleetFromCompose(compose({ api: service({ nested }) }, { jobs: { x: nested } })),
    ).not.toThrow()
  })

  test("of 10,000 services that connect is read, each of them", () => {
    const services = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `api-${index}`,
        consumer({ depends_on: { db: { condition: "service_started", required: true } }, links: ["db:pg"] }),
      ]),
    )
    const fleet = reading(services)
    expect(Object.keys(fleet.highest.consumers)).toHaveLength(10_000)
    expect(fleet.unknowns).toEqual([])
  })

  test("of 3,000 servers too", () => {
    const services = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`db-${index}`, postgres({ links: ["db-1:pg"] })]),
    )
    expect(reading(services).servers).toHaveLength(3001)
  })
})

test("secrets are in no result and in no error", () => {
  const secret = "hunter2"
  const services = {
    db: postgres({ environment: { POSTGRES_PASSWORD: secret } }),
    api: consumer({}, { DATABASE_URL: `postgresql://app:${secret}@elsewhere/shop`, API_KEY: secret }),
    web: consumer(
      { command: ["node", `--token=${secret}`] },
      { DIRECT_URL: `postgresql://${secret}@db/shop` },
    ),
  }
  const configs = { x: { content: secret } }
  expect(JSON.stringify(fleetFromCompose(compose(services, { configs })))).not.toContain(secret)
  const bad = {
    api: consumer({}, { PRISMA_POOL_SIZE: secret, DATABASE_URL: `postgresql://app:${secret}@:x/` }),
  }
  const error = refusal(() => reading(bad))
  expect(names(error)).toContain("service/api.PRISMA_POOL_SIZE")
  expect(JSON.stringify(error.issues)).not.toContain(secret)
})

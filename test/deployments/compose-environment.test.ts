import { describe, expect, test } from "vitest"
import type { DeployedFleet } from "../../src/deployments/index.ts"
import { fleetFromCompose } from "../../src/deployments/index.ts"
import { names, refusal } from "../support/bad-values.ts"
import { compose, consumer, postgres, reading, service, URL_OF_DB } from "./compose-file.ts"
import { connecting, sizes, unknownNames } from "./resources.ts"

const api = "service/api"
const KEYS = { keys: ["DATABASE_URL"] }

/** A service that may connect, but for its own variables. */
const perhaps = (values: object, fields?: Record<string, unknown>) =>
  reading({ api: service(values as Record<string, unknown>) }, KEYS, fields)

const isOpen = (fleet: DeployedFleet) =>
  unknownNames(fleet).includes("service/api.DATABASE_URL") && connecting(fleet).length === 1

describe("an environment is", () => {
  test("a map of strings, numbers and booleans, where null is a variable without a value", () => {
    const environment = { DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: 7, DEBUG: true, DATABASE_URL_CORE: null }
    expect(sizes(reading({ api: service({ environment }) }))).toEqual({ [api]: 7 })
  })

  test("or a list", () => {
    const environment = [
      `DATABASE_URL=${URL_OF_DB}?sslmode=disable`,
      "PRISMA_POOL_SIZE=7",
      "DATABASE_URL_CORE",
    ]
    expect(sizes(reading({ api: service({ environment }) }))).toEqual({ [api]: 7 })
  })

  test("without what had no value where it was printed, which is named for a counted variable", () => {
    const { assumptions, unknowns, ...fleet } = reading(
      { api: service({ environment: { DATABASE_URL: null, OTHER: null } }) },
      KEYS,
    )
    expect(connecting({ assumptions, unknowns, ...fleet })).toEqual([])
    expect(assumptions).toEqual([
      {
        name: "profiles",
        assumed: expect.any(String),
        remedy: expect.any(String),
      },
      {
        name: "service/api.DATABASE_URL",
        assumed: "had no value where the document was printed, so it counts as not set",
        remedy: "If it has one where the service starts, print the document there",
      },
    ])
  })

  test("empty where a variable of the shell was: it can never connect", () => {
    const { warnings } = reading({ api: consumer({}, { DATABASE_URL: "" }) }, KEYS)
    expect(warnings).toEqual(["service/api.DATABASE_URL: is empty, so it can never connect"])
  })

  test("with dollar signs that compose has doubled", () => {
    const environment = { DATABASE_URL: "postgresql://app:a$$b$${c}@db/shop?connection_limit=3" }
    expect(sizes(reading({ api: service({ environment }) }))).toEqual({ [api]: 3 })
  })

  test("refused in any other shape, by the path and without the value", () => {
    const error = refusal(() =>
      fleetFromCompose(
        compose({
          a: service({ environment: { DATABASE_URL: { secret: "hunter2" } } }),
          b: service({ environment: [{ hunter2: 1 }] }),
          c: service({ environment: "hunter2" }),
          d: service({ command: { hunter2: 1 }, entrypoint: 5, image: ["hunter2"], volumes: "x", links: {} }),
        }),
      ),
    )
    expect(names(error)).toEqual([
      "services.a.environment.DATABASE_URL",
      "services.b.environment[0]",
      "services.c.environment",
      "services.d.image",
      "services.d.entrypoint",
      "services.d.command",
      "services.d.volumes",
      "services.d.links",
    ])
    expect(error.message).not.toContain("hunter2")
  })
})

describe("the default variable is", () => {
  test("DATABASE_URL_CORE where any service has it", () => {
    const fleet = reading({
      api: service({ environment: { DATABASE_URL_CORE: URL_OF_DB, PRISMA_POOL_SIZE_CORE: "3" } }),
    })
    expect(sizes(fleet)).toEqual({ [api]: 3 })
  })

  test("not one that only a server, a build, a label or an extension names", () => {
    const fleet = reading(
      {
        db: postgres({ environment: { DATABASE_URL_CORE: URL_OF_DB } }),
        api: consumer({
          build: { context: "/srv", args: { DATABASE_URL_CORE: URL_OF_DB } },
          labels: { about: "DATABASE_URL_CORE" },
          "x-more": { DATABASE_URL_CORE: URL_OF_DB },
        }),
      },
      {},
      { "x-env": { DATABASE_URL_CORE: URL_OF_DB } },
    )
    expect(sizes(fleet)).toEqual({ [api]: 10 })
    expect(fleet.unknowns).toEqual([])
  })

  test("that of a file", () => {
    const environment = { DATABASE_URL_FILE: "/run/secrets/url", PRISMA_POOL_SIZE: "3" }
    expect(sizes(reading({ api: service({ environment }) }))).toEqual({ [api]: 3 })
  })
})

describe("a file", () => {
  const secrets = [{ source: "url", target: "/run/secrets/url" }]

  test("of a variable with _FILE has its URL, which cannot be seen", () => {
    const environment = { DATABASE_URL_FILE: "/run/secrets/url" }
    const stored = { secrets: { url: { name: "shop_url", file: "/srv/url.txt" } } }
    const fleet = perhaps({ environment, secrets }, stored)
    expect(fleet.unknowns).toMatchObject([
      {
        name: "service/api.DATABASE_URL",
        cause: "size",
        problem: "is read from a file, and may have a connection_limit in it",
      },
    ])
    const sized = perhaps({ environment: { ...environment, PRISMA_POOL_SIZE: 6 }, secrets }, stored)
    expect([sizes(sized), sized.unknowns]).toEqual([{ [api]: 6 }, []])
  })

  test("of a variable with _FILE and a content in the document has its URL, which can be seen", () => {
    const environment = { DATABASE_URL_FILE: "/url" }
    const configs = { url: { name: "url", content: `${URL_OF_DB}?connection_limit=4\n` } }
    expect(sizes(perhaps({ environment, configs: [{ source: "url" }] }, { configs }))).toEqual({ [api]: 4 })
  })

  test("of a variable with _FILE may have a path of any kind", () => {
    const fleet = perhaps({
      environment: { DATABASE_URL_FILE: "./url", LOG_FILE: "", PRISMA_POOL_SIZE: "2" },
    })
    expect([sizes(fleet), fleet.unknowns]).toEqual([{ [api]: 2 }, []])
  })

  test("of a secret may set the variable, wherever it comes from", () => {
    for (const url of [{ file: "/srv/secrets.env" }, { environment: "URL" }, { external: true, name: "url" }])
      expect(isOpen(perhaps({ secrets }, { secrets: { url } }))).toBe(true)
    expect(isOpen(perhaps({ secrets: ["url"] }, { secrets: { url: { file: "/srv/url" } } }))).toBe(true)
    expect(isOpen(perhaps({ secrets }))).toBe(true)
  })

  test("of a secret leaves a size open, but not a plain one", () => {
    const environment = { DATABASE_URL: URL_OF_DB }
    expect(unknownNames(perhaps({ secrets, environment }))).toEqual(["service/api.PRISMA_POOL_SIZE"])
    expect(perhaps({ secrets, environment: { ...environment, PRISMA_POOL_SIZE: 3 } }).unknowns).toEqual([])
  })

  test("with a certificate sets nothing", () => {
    const tls = { file: "/srv/certs/server.crt" }
    expect(perhaps({ secrets: [{ source: "tls" }] }, { secrets: { tls } }).unknowns).toEqual([])
    const named = [{ source: "tls", target: "/run/secrets/ca.pem" }]
    expect(perhaps({ secrets: named }, { secrets: { tls: { external: true } } }).unknowns).toEqual([])
  })

  test("of a config counts by its content, if that can be seen", () => {
    const configs = [{ source: "app", target: "/app/config" }]
    const open = (app: object) => isOpen(perhaps({ configs }, { configs: { app } }))
    expect(open({ content: "PORT=3000\n" })).toBe(false)
    expect(open({ content: "export DATABASE_URL=x\n" })).toBe(true)
    expect(open({ content: `db: ${URL_OF_DB}\n` })).toBe(true)
    expect(open({ file: "/srv/app.yaml" })).toBe(true)
    // Not mounted: nothing reads it.
    expect(perhaps({}, { configs: { app: { content: "DATABASE_URL=x" } } }).unknowns).toEqual([])
  })

  const bind = (source: string, target: string) => ({
    volumes: [{ type: "bind", source, target, bind: { create_host_path: true } }],
  })

  test("in .env format may set the variable", () => {
    for (const file of ["/srv/.env", "/srv/.env.production", "/srv/api.env", "/srv/env"])
      expect(isOpen(perhaps(bind(file, "/app/settings")))).toBe(true)
    expect(isOpen(perhaps({ volumes: ["./.env:/app/.env:ro"] }))).toBe(true)
  })

  test("of the mounted code may be one in .env format", () => {
    const build = { context: "/srv/shop" }
    expect(isOpen(perhaps({ build, ...bind("/srv/shop", "/app") }))).toBe(true)
    expect(isOpen(perhaps({ build: "/srv/shop", ...bind("/srv", "/app") }))).toBe(true)
    expect(isOpen(perhaps({ image: "node:22", working_dir: "/app", ...bind("/srv/shop", "/app/") }))).toBe(
      true,
    )
  })

  test("of any other mounted path is data", () => {
    const build = { context: "/srv/shop" }
    expect(perhaps({ build, ...bind("/srv/shop/uploads", "/app/uploads") }).unknowns).toEqual([])
    expect(perhaps(bind("/var/run/docker.sock", "/var/run/docker.sock")).unknowns).toEqual([])
    expect(perhaps({ volumes: [{ type: "volume", source: "x", target: "/data" }] }).unknowns).toEqual([])
    expect(perhaps({ volumes: ["/app/node_modules"], working_dir: "/app" }).unknowns).toEqual([])
  })

  test.each([
    ["nginx:1.29", false],
    ["docker.io/library/redis:7", false],
    ["grafana/grafana@sha256:00", false],
    ["prom/prometheus", false],
    ["bitnami/redis:8", false],
    ["docker.elastic.co/elasticsearch/elasticsearch:9.1.0", false],
    ["registry.example.org/shop/registry:1", true],
    ["registry.example.org/registry:1", true],
    ["shop/nginx", true],
    ["bitnami/node", true],
    ["node:22", true],
  ])("of the image %s may set the variable: %s", (image, may) => {
    const stored = {
      secrets: { url: { file: "/srv/password" } },
      configs: { c: { file: "/srv/nginx.conf" } },
    }
    expect(isOpen(perhaps({ image, secrets, configs: ["c"] }, stored))).toBe(may)
  })
})

describe("a command", () => {
  test("may set the variable, or read it from elsewhere", () => {
    expect(unknownNames(perhaps({ command: ["sh", "-c", "DATABASE_URL=$$X node main.js"] }))).toEqual([
      "service/api.DATABASE_URL",
    ])
    expect(isOpen(perhaps({ entrypoint: ["node", "--env-file=.env", "main.js"] }))).toBe(true)
    expect(isOpen(perhaps({ command: "doppler run -- node main.js" }))).toBe(true)
    expect(perhaps({ command: ["node", "main.js"] }).unknowns).toEqual([])
  })

  test("may have a URL in it", () => {
    expect(unknownNames(perhaps({ command: ["seed", URL_OF_DB] }))).toEqual([
      "service/api.URL 1 of its command",
    ])
  })

  test("that runs beside a container counts as its own", () => {
    const post_start = [{ command: ["sh", "-c", "node seed.js"], environment: { DATABASE_URL: "x" } }]
    expect(unknownNames(perhaps({ post_start }))).toEqual(["service/api.DATABASE_URL"])
    expect(perhaps({ pre_stop: [{ command: ["sleep", "5"], environment: ["A=1"] }] }).unknowns).toEqual([])
  })

  test("of a healthcheck counts as its own", () => {
    const checked = (test: unknown) => perhaps({ healthcheck: { test, interval: "10s" } })
    expect(unknownNames(checked(["CMD", "psql", URL_OF_DB]))).toEqual(["service/api.URL 1 of its command"])
    expect(unknownNames(checked(`psql ${URL_OF_DB}`))).toEqual(["service/api.URL 1 of its command"])
    expect(checked(["CMD-SHELL", "curl -f http://localhost/health || exit 1"]).unknowns).toEqual([])
    expect(perhaps({ healthcheck: { disable: true } }).unknowns).toEqual([])
  })
})

test("a provider sets variables in the services that depend on it", () => {
  const services = {
    database: { provider: { type: "cloud", options: { type: "postgres" } } },
    api: service({ depends_on: { database: { condition: "service_started", required: true } } }),
    web: service(),
  }
  const fleet = reading(services, KEYS)
  expect(connecting(fleet)).toEqual([api])
  expect(fleet.unknowns).toMatchObject([
    { problem: "may be set: its environment is set by the provider of a service that it depends on" },
  ])
})

test("jobs of a compose file are not read, and not left out either", () => {
  const jobs = {
    report: {
      image: "shop:1",
      triggers: { schedule: "0 3 * * *" },
      environment: { DATABASE_URL: URL_OF_DB },
    },
    prune: { image: "busybox", triggers: { schedule: "@daily" } },
  }
  expect(reading({ api: consumer() }, {}, { jobs }).unknowns).toMatchObject([
    {
      cause: "type",
      name: "job/report",
      problem: "has DATABASE_URL, and jobs of a compose file are not read",
    },
  ])
  const excluded = reading({ api: consumer() }, { exclude: { "job/report": "by hand" } }, { jobs })
  expect([excluded.unknowns, excluded.warnings]).toEqual([[], []])
})

test("a client of the same server with another variable is named", () => {
  const exporter = service({
    image: "quay.io/prometheuscommunity/postgres-exporter",
    environment: { DATA_SOURCE_NAME: "postgresql://exporter:pw@db:5432/postgres?sslmode=disable" },
  })
  expect(unknownNames(reading({ api: consumer(), exporter }))).toEqual(["service/exporter.DATA_SOURCE_NAME"])
})

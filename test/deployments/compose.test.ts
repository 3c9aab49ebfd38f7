import { describe, expect, test } from "vitest"
import { fleetFromCompose } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { names, refusal } from "../support/bad-values.ts"
import { compose, consumer, postgres, reading, service, URL_OF_DB, waiting } from "./compose-file.ts"
import { connecting, sizes, unknownNames } from "./resources.ts"

const api = "service/api"

/** Instances and surge of a service, at both ends. */
const counted = (values: object, options?: Parameters<typeof reading>[1]) => {
  const { lowest, highest, unknowns } = reading({ api: consumer(values as Record<string, unknown>) }, options)
  const at = (part: typeof lowest) => {
    const { instances, surge } = part.consumers[api] ?? {}
    return [instances, surge]
  }
  return { lowest: at(lowest), highest: at(highest), unknowns: unknowns.map(({ name }) => name) }
}

const exactly = (instances: number, surge: number) => ({
  lowest: [instances, surge],
  highest: [instances, surge],
  unknowns: [],
})

describe("the number of containers is", () => {
  test("1", () => {
    expect(counted({})).toEqual(exactly(1, 0))
    expect(counted({ deploy: { resources: {}, placement: {} } })).toEqual(exactly(1, 0))
    expect(counted({ deploy: null })).toEqual(exactly(1, 0))
  })

  test("deploy.replicas", () => {
    expect(counted({ deploy: { mode: "replicated", replicas: 3 } })).toEqual(exactly(3, 0))
  })

  test("scale, before deploy.replicas", () => {
    expect(counted({ scale: 4 })).toEqual(exactly(4, 0))
    expect(counted({ scale: 4, deploy: { replicas: 4 } })).toEqual(exactly(4, 0))
  })

  test("a string, as the schema allows", () => {
    expect(counted({ scale: "4" })).toEqual(exactly(4, 0))
    expect(counted({ deploy: { replicas: "3" } })).toEqual(exactly(3, 0))
    expect(counted({ scale: "3", deploy: { replicas: 3 } })).toEqual(exactly(3, 0))
  })

  test("0", () => {
    expect(counted({ scale: 0 })).toEqual(exactly(0, 0))
    expect(counted({ deploy: { replicas: 0 } })).toEqual(exactly(0, 0))
    expect(reading({ api: consumer({ scale: 0 }) }).assumptions.map(({ name }) => name)).toEqual(["profiles"])
  })

  test("never two different ones", () => {
    const error = refusal(() => counted({ scale: 2, deploy: { replicas: 3 } }))
    expect(error.issues).toEqual([
      {
        name: "services.api.scale",
        problem: "is 2, and deploy.replicas is 3",
        remedy: "Set one of them",
      },
    ])
  })

  test("never more than one of a name", () => {
    expect(counted({ container_name: "api" })).toEqual(exactly(1, 0))
    expect(refusal(() => counted({ container_name: "api", scale: 2 })).issues).toEqual([
      {
        name: "services.api.container_name",
        problem: "allows one container, and the service has 2",
        remedy: "Leave it out, or set scale to 1",
      },
    ])
    // Swarm ignores it.
    const deploy = { replicas: 2, update_config: { order: "stop-first" } }
    expect(counted({ container_name: "api", deploy })).toEqual(exactly(2, 0))
  })

  test.each([[-1], [1.5], ["many"], ["1e3"], [true], [{}], [[2]], [1_000_001]])("never %j", (value) => {
    const issues = refusal(() =>
      reading({ a: consumer({ scale: value }), b: consumer({ deploy: { replicas: value } }) }),
    ).issues
    expect(issues.map(({ name }) => name)).toEqual(["services.a.scale", "services.b.deploy.replicas"])
    expect(issues[0]?.remedy).toBe("Give a whole number from 0 to 1000000")
    expect(JSON.stringify(issues)).not.toContain("many")
  })

  test("not known where Swarm starts one on each node", () => {
    expect(counted({ deploy: { mode: "global" } })).toEqual({
      ...exactly(1, 0),
      unknowns: ["service/api.deploy.mode"],
    })
    expect(reading({ api: consumer({ deploy: { mode: "global" } }) }).unknowns).toEqual([
      {
        cause: "count",
        address: api,
        attribute: "deploy.mode",
        field: "instances",
        name: "service/api.deploy.mode",
        problem: "is global, so there is one container on each node of the Swarm",
        between: "1 or any number",
        remedy: "Override instances with the number of nodes",
        isUnbounded: true,
      },
    ])
    const override = { [api]: { instances: 5, reason: "five nodes" } }
    expect(counted({ deploy: { mode: "global" } }, { override })).toEqual(exactly(5, 0))
  })

  test("that of a job of Swarm", () => {
    const job = (deploy: object) => reading({ job: consumer({ deploy }) })
    expect(job({ mode: "replicated-job", replicas: 4 }).highest.jobs).toMatchObject([
      { name: "service/job", replicas: 4, poolSize: 10 },
    ])
    expect(job({ mode: "replicated-job" }).highest.jobs).toMatchObject([{ replicas: 1 }])
    expect(job({ mode: "replicated-job", replicas: 0 }).highest).toMatchObject({
      jobs: [],
      consumers: { "service/job": { instances: 0, surge: 0 } },
    })
    expect(unknownNames(job({ mode: "global-job" }))).toEqual(["service/job.deploy.mode"])
  })

  test("refused in any other mode or order", () => {
    const error = refusal(() =>
      reading({ api: consumer({ deploy: { mode: "everywhere", update_config: { order: "at once" } } }) }),
    )
    expect(error.issues).toEqual([
      {
        name: "services.api.deploy.mode",
        problem: "received a string",
        remedy: "Use one of replicated, global, replicated-job, global-job",
      },
      {
        name: "services.api.deploy.update_config.order",
        problem: "received a string",
        remedy: "Use one of stop-first, start-first",
      },
    ])
  })
})

describe("a deploy adds", () => {
  const updated = (update_config: object, replicas = 5) => counted({ deploy: { replicas, update_config } })

  test("nothing: compose stops a container before it starts the new one, which is assumed", () => {
    const { assumptions } = reading({ api: consumer({ scale: 3 }) })
    expect(assumptions).toContainEqual({
      name: "service/api.surge",
      assumed: "`docker compose up` deploys it and stops each container before it starts the new one, so 0",
      remedy: "If Swarm deploys it, set deploy.update_config; or override surge",
    })
  })

  test("nothing in Swarm by default, which is not assumed", () => {
    expect(updated({ parallelism: 2 })).toEqual(exactly(5, 0))
    expect(updated({ order: "stop-first" })).toEqual(exactly(5, 0))
    const { assumptions } = reading({ api: consumer({ deploy: { update_config: { parallelism: 2 } } }) })
    expect(assumptions.map(({ name }) => name)).toEqual(["profiles"])
  })

  const between = (instances: number, least: number) => ({
    lowest: [instances, least],
    highest: [instances, instances],
    unknowns: ["service/api.surge"],
  })

  test("what Swarm starts first, parallelism, to as many again: those that are ending hold their connections", () => {
    expect(updated({ order: "start-first" })).toEqual(between(5, 1))
    expect(updated({ order: "start-first" }, 1)).toEqual(exactly(1, 1))
    expect(updated({ order: "start-first", parallelism: 2 })).toEqual(between(5, 2))
    expect(updated({ order: "start-first", parallelism: "3" })).toEqual(between(5, 3))
  })

  test("all where Swarm starts all at once, and never more than there are", () => {
    expect(updated({ order: "start-first", parallelism: 0 })).toEqual(exactly(5, 5))
    expect(updated({ order: "start-first", parallelism: 9 })).toEqual(exactly(5, 5))
    expect(updated({ order: "start-first", parallelism: 9 }, 0)).toEqual(exactly(0, 0))
  })

  test("what an override says", () => {
    const override = { [api]: { surge: 2, reason: "blue and green" } }
    expect(counted({ scale: 3 }, { override })).toEqual(exactly(3, 2))
    const { assumptions } = reading({ api: consumer() }, { override })
    expect(assumptions.map(({ name }) => name)).toEqual(["profiles"])
  })

  test("the services that others wait for until they have ended, which do not run otherwise", () => {
    const api = { ...consumer(), ...waiting("service_completed_successfully", "migrate", "seed") }
    const { highest, assumptions } = reading({
      api,
      migrate: consumer({ restart: "no", command: ["npx", "prisma", "migrate", "deploy"] }),
      seed: consumer({ scale: 2 }),
      idle: consumer({ scale: 0 }),
    })
    expect(highest.consumers).toMatchObject({
      "service/api": { instances: 1, surge: 0 },
      "service/migrate": { instances: 0, surge: 1 },
      "service/seed": { instances: 0, surge: 2 },
    })
    expect(assumptions.map(({ name }) => name)).toEqual(["profiles", "service/api.surge"])
  })

  test("no others: a service that is only started first, or does not restart, runs on", () => {
    const { highest } = reading({
      api: { ...consumer(), ...waiting("service_started", "cache") },
      web: { ...consumer(), depends_on: ["once"] },
      cache: consumer(),
      once: consumer({ restart: "no" }),
    })
    expect(highest.consumers).toMatchObject({
      "service/cache": { instances: 1, surge: 0 },
      "service/once": { instances: 1, surge: 0 },
    })
  })
})

describe("profiles", () => {
  test("may be missing where no service has one, which is assumed", () => {
    expect(reading({ api: consumer() }).assumptions).toContainEqual({
      name: "profiles",
      assumed: "no service has one; services of profiles that were not enabled are not in the document",
      remedy: "Print it with `docker compose --profile '*' config --format json`",
    })
  })

  test("were enabled where a service has one, which counts like any other", () => {
    const fleet = reading({ api: consumer(), tools: consumer({ profiles: ["tools"] }) })
    expect(fleet.assumptions.map(({ name }) => name)).toEqual(["service/api.surge", "service/tools.surge"])
    expect(connecting(fleet)).toEqual([api, "service/tools"])
  })
})

describe("ordinary stacks", () => {
  test("an API, a worker, migrations that both wait for, a frontend, a cache and PostgreSQL", () => {
    const environment = { DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: "10" }
    const fleet = reading({
      api: {
        ...service({
          build: { context: "/srv/shop", dockerfile: "Dockerfile" },
          environment,
          deploy: { replicas: 3, resources: {}, placement: {} },
          ports: [{ mode: "ingress", target: 3000, published: "3000", protocol: "tcp" }],
          healthcheck: { test: ["CMD-SHELL", "curl -f http://localhost:3000 || exit 1"], interval: "10s" },
        }),
        depends_on: {
          db: { condition: "service_healthy", required: true },
          migrate: { condition: "service_completed_successfully", required: true },
        },
      },
      worker: {
        ...service({
          command: ["node", "worker.js"],
          environment: { DATABASE_URL: `${URL_OF_DB}?connection_limit=5`, WEB_CONCURRENCY: 2 },
          scale: 2,
        }),
        ...waiting("service_completed_successfully", "migrate"),
      },
      migrate: service({
        command: ["npx", "prisma", "migrate", "deploy"],
        environment: { DATABASE_URL: `${URL_OF_DB}?connection_limit=1` },
        restart: "no",
      }),
      web: service({
        build: { context: "/srv/shop/web", args: { DATABASE_URL: URL_OF_DB } },
        environment: { API_URL: "http://api:3000" },
        labels: { "com.example.about": "knows no DATABASE_URL" },
      }),
      cache: service({
        image: "redis:7",
        command: ["redis-server", "/etc/redis.conf"],
        volumes: [{ type: "bind", source: "/srv/shop/redis.conf", target: "/etc/redis.conf", bind: {} }],
      }),
    })
    expect(fleet.unknowns).toEqual([])
    expect(fleet.maxConnections).toBe(200)
    expect(sizes(fleet)).toEqual({ [api]: 10, "service/migrate": 1, "service/worker": 5 })
    const { total, deploy, usable } = checkFleet({ maxConnections: 200, ...fleet.highest })
    // api 3 × 10, worker 2 × 2 processes × 5; a deploy adds 1 for the migrations.
    expect([total, deploy.total, usable]).toEqual([30 + 20, 30 + 20 + 1, 197])
    expect(fleet.highest).toEqual(fleet.lowest)
    expect(fleet.sizeVariables).toEqual({
      [api]: "PRISMA_POOL_SIZE",
      "service/migrate": "PRISMA_POOL_SIZE",
      "service/worker": "PRISMA_POOL_SIZE",
    })
    expect(fleet.source).toEqual({ keys: ["DATABASE_URL"], documents: [{ name: "", kind: "compose" }] })
    expect(fleet.resources).toContainEqual({ address: api, connects: true })
    expect(fleet.resources).toContainEqual({ address: "service/web", connects: false })
    expect(fleet.resources).toHaveLength(6)
  })

  test("a stack of Swarm, whose API starts first", () => {
    const fleet = reading({
      api: consumer({
        deploy: { mode: "replicated", replicas: 6, update_config: { parallelism: 2, order: "start-first" } },
      }),
      worker: consumer({ deploy: { replicas: 2, update_config: { order: "stop-first" } } }),
    })
    const { total, deploy } = checkFleet({ maxConnections: 200, ...fleet.highest })
    // 6 × 10 + 2 × 10; while the API is replaced from 2 × 10 to all of it.
    expect([total, deploy.total]).toEqual([80, 140])
    expect(checkFleet({ maxConnections: 200, ...fleet.lowest }).deploy.total).toBe(100)
  })

  test("Core and Billing in one service", () => {
    const fleet = reading(
      { api: consumer({}, { DATABASE_URL_BILLING: URL_OF_DB, PRISMA_POOL_SIZE_BILLING: "4" }) },
      { keys: ["DATABASE_URL", "DATABASE_URL_BILLING"] },
    )
    expect(sizes(fleet)).toEqual({ [api]: 10, "service/api (DATABASE_URL_BILLING)": 4 })
  })
})

describe("several projects", () => {
  const one = compose({ db: postgres(), api: consumer() })
  const two = compose({ api: consumer({ scale: 2 }) })

  test("of one server add up, though their services have one name", () => {
    const fleet = fleetFromCompose([one, two])
    expect(connecting(fleet)).toEqual(["files[0]: service/api", "files[1]: service/api"])
    expect(fleet.maxConnections).toBe(200)
    expect(checkFleet({ maxConnections: 200, ...fleet.highest }).total).toBe(30)
    expect(fleetFromCompose([one])).toEqual(fleetFromCompose(one))
  })

  test("are told apart by exclude and override, or are meant together", () => {
    const reason = "another database"
    const [first, both] = [
      fleetFromCompose([one, two], { exclude: { "files[0]: service/api": reason } }),
      fleetFromCompose([one, two], { exclude: { [api]: reason } }),
    ]
    expect(connecting(first)).toEqual(["files[1]: service/api"])
    expect(connecting(both)).toEqual([])
    expect(both.excluded).toHaveLength(2)
    expect(fleetFromCompose(one, { exclude: { "service/ap": reason } }).warnings).toEqual([
      "exclude: no resource has the address service/ap",
    ])
  })

  test("with what is wrong in any of them", () => {
    const error = refusal(() => fleetFromCompose([one, 15, compose({ api: { scale: "x" }, web: 3 })]))
    expect(names(error)).toEqual(["files[1]", "files[2]: services.api.scale", "files[2]: services.web"])
  })
})

import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runs } from "../support/properties.ts"
import {
  type Code,
  change,
  type Hiding,
  judged,
  removed,
  renamed,
  set,
  unknown,
  variables,
  written,
} from "./hiding.ts"
import { ORDINARY, type OrdinaryResource } from "./ordinary-resources.ts"
import { CORE } from "./resources.ts"

const NAMESPACE = "fr-par/11111111-1111-1111-1111-111111111111"
const fleet = fc
  .record({
    instances: fc.integer({ min: 1, max: 4 }),
    own: variables,
    inherited: variables,
    job: variables,
    ceiling: fc.integer({ min: 20, max: 400 }),
  })
  .map(({ instances, own, inherited, job, ceiling }): Code[] => [
    written("scaleway_rdb_instance.main", {
      engine: "PostgreSQL-15",
      settings: { max_connections: String(ceiling) },
      load_balancer: [{ hostname: "db.example.org" }],
    }),
    written("scaleway_container_namespace.main", { id: NAMESPACE, environment_variables: inherited }),
    written("scaleway_container.own", { max_scale: instances, environment_variables: own }),
    written("scaleway_container.heir", { max_scale: instances, namespace_id: NAMESPACE }),
    written("scaleway_job_definition.sync", {
      timeout: "1h0m0s",
      cron: [{ schedule: "0 3 * * *", timezone: "UTC" }],
      env: job,
    }),
  ])

const intoCommand = (environment: string, variable: string) => (resource: Code) => {
  const { [variable]: value, ...rest } = (resource.values?.[environment] ?? {}) as Record<string, string>
  const values = { ...resource.values, [environment]: rest, command: `${variable}=${value} node main.js` }
  return { ...resource, values, expressions: set(values) }
}

const HIDING: readonly Hiding[] = [
  ["an environment", "scaleway_container.own", unknown("environment_variables")],
  ["a number of instances", "scaleway_container.own", unknown("max_scale")],
  ["a namespace", "scaleway_container.heir", unknown("namespace_id")],
  ["a namespace's environment", "scaleway_container_namespace.main", unknown("environment_variables")],
  ["a job's environment", "scaleway_job_definition.sync", unknown("env")],
  ["a schedule", "scaleway_job_definition.sync", unknown("cron")],
  ["a ceiling", "scaleway_rdb_instance.main", unknown("settings")],
  ["the type of a service", "scaleway_container.own", renamed],
  ["the type of one that inherits", "scaleway_container.heir", renamed],
  ["the type of a job", "scaleway_job_definition.sync", renamed],
  ["the type of a server", "scaleway_rdb_instance.main", renamed],
  ["a resource that others refer to", "scaleway_container_namespace.main", removed],
  ["the server", "scaleway_rdb_instance.main", removed],
  [
    "a URL, in a command",
    "scaleway_container.own",
    intoCommand("environment_variables", "DATABASE_URL_CORE"),
  ],
  [
    "a size, in a command",
    "scaleway_container.own",
    intoCommand("environment_variables", "PRISMA_POOL_SIZE_CORE"),
  ],
  ["a job's URL, in its command", "scaleway_job_definition.sync", intoCommand("env", "DATABASE_URL_CORE")],
]

describe("what is hidden never makes a verdict better:", () => {
  test.each(HIDING)("%s", (_, address, how) => {
    let notFitting = 0
    fc.assert(
      fc.property(fleet, (resources) => {
        if (judged(resources) === "fits") return
        notFitting += 1
        expect(judged(change(resources, address, how))).not.toBe("fits")
      }),
      runs(60),
    )
    expect(notFitting, "there are fleets that do not fit").toBeGreaterThan(0)
  })
})

test("what stands beside the applications in an ordinary plan never makes it worse", () => {
  fc.assert(
    fc.property(fleet, fc.subarray([...ORDINARY]), (resources, others) => {
      expect(judged([...resources, ...others])).toBe(judged(resources))
    }),
    runs(100),
  )
})

test.each(ORDINARY.map((resource): [string, OrdinaryResource] => [resource.address, resource]))(
  "%s connects nothing",
  (_, resource) => {
    const ceiling = written("scaleway_rdb_instance.main", {
      settings: { max_connections: "100" },
      load_balancer: [{ hostname: "db.example.org" }],
    })
    const own = written("scaleway_container.own", {
      max_scale: 1,
      environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "10" },
    })
    expect(judged([ceiling, own, resource])).toBe("fits")
  },
)

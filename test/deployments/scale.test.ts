import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { connecting, job } from "./resources.ts"

const MANY = 10_000

const MAIN = fileURLToPath(new URL("scale-main.ts", import.meta.url))

// It ends with an error of V8 where more than that is in use at a time. What garbage there is when depends on the machine.
test(`${MANY} resources are read, every one of them, in a heap of 200 MB`, async () => {
  const flags = ["--max-old-space-size=200", "--import", import.meta.resolve("tsx")]
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, MAIN, String(MANY)])
  expect(stdout).toBe(`${MANY}\n`)
})

test(`${MANY} resources of which each has a namespace that is created with it`, () => {
  const pairs = Array.from({ length: MANY / 2 }, (_, index): PlannedResource[] => [
    {
      address: `scaleway_container_namespace.n${index}`,
      values: index % 2 === 0 ? { environment_variables: { DATABASE_URL_CORE: "postgresql://h/core" } } : {},
    },
    {
      address: `scaleway_container.c${index}`,
      values: { max_scale: 1 },
      unknown: { namespace_id: true },
    },
  ])
  const blocks = pairs.map((_, index) => ({
    address: `scaleway_container.c${index}`,
    mode: "managed",
    type: "scaleway_container",
    name: `c${index}`,
    expressions: {
      namespace_id: {
        references: [`scaleway_container_namespace.n${index}.id`, `scaleway_container_namespace.n${index}`],
      },
    },
  }))
  const json = plan(pairs.flat(), { configuration: { root_module: { resources: blocks } } })
  expect(connecting(fleetFromTerraform(json))).toHaveLength(MANY / 4)
})

test(`${MANY} jobs that are deleted, each with the most of its runs`, () => {
  const deleted = Array.from({ length: MANY }, (_, index): PlannedResource => {
    const cron = [{ schedule: `${index % 60} ${index % 24} * * *`, timezone: "Europe/Paris" }]
    return {
      address: `scaleway_job_definition.j${index}`,
      before: job("x", { cron }).values ?? {},
      actions: ["delete"],
    }
  })
  const { consumers } = fleetFromTerraform(plan(deleted)).highest
  expect(Object.values(consumers)).toHaveLength(MANY)
  expect(new Set(Object.values(consumers).map(({ surge }) => surge))).toEqual(new Set([1]))
})

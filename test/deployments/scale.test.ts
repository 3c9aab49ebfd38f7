import { expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { connecting, consumer, job, server } from "./resources.ts"

const MANY = 10_000

const resources = Array.from({ length: MANY }, (_, index): PlannedResource => {
  const { values = {}, ...own } = index % 2 === 0 ? consumer(`s${index}`) : job(`j${index}`)
  return { ...own, values: { name: `r${index}`, ...values }, before: values }
})

test(`${MANY} resources are read, every one of them, in less than 200 MB`, () => {
  const json = JSON.parse(JSON.stringify(plan([server("main"), ...resources])))
  const before = process.memoryUsage().heapUsed
  const fleet = fleetFromTerraform(json)
  const grown = process.memoryUsage().heapUsed - before
  expect(connecting(fleet)).toHaveLength(MANY)
  expect(grown).toBeLessThan(200 * 2 ** 20)
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

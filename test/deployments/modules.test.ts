import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { Expressions } from "../../src/deployments/terraform/expressions.ts"
import { plan, state } from "../support/terraform-plan.ts"
import { connecting, consumer, container, job, namespace, reading, sizes } from "./resources.ts"

const inModule = (module: string, index = "") => ({
  ...consumer("api"),
  address: `${module}.scaleway_container.api${index}`,
})

describe("resources are found", () => {
  test.each([
    "module.backend",
    "module.backend[0]",
    'module.backend["eu"]',
    "module.backend.module.api",
    'module.backend["eu"].module.api[3].module.core',
  ])("in %s, of a plan and of a state", (module) => {
    const address = `${module}.scaleway_container.api`
    const resources = [consumer("root"), inModule(module)]
    const both = ["scaleway_container.root", address]
    expect(connecting(fleetFromTerraform(plan(resources)))).toEqual(both)
    expect(connecting(fleetFromTerraform(state(resources)))).toEqual(both)
  })

  test("in sibling modules, with the same name", () => {
    const fleet = reading([inModule("module.a"), inModule("module.b"), inModule("module.b.module.a")])
    expect(connecting(fleet)).toEqual([
      "module.a.scaleway_container.api",
      "module.b.scaleway_container.api",
      "module.b.module.a.scaleway_container.api",
    ])
  })

  test("at any depth", () => {
    const module = Array.from({ length: 20_000 }, (_, depth) => `module.m${depth}`).reduceRight<object>(
      (child, address) => ({ address, child_modules: [child] }),
      {
        address: "module.last",
        resources: [{ ...inModule("module.last"), type: "scaleway_container", name: "api", mode: "managed" }],
      },
    )
    const fleet = fleetFromTerraform({
      format_version: "1.0",
      values: { root_module: { child_modules: [module] } },
    })
    expect(connecting(fleet)).toEqual(["module.last.scaleway_container.api"])
  })
})

describe("each instance counts", () => {
  test("of a count", () => {
    const fleet = reading(
      [0, 1, 2].map((index) => ({ ...consumer("api"), address: `scaleway_container.api[${index}]` })),
    )
    expect(connecting(fleet)).toHaveLength(3)
  })

  test("of a for_each, with its own size", () => {
    const fleet = reading(
      ["a", "b]c", 'd"e', "é.f"].map((key, index) => ({
        ...consumer("api", {
          environment_variables: {
            DATABASE_URL_CORE: "postgresql://h/core",
            PRISMA_POOL_SIZE_CORE: String(index + 1),
          },
        }),
        address: `scaleway_container.api[${JSON.stringify(key)}]`,
      })),
    )
    expect(sizes(fleet)).toEqual({
      'scaleway_container.api["a"]': 1,
      'scaleway_container.api["b]c"]': 2,
      'scaleway_container.api["d\\"e"]': 3,
      'scaleway_container.api["é.f"]': 4,
    })
  })

  test("and none of count = 0, of which only the code speaks", () => {
    const fields = {
      configuration: {
        root_module: {
          resources: [
            {
              address: "scaleway_container.api",
              mode: "managed",
              type: "scaleway_container",
              name: "api",
              expressions: { environment_variables: { constant_value: { DATABASE_URL_CORE: "x" } } },
              count_expression: { constant_value: 0 },
            },
          ],
        },
      },
    }
    expect(connecting(fleetFromTerraform(plan([], fields)))).toEqual([])
  })
})

test("a state has no deploy of its own: what is there counts, and once more for the next one", () => {
  const fleet = fleetFromTerraform(
    state([namespace, consumer("api", { max_scale: 3 }), job("sync"), container("widget")]),
  )
  expect(fleet.highest.consumers).toEqual({
    "scaleway_container.api": { instances: 3, surge: 3, poolSize: 10, poolsPerInstance: 1 },
  })
  expect(fleet.highest.jobs).toHaveLength(1)
})

describe("what a variable stands for", () => {
  const twice = { references: ["var.x", "var.x"] }
  const server = { module: "", managed: true, type: "scaleway_rdb_instance", name: "core" }
  const api = { managed: true, type: "scaleway_container", name: "api" }
  const counted = {
    resources: [{ mode: "managed", ...api, expressions: { environment_variables: twice, placed_by: twice } }],
  }

  test("is found when each of 60 modules passes it on twice", () => {
    const call = (expression: object, module: object) => ({
      module_calls: { m: { expressions: { x: expression }, module } },
    })
    const inner = Array.from({ length: 59 }).reduce<object>((module) => call(twice, module), counted)
    const root = call({ references: ["scaleway_rdb_instance.core.id"] }, inner)
    const module = Array.from({ length: 60 }, () => "module.m").join(".")
    const expressions = new Expressions(root)
    expect(expressions.references({ module, ...api }, "environment_variables")).toEqual([server])
    expect(expressions.isName({ module, ...api }, ["placed_by"])).toBe(true)
  })

  test("is nothing in the root, though something without a name calls it", () => {
    const root = { ...counted, module_calls: { "": { expressions: { x: twice } } } }
    expect(new Expressions(root).references({ module: "", ...api }, "environment_variables")).toEqual([])
  })
})

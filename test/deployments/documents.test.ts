import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { PoolConfigError } from "../../src/error.ts"
import { names, refusal } from "../support/bad-values.ts"
import { runs } from "../support/properties.ts"
import { plan, state } from "../support/terraform-plan.ts"
import { production } from "./production.ts"
import { CORE, connecting, consumer, container, job, server } from "./resources.ts"

const refused = (json: unknown) => {
  const [issue, ...others] = refusal(() => fleetFromTerraform(json)).issues
  expect(others).toEqual([])
  expect(issue?.name).toBe("terraform")
  expect(issue?.remedy).toBe("Give the output of `terraform show -json PLANFILE`, a plan or a state")
  return issue?.problem
}

describe("what is no plan and no state is refused, with what it is instead:", () => {
  test.each<[json: unknown, problem: string]>([
    [undefined, "received undefined"],
    [null, "received null"],
    [15, "received 15"],
    [true, "received true"],
    ['{"format_version":"1.2","password":"hunter2"}', "is a string, not parsed JSON"],
    [{}, "has no format_version, so it is another tool's JSON"],
    [{ version: 4, resources: [] }, "has no format_version, so it is another tool's JSON"],
    [{ name: "prisma-pool-config", version: "1.0.0" }, "has no format_version, so it is another tool's JSON"],
    [{ format_version: 1.2, planned_values: {} }, "has no format_version, so it is another tool's JSON"],
    [
      { version: 4, terraform_version: "1.14.3", serial: 3, lineage: "3f0c", outputs: {}, resources: [] },
      "is a state file in Terraform's own format",
    ],
    [
      { "@level": "info", "@message": "Terraform 1.14.3", type: "version", ui: "1.2" },
      "is a log of `terraform plan -json`",
    ],
    [{ ...plan([]), format_version: "2.0" }, "has a format_version of another major version"],
    [{ ...plan([]), format_version: "10.1" }, "has a format_version of another major version"],
    [{ ...plan([]), format_version: "1" }, "has a format_version of another major version"],
    [{ format_version: "1.0" }, "has neither planned_values nor values, like the state of an empty stack"],
    [
      { format_version: "1.0", provider_schemas: {} },
      "has neither planned_values nor values, like the state of an empty stack",
    ],
    [
      { format_version: "1.0", valid: true, diagnostics: [] },
      "has neither planned_values nor values, like the state of an empty stack",
    ],
    [
      { format_version: "1.2", planned_values: [] },
      "has neither planned_values nor values, like the state of an empty stack",
    ],
  ])("%j", (json, problem) => {
    expect(refused(json)).toBe(problem)
  })
})

test.each(["0.1", "0.2", "1.0", "1.2", "1.99"])(
  "format_version %s is read, and what it adds is ignored",
  (version) => {
    const json = { ...plan([server("main"), consumer("api")]), format_version: version, new_things: [1, 2] }
    expect(connecting(fleetFromTerraform(json))).toEqual(["scaleway_container.api"])
  },
)

test("what is null is not there", () => {
  const json = {
    ...state([consumer("api")]),
    planned_values: null,
    resource_changes: null,
    prior_state: null,
  }
  expect(connecting(fleetFromTerraform(json))).toEqual(["scaleway_container.api"])
})

test("the plan of nothing is no fleet", () => {
  const json = {
    format_version: "1.2",
    terraform_version: "1.11.4",
    planned_values: { root_module: {} },
    configuration: { root_module: {} },
    timestamp: "2026-11-24T15:26:15Z",
    applyable: false,
    complete: true,
    errored: false,
  }
  const fleet = fleetFromTerraform(json)
  expect(connecting(fleet)).toEqual([])
  expect(fleet.incomplete).toEqual([])
})

describe("what stands where it cannot is refused by its path:", () => {
  const api = { address: "scaleway_container.api", type: "scaleway_container", name: "api", mode: "managed" }
  const root = (resources: unknown) => ({ format_version: "1.0", values: { root_module: { resources } } })
  const change = (change: unknown) => ({ ...plan([]), resource_changes: [change] })
  const before = (before: object) =>
    plan([{ address: "scaleway_container.api", before: { ...before }, actions: ["delete"] }])

  test.each<[json: object, paths: string[]]>([
    [{ format_version: "1.0", values: {} }, ["values.root_module"]],
    [{ format_version: "1.0", values: { root_module: [] } }, ["values.root_module"]],
    [{ format_version: "1.0", values: { root_module: null } }, ["values.root_module"]],
    [{ ...plan([]), planned_values: { root_module: "x" } }, ["planned_values.root_module"]],
    [root({}), ["values.root_module.resources"]],
    [root("x"), ["values.root_module.resources"]],
    [root([15, null, [], "x"]), [0, 1, 2, 3].map((index) => `values.root_module.resources[${index}]`)],
    [root([{ ...api, address: 15 }]), ["values.root_module.resources[0]"]],
    [root([{ ...api, type: undefined }]), ["values.root_module.resources[0]"]],
    [root([{ ...api, values: [] }]), ["values.root_module.resources[0].values"]],
    [root([{ ...api, values: "x" }]), ["values.root_module.resources[0].values"]],
    [
      root([
        { ...api, values: {} },
        { ...api, values: {} },
      ]),
      ["values.root_module.resources[1].address"],
    ],
    [
      { format_version: "1.0", values: { root_module: { child_modules: [{ child_modules: {} }, 15] } } },
      ["values.root_module.child_modules[0].child_modules", "values.root_module.child_modules[1]"],
    ],
    [{ ...plan([]), resource_changes: {} }, ["resource_changes"]],
    [change(15), ["resource_changes[0]"]],
    [change({ ...api }), ["resource_changes[0].change"]],
    [change({ ...api, change: [] }), ["resource_changes[0].change"]],
    [change({ ...api, change: {} }), ["resource_changes[0].change.actions"]],
    [change({ ...api, change: { actions: "create" } }), ["resource_changes[0].change.actions"]],
    [change({ ...api, change: { actions: ["delete"], before: [] } }), ["resource_changes[0].change.before"]],
    [
      change({ ...api, change: { actions: ["update"], after_unknown: [] } }),
      ["resource_changes[0].change.after_unknown"],
    ],
    [{ ...plan([]), prior_state: [] }, ["prior_state"]],
    [{ ...plan([]), prior_state: { values: { root_module: [] } } }, ["prior_state.values.root_module"]],
    [
      plan([container("api", { environment_variables: [`DATABASE_URL_CORE=${CORE}`] })]),
      ["planned_values.root_module.resources[0].values.environment_variables"],
    ],
    [
      plan([container("api", { environment_variables: { DATABASE_URL_CORE: { value: CORE } } })]),
      ["planned_values.root_module.resources[0].values.environment_variables"],
    ],
    [
      plan([consumer("api", { max_scale: "many" })]),
      ["planned_values.root_module.resources[0].values.max_scale"],
    ],
    ...[-1, 1.5, 10_000_000, true, [], {}].map((max_scale): [object, string[]] => [
      plan([consumer("api", { max_scale })]),
      ["planned_values.root_module.resources[0].values.max_scale"],
    ]),
    [
      plan([job("sync", { timeout: 3600, cron: [{ schedule: ["0 3 * * *"], timezone: {} }] })]),
      ["timeout", "cron[0].schedule", "cron[0].timezone"].map(
        (name) => `planned_values.root_module.resources[0].values.${name}`,
      ),
    ],
    [plan([job("sync", { cron: "0 3 * * *" })]), ["planned_values.root_module.resources[0].values.cron"]],
    [
      plan([job("sync", { secret_reference: ["DATABASE_URL_CORE"] })]),
      ["planned_values.root_module.resources[0].values.secret_reference"],
    ],
    [plan([server("main", { settings: [] })]), ["planned_values.root_module.resources[0].values.settings"]],
    [
      before({ max_scale: "x", environment_variables: { DATABASE_URL_CORE: CORE } }),
      ["resource_changes[0].change.before.max_scale"],
    ],
  ])("%j", (json, paths) => {
    const error = refusal(() => fleetFromTerraform(json))
    expect(names(error)).toEqual(paths)
    expect(error.issues.every(({ problem }) => problem === "is not in Terraform's JSON format")).toBe(true)
  })

  test("a module that is within itself", () => {
    const module: Record<string, unknown> = { resources: [] }
    module["child_modules"] = [{ child_modules: [module] }]
    const json = { format_version: "1.0", values: { root_module: module } }
    expect(names(refusal(() => fleetFromTerraform(json)))).toEqual([
      "values.root_module.child_modules[0].child_modules[0]",
    ])
  })

  test("however many there are", () => {
    const resources = Array.from({ length: 200_000 }, () => 15)
    expect(refusal(() => fleetFromTerraform([root(resources), plan([])])).issues).toHaveLength(200_000)
  })
})

test("whatever else stands anywhere in a plan, there is a fleet or a PoolConfigError", () => {
  const places: (readonly (string | number)[])[] = []
  const collect = (value: unknown, path: readonly (string | number)[]) => {
    places.push(path)
    if (typeof value !== "object" || value === null) return
    for (const key of Object.keys(value)) {
      collect((value as Record<string, unknown>)[key], [...path, Array.isArray(value) ? Number(key) : key])
    }
  }
  const text = JSON.stringify(production())
  collect(JSON.parse(text), [])
  const strange = fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e300,
    "",
    "x",
    "__proto__",
    [],
    [null],
    [[]],
    {},
    { a: 1 },
    [{}],
  )
  fc.assert(
    fc.property(fc.constantFrom(...places), strange, (path, value) => {
      const json = { root: JSON.parse(text) }
      let at: Record<string | number, unknown> = json
      const all = ["root", ...path]
      for (const key of all.slice(0, -1)) at = at[key] as typeof at
      at[all.at(-1) ?? ""] = value
      try {
        fleetFromTerraform(json.root)
      } catch (error) {
        expect(error).toBeInstanceOf(PoolConfigError)
      }
    }),
    runs(400),
  )
})

describe("a plan that does not show everything says so:", () => {
  const incomplete = (fields: object) => fleetFromTerraform(plan([consumer("api")], { ...fields })).incomplete

  test.each<[fields: object, reasons: string[]]>([
    [{}, []],
    [{ complete: undefined, errored: undefined, deferred_changes: [] }, []],
    [{ errored: true }, ["errored: planning ended with an error"]],
    [{ complete: false }, ["complete: false, the plan leaves changes for a later one"]],
    [{ deferred_changes: [{}] }, ["deferred_changes: 1 resource not planned yet"]],
    [
      { errored: true, complete: false, deferred_changes: [{}, {}] },
      [
        "errored: planning ended with an error",
        "complete: false, the plan leaves changes for a later one",
        "deferred_changes: 2 resources not planned yet",
      ],
    ],
  ])("%j", (fields, reasons) => {
    expect(incomplete(fields)).toEqual(reasons)
  })

  const there = state([consumer("api"), consumer("web"), container("widget")])

  test("one that only refreshes, which has the whole fleet in its prior state alone", () => {
    const fields = { prior_state: there, planned_values: { root_module: {} }, resource_changes: undefined }
    expect(fleetFromTerraform(plan([], fields)).incomplete).toEqual([
      "resource_changes: 3 resources of prior_state are missing, as with -target and -refresh-only",
    ])
  })

  test("one of some targets, by whatever version", () => {
    const json = plan([consumer("api")], { prior_state: there, complete: undefined })
    expect(fleetFromTerraform(json).incomplete).toEqual([
      "resource_changes: 2 resources of prior_state are missing, as with -target and -refresh-only",
    ])
  })

  test("but not one in which resources have moved or are deleted", () => {
    const json = plan(
      [
        consumer("renamed", {}, { change: { previous_address: "scaleway_container.api" } }),
        { address: "scaleway_container.web", before: {}, actions: ["delete"] },
        { address: "scaleway_container.widget", before: {}, actions: ["forget"] },
      ],
      { prior_state: there },
    )
    expect(fleetFromTerraform(json).incomplete).toEqual([])
  })

  test("one of which somebody left the changes out, and with them what is unknown", () => {
    const { resource_changes: _, ...json } = plan([consumer("api")])
    expect(fleetFromTerraform(json).incomplete).toEqual([
      "resource_changes: 1 resource of planned_values are missing, so their unknown values are missing too",
    ])
  })

  test("and a state does not", () => {
    expect(fleetFromTerraform(there).incomplete).toEqual([])
  })
})

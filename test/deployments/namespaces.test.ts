import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CORE, connecting, container, sizes } from "./resources.ts"

const ID = "11111111-1111-1111-1111-111111111111"
const REGIONAL = `fr-par/${ID}`
const api = "scaleway_container.api"

const namespace = (values: object, address = "scaleway_container_namespace.main"): PlannedResource => ({
  address,
  values: { name: "main", ...values },
})
const CONNECTED = { environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "9" } }

/** Where a module calls another, and what its containers and variables refer to. */
interface Code {
  readonly references?: readonly string[]
  readonly calls?: Readonly<
    Record<string, { readonly passes: Readonly<Record<string, readonly string[]>>; readonly code: Code }>
  >
}

const moduleOf = ({ references, calls = {} }: Code): object => ({
  resources: references
    ? [
        {
          address: api,
          mode: "managed",
          type: "scaleway_container",
          name: "api",
          expressions: { namespace_id: { references } },
        },
      ]
    : [],
  module_calls: Object.fromEntries(
    Object.entries(calls).map(([name, { passes, code }]) => [
      name,
      {
        expressions: Object.fromEntries(
          Object.entries(passes).map(([key, references]) => [key, { references }]),
        ),
        module: moduleOf(code),
      },
    ]),
  ),
})

const read = (resources: readonly PlannedResource[], code: Code = {}) =>
  fleetFromTerraform(plan(resources, { configuration: { root_module: moduleOf(code) } }))

/** One that is created with its namespace. */
const created = container("api", { namespace_id: undefined }, { unknown: { namespace_id: true } })

describe("a container has what its namespace has, known by its id", () => {
  test.each([
    [REGIONAL, REGIONAL],
    [REGIONAL, ID],
    [ID, REGIONAL],
  ])("%s of %s", (namespace_id, id) => {
    expect(sizes(read([namespace({ id, ...CONNECTED }), container("api", { namespace_id })]))).toEqual({
      [api]: 9,
    })
  })

  test("secret or not", () => {
    const secret = { secret_environment_variables: { DATABASE_URL_CORE: CORE } }
    expect(sizes(read([namespace({ id: ID, ...secret }), container("api", { namespace_id: ID })]))).toEqual({
      [api]: 15,
    })
  })

  test("of another it has nothing", () => {
    const other = namespace({ id: "2", ...CONNECTED }, "scaleway_container_namespace.other")
    const fleet = read([namespace({ id: ID }), other, container("api", { namespace_id: ID })])
    expect(connecting(fleet)).toEqual([])
    // Whose containers are in no plan here.
    expect(fleet.unknowns.map(({ name }) => name)).toEqual([
      "scaleway_container_namespace.other",
      "max_connections",
    ])
  })

  test("read as a data source", () => {
    const data = {
      ...namespace({ id: REGIONAL, ...CONNECTED }, "data.scaleway_container_namespace.main"),
      mode: "data" as const,
    }
    expect(sizes(read([data, container("api", { namespace_id: REGIONAL })]))).toEqual({ [api]: 9 })
  })

  test("created here and read here, once", () => {
    const data = {
      ...namespace({ id: REGIONAL, ...CONNECTED }, "data.scaleway_container_namespace.main"),
      mode: "data" as const,
    }
    const fleet = read([
      namespace({ id: REGIONAL, ...CONNECTED }),
      data,
      container("api", { namespace_id: REGIONAL }),
    ])
    expect(sizes(fleet)).toEqual({ [api]: 9 })
  })

  test("and its own variables count before those", () => {
    const own = { namespace_id: ID, environment_variables: { PRISMA_POOL_SIZE_CORE: "4" } }
    expect(sizes(read([namespace({ id: ID, ...CONNECTED }), container("api", own)]))).toEqual({ [api]: 4 })
  })

  test("with an unknown value of its own, which may be any", () => {
    const unknown = { unknown: { environment_variables: { PRISMA_POOL_SIZE_CORE: true } } }
    const fleet = read([namespace({ id: ID, ...CONNECTED }), container("api", { namespace_id: ID }, unknown)])
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
  })

  test("with an unknown value of the namespace", () => {
    const unseen = {
      ...namespace({ id: ID }),
      unknown: { environment_variables: { DATABASE_URL_CORE: true } },
    }
    expect(sizes(read([unseen, container("api", { namespace_id: ID })]))).toEqual({ [api]: "1 to 10000" })
  })

  test("with an unknown map of the namespace: perhaps, with its own size", () => {
    const unseen = { ...namespace({ id: ID }), unknown: { environment_variables: true } as const }
    const own = { namespace_id: ID, environment_variables: { PRISMA_POOL_SIZE_CORE: "4" } }
    expect(sizes(read([unseen, container("api", own)]))).toEqual({ [api]: "nothing to 4" })
  })

  test("all containers of it", () => {
    const fleet = read([
      namespace({ id: ID, ...CONNECTED }),
      container("api", { namespace_id: ID }),
      container("admin", { namespace_id: ID }),
    ])
    expect(sizes(fleet)).toEqual({ [api]: 9, "scaleway_container.admin": 9 })
  })
})

describe("a namespace that is created with its containers has no id yet, and is known by the code", () => {
  const main = { references: ["scaleway_container_namespace.main.id", "scaleway_container_namespace.main"] }
  const other = namespace({ environment_variables: {} }, "scaleway_container_namespace.other")

  test("by name", () => {
    expect(sizes(read([namespace(CONNECTED), other, created], main))).toEqual({
      [api]: 9,
    })
  })

  test("and not the one that has the variable, where another is meant", () => {
    const references = ["scaleway_container_namespace.other.id", "scaleway_container_namespace.other"]
    expect(connecting(read([namespace(CONNECTED), other, created], { references }))).toEqual([])
  })

  test("with an index", () => {
    const indexed = namespace(CONNECTED, "scaleway_container_namespace.main[0]")
    const references = [
      "scaleway_container_namespace.main[0].id",
      "scaleway_container_namespace.main[0]",
      "scaleway_container_namespace.main",
    ]
    expect(sizes(read([indexed, other, created], { references }))).toEqual({ [api]: 9 })
  })

  test("one of several instances: perhaps", () => {
    const instances = [CONNECTED, {}].map((values, index) =>
      namespace(values, `scaleway_container_namespace.main[${index}]`),
    )
    const fleet = read([...instances, created], main)
    expect(sizes(fleet)).toEqual({ [api]: "nothing to 10000" })
    expect(fleet.unknowns.at(0)?.problem).toBe(
      "may be set: its environment is in a namespace that is known only after apply",
    )
  })

  test.each(["module.backend", "module.backend[0]", 'module.backend["a.module.b"]'])("in %s", (module) => {
    const code = { calls: { backend: { passes: {}, code: main } } }
    const inside = [
      namespace(CONNECTED, `${module}.scaleway_container_namespace.main`),
      { ...created, address: `${module}.${api}` },
    ]
    // The root has one of the same name, which is another one.
    expect(sizes(read([namespace({}), ...inside], code))).toEqual({ [`${module}.${api}`]: 9 })
  })

  test.each(["module.backend.module.api", 'module.backend["x"].module.api[1]'])(
    "through the variables of %s",
    (module) => {
      const code = {
        calls: {
          backend: {
            passes: { ns: ["scaleway_container_namespace.main.id", "scaleway_container_namespace.main"] },
            code: {
              calls: {
                api: { passes: { namespace_id: ["var.ns"] }, code: { references: ["var.namespace_id"] } },
              },
            },
          },
        },
      }
      const inside = { ...created, address: `${module}.${api}` }
      expect(sizes(read([namespace(CONNECTED), other, inside], code))).toEqual({ [`${module}.${api}`]: 9 })
      expect(connecting(read([namespace({}), { ...other, values: CONNECTED }, inside], code))).toEqual([])
    },
  )

  test("of code that cannot be followed: perhaps, where any of them has the variable", () => {
    for (const references of [["local.namespace"], ["module.ns.id", "module.ns"], []]) {
      const fleet = read([namespace(CONNECTED), other, created], { references })
      expect(sizes(fleet)).toEqual({ [api]: "nothing to 10000" })
      expect(connecting(read([namespace({}), other, created], { references }))).toEqual([])
    }
  })
})

describe("a namespace that is not in the plan", () => {
  test("may have anything, and what a container has itself counts before that", () => {
    const fleet = read([
      container("widget", { namespace_id: ID }),
      container("api", { namespace_id: ID, ...CONNECTED }),
    ])
    expect(sizes(fleet)).toEqual({ "scaleway_container.widget": "nothing to 10000", [api]: 9 })
    expect(fleet.unknowns[0]?.problem).toBe(
      "may be set: its environment is in a namespace that is not in this plan",
    )
  })

  test("is found in another plan that is given with it", () => {
    const fleet = fleetFromTerraform([
      plan([namespace({ id: REGIONAL, ...CONNECTED })]),
      plan([container("api", { namespace_id: REGIONAL })]),
    ])
    expect(sizes(fleet)).toEqual({ [`plans[1]: ${api}`]: 9 })
    expect(fleet.assumptions.map(({ name }) => name)).toEqual(["surge"])
  })
})

describe("before the plan is applied, a container has what its namespace then has:", () => {
  const before = { max_scale: 3, namespace_id: ID }

  test("a variable that this plan takes away still counts in the deploy", () => {
    const emptied = { ...namespace({ id: ID }), before: { id: ID, ...CONNECTED } }
    const fleet = read([emptied, container("api", before, { before })])
    expect(fleet.highest.consumers).toEqual({
      [`${api} (before this plan)`]: { instances: 0, surge: 3, poolSize: 9, poolsPerInstance: 1 },
    })
  })

  test("both of them deleted", () => {
    const deleted = { actions: ["delete"], before }
    const fleet = read([
      { address: "scaleway_container_namespace.main", actions: ["delete"], before: { id: ID, ...CONNECTED } },
      { address: api, ...deleted },
    ])
    expect(fleet.highest.consumers).toEqual({
      [`${api} (before this plan)`]: { instances: 0, surge: 3, poolSize: 9, poolsPerInstance: 1 },
    })
  })
})

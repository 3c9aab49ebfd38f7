import { describe, expect, test } from "vitest"
import { applyBaseline } from "../../src/declaration/apply-baseline.ts"
import { type AcknowledgedCause, type Baseline, readBaseline } from "../../src/declaration/baseline.ts"
import { deployedFleets } from "../../src/declaration/deployed-fleets.ts"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import { verdictOf } from "../../src/declaration/verdict.ts"
import { baselineOf } from "../../src/declaration/write-baseline.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { consumer, container, namespace, server } from "../deployments/resources.ts"
import { names, refusal } from "../support/bad-values.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"

const task = (name: string): PlannedResource => ({
  address: `aws_codebuild_project.${name}`,
  values: { container_definitions: "-e DATABASE_URL_CORE" },
})
const perhaps = (name: string) => container(name, {}, { unknown: { environment_variables: true } })

const documents = (...resources: readonly PlannedResource[]) => [
  readTerraform([{ name: "", json: plan([server("main"), namespace, ...resources]) }]),
]
const fleets = (...resources: readonly PlannedResource[]) => deployedFleets({}, documents(...resources))

function judged(resources: readonly PlannedResource[], baseline?: Baseline) {
  const [[, range] = []] = findFleetBounds({}, documents(...resources), baseline)
  if (range === undefined) throw new Error("no server")
  return { ...range, ...verdictOf(range, { deploy: "fail" }) }
}

const TASK: AcknowledgedCause = {
  cause: "type",
  address: "aws_codebuild_project.batch",
  reason: "5 in reserved",
  matches: 1,
}
const withEntry = (...acknowledged: readonly AcknowledgedCause[]): Baseline => ({ acknowledged, counted: [] })

describe("an acknowledged cause", () => {
  test("adds nothing, is shown, and decides nothing", () => {
    const resources = [consumer("api"), task("batch")]
    expect(judged(resources).verdict).toBe("unknown")
    const { verdict, unknowns, acknowledged, warnings } = judged(resources, withEntry(TASK))
    expect(verdict).toBe("fits")
    expect(unknowns).toEqual([])
    expect(acknowledged).toEqual([
      {
        name: TASK.address,
        problem: "has DATABASE_URL_CORE, and resources of type aws_codebuild_project are not read",
        reason: "5 in reserved",
      },
    ])
    expect(warnings).toEqual([])
  })

  test("takes out of the sum what is only there for it, before this plan too", () => {
    const entry = {
      ...TASK,
      cause: "environment",
      address: "scaleway_container.web",
      attribute: "DATABASE_URL_CORE",
    } as const
    const resources = [consumer("api"), perhaps("web")]
    expect(judged(resources).highest.consumers).toHaveProperty(["scaleway_container.web"])
    expect(judged(resources, withEntry(entry)).highest.total).toBe(10)
    const deleted = { address: "scaleway_container.web", before: { max_scale: 1 }, actions: ["delete"] }
    const unseen = { ...deleted, before: { ...deleted.before, secret_environment_variables_wo_version: 1 } }
    expect(judged([consumer("api"), unseen]).highest.deploy.total).toBeGreaterThan(20)
    expect(judged([consumer("api"), unseen], withEntry(entry)).highest.deploy.total).toBe(20)
  })

  test("may be a pattern, for what would be unknown and not for what is counted", () => {
    const entry = { ...TASK, address: "*", matches: 2 }
    const { verdict, highest } = judged([consumer("api"), task("a"), task("b")], withEntry(entry))
    expect(verdict).toBe("fits")
    expect(highest.total).toBe(10)
  })

  test.each([
    ["*.batch", 1],
    ["aws_*.*", 2],
    ["aws_codebuild_project.batch", 1],
    ["aws_codebuild_project.bat", 0],
    ["*atch*b*", 0],
    ["**", 2],
    ["aws_codebuild_project.*[*]", 0],
  ])("%s is for %i of two", (address, matches) => {
    const resources = [task("batch"), task("other")]
    const { acknowledged } = judged(resources, withEntry({ ...TASK, address, matches: 9 }))
    expect(acknowledged).toHaveLength(matches)
  })

  test("that matches more than it did acknowledges none of them", () => {
    const resources = [task("a"), task("b")]
    const { verdict, warnings, unknowns } = judged(resources, withEntry({ ...TASK, address: "aws_*" }))
    expect(verdict).toBe("unknown")
    expect(unknowns).toHaveLength(2)
    expect(warnings).toEqual([
      "pool.baseline.json: type of aws_* is acknowledged for 1, but there are 2: none of them is acknowledged",
    ])
  })

  test("that matches less than it did, or nothing, is named", () => {
    const entries = withEntry({ ...TASK, matches: 2 }, { ...TASK, address: "aws_instance.gone" })
    expect(judged([consumer("api"), task("batch")], entries).warnings).toEqual([
      "pool.baseline.json: type of aws_codebuild_project.batch is acknowledged for 2, but there are only 1: lower matches",
      "pool.baseline.json: type of aws_instance.gone is acknowledged, but no longer unknown: remove the entry",
    ])
  })

  test("is none of another cause, address or attribute", () => {
    const resources = [consumer("api"), perhaps("web")]
    const entry = { ...TASK, address: "scaleway_container.web" }
    for (const other of [
      { ...entry, attribute: "DATABASE_URL_CORE" },
      { ...entry, cause: "environment" as const },
      { ...entry, cause: "environment" as const, attribute: "DATABASE_URL" },
    ])
      expect(judged(resources, withEntry(other)).acknowledged).toEqual([])
  })
})

describe("what was counted, is still there, and connects no longer", () => {
  const baseline: Baseline = { acknowledged: [], counted: ["scaleway_container.api"] }

  test("makes the verdict unknown", () => {
    const environment_variables = { DATABASE_URL_MAIN_V2: "secret" }
    const { verdict, unknowns } = judged(
      [consumer("web"), container("api", { environment_variables })],
      baseline,
    )
    expect(verdict).toBe("unknown")
    expect(unknowns).toMatchObject([{ cause: "no longer counted", name: "scaleway_container.api" }])
  })

  test("also where it connected before this plan, and so counts in the deploy", () => {
    const before = consumer("api").values ?? {}
    const renamed = container("api", { environment_variables: { RENAMED: "x" } }, { before })
    expect(judged([consumer("web"), renamed], baseline).verdict).toBe("unknown")
  })

  test("is nothing where it is gone, but a word", () => {
    const { verdict, warnings } = judged([consumer("web")], baseline)
    expect(verdict).toBe("fits")
    expect(warnings).toEqual([
      "pool.baseline.json: scaleway_container.api was counted, but is no longer there",
    ])
  })

  test("is nothing where it connects", () => {
    expect(judged([consumer("api")], baseline)).toMatchObject({ verdict: "fits", warnings: [], unknowns: [] })
  })
})

describe("a baseline is written", () => {
  test("with what is unknown, and what is counted", () => {
    const written = baselineOf(
      fleets(consumer("b"), consumer("a"), task("batch")),
      undefined,
      "5 in reserved",
    )
    expect(written).toEqual({
      acknowledged: [TASK],
      counted: ["scaleway_container.a", "scaleway_container.b"],
    })
  })

  test("with one entry for the instances of a resource", () => {
    const resources = [0, 1].map((index) => perhaps(`web[${index}]`))
    expect(baselineOf(fleets(...resources), undefined, "x").acknowledged).toEqual([
      {
        cause: "environment",
        address: "scaleway_container.web[*]",
        attribute: "DATABASE_URL_CORE",
        reason: "x",
        matches: 2,
      },
    ])
  })

  test("so that the plan fits by it", () => {
    const resources = [consumer("api"), perhaps('web["a"]'), perhaps('web["b"]'), task("batch")]
    const written = baselineOf(fleets(...resources), undefined, "x")
    expect(judged(resources, written)).toMatchObject({ verdict: "fits", warnings: [], unknowns: [] })
    expect(applyBaseline(fleets(...resources), written)[0]?.acknowledged).toHaveLength(3)
  })

  test("never with a size, a count, a schedule or the ceiling", () => {
    const unsized = consumer("api", { environment_variables: { PRISMA_POOL_SIZE_CORE: "x" } }, {})
    const resources = [
      server("other", { settings: {} }),
      {
        ...unsized,
        values: { max_scale: 1, secret_environment_variables: { DATABASE_URL_CORE: "$argon2id$" } },
      },
    ]
    expect(baselineOf(fleets(...resources), undefined, undefined).acknowledged).toEqual([])
  })

  test("with the reasons that it had, and none for what is new", () => {
    const former = withEntry({ ...TASK, address: "aws_codebuild_project.*" })
    expect(baselineOf(fleets(task("batch")), former, undefined).acknowledged).toEqual([TASK])
    const error = refusal(() => baselineOf(fleets(task("batch"), perhaps("web")), former, undefined))
    expect(names(error)).toEqual(["scaleway_container.web"])
  })
})

test.each<[what: string, value: unknown, named: string]>([
  ["no object", [], "pool.baseline"],
  ["another cause", { acknowledged: [{ ...TASK, cause: "size" }], counted: [] }, "acknowledged[0].cause"],
  ["no reason", { acknowledged: [{ ...TASK, reason: " " }], counted: [] }, "acknowledged[0].reason"],
  ["no matches", { acknowledged: [{ ...TASK, matches: 0 }], counted: [] }, "acknowledged[0].matches"],
  ["an unknown field", { acknowledged: [], counted: [], more: 1 }, "more"],
  ["no list", { acknowledged: [], counted: "all" }, "counted"],
])("a baseline with %s is refused by name", (_, value, named) => {
  expect(names(refusal(() => readBaseline(value)))).toEqual([named])
})
